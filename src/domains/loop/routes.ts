import { loopOperations as operations } from '#contract';
import { type Route, route } from '#platform/http';
import type { Loops } from './loop.ts';

/** The loop's operations, but for its timeline, which joins the monitor's figures and is a view of the server. */
export function loopRoutes(loops: Loops): readonly Route[] {
  return [
    route(operations.listLoops, async () => ({ loops: [...(await loops.list())] })),
    route(operations.createLoop, ({ body, principal }) => loops.create(body, principal.id)),
    route(operations.getLoop, ({ params }) => loops.get(params.loop)),
    route(operations.listTransitions, async ({ params }) => ({
      transitions: [...(await loops.listTransitions(params.loop))],
    })),
    route(operations.pauseLoop, ({ params, body, principal }) => loops.pause(params.loop, principal.id, body.reason)),
    route(operations.resumeLoop, ({ params, body, principal }) => loops.resume(params.loop, principal.id, body.reason)),
  ];
}
