import { pipelinesOperations as operations } from '#contract';
import { type Route, route } from '#platform/http';
import type { Pipelines } from './pipelines.ts';

const CONTENT_TYPE = { file: 'application/octet-stream', json: 'application/json' } as const;

export function pipelinesRoutes(pipelines: Pipelines): readonly Route[] {
  return [
    route(operations.listPipelines, async () => ({ pipelines: [...(await pipelines.listPipelines())] })),
    route(operations.putPipeline, ({ body, principal }) => pipelines.putPipeline(body, principal.id)),
    route(operations.getPipeline, ({ params, query }) => pipelines.getPipeline(params.pipeline, query.version)),
    route(operations.startRun, ({ params, body, principal }) =>
      pipelines.startRun(params.pipeline, body, principal.id),
    ),
    route(operations.listRuns, async ({ query }) => ({ runs: [...(await pipelines.listRuns(query))] })),
    route(operations.getRun, ({ params }) => pipelines.getRun(params.run)),
    route(operations.cancelRun, ({ params, body, principal }) =>
      pipelines.cancelRun(params.run, principal.id, body.reason),
    ),
    route(operations.rerun, ({ params, principal }) => pipelines.rerun(params.run, principal.id)),
    route(operations.explainStep, ({ params }) => pipelines.explainStep(params.run, params.step)),
    route(operations.readLog, ({ params, query }) =>
      pipelines.readLog(params.run, params.step, query.offset, query.attempt),
    ),
    route(operations.followLog, ({ params, query, signal }) =>
      pipelines.followLog(params.run, params.step, query.offset ?? 0, signal),
    ),
    route(operations.readOutput, async ({ params }) => {
      const { stream, kind, sizeBytes } = await pipelines.readOutput(params.run, params.step, params.output);
      const headers = { 'content-disposition': `attachment; filename="${params.output}"` };
      return { stream, sizeBytes, contentType: CONTENT_TYPE[kind], headers };
    }),
    route(operations.putFile, ({ body }) => pipelines.putFile(body)),
  ];
}
