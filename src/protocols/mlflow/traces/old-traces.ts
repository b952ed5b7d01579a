import { randomUUID } from 'node:crypto';
import type { TraceInfo, Tracing } from '#domains/tracing';
import { endpoint, type MlflowCall, type MlflowEndpoint } from '../endpoint.ts';
import { invalid } from '../errors.ts';
import type { Message } from '../message.ts';
import { textPairs } from './texts.ts';
import { oldTraceInfoJson, stateIn } from './trace-json.ts';

const ROOT = '/2.0/mlflow/traces';

/** What both versions of the API do alike. */
interface Shared {
  readonly setTag: (tracing: Tracing, call: MlflowCall) => Promise<object>;
  readonly deleteTag: (tracing: Tracing, call: MlflowCall) => Promise<object>;
  readonly deleteTraces: (tracing: Tracing, message: Message) => Promise<object>;
  readonly searchTraces: (
    tracing: Tracing,
    message: Message,
    experimentIds: readonly string[],
    json: (info: TraceInfo) => object,
  ) => Promise<object>;
}

/** The second version of the API of traces, of which the third one's clients still use parts. */
export function oldTraceEndpoints(tracing: Tracing, shared: Shared): readonly MlflowEndpoint[] {
  return [
    endpoint('POST', ROOT, async ({ message }) => {
      const info = await tracing.tellTrace({
        id: randomUUID().replaceAll('-', ''),
        experimentId: message.requiredText('experiment_id'),
        state: 'in-progress',
        startedAtMs: message.requiredInteger('timestamp_ms'),
        ...{ clientRequestId: null, durationMs: null, requestPreview: null, responsePreview: null, assessments: [] },
        metadata: textPairs(message, 'request_metadata'),
        tags: textPairs(message, 'tags'),
      });
      return { trace_info: oldTraceInfoJson(info) };
    }),
    endpoint('PATCH', `${ROOT}/:request_id`, async ({ message, path }) => {
      const known = await tracing.getTraceInfo(path.request_id ?? '');
      const info = await tracing.tellTrace({
        ...known,
        state: stateIn(message, 'status'),
        durationMs: message.requiredInteger('timestamp_ms') - known.startedAtMs,
        metadata: textPairs(message, 'request_metadata'),
        tags: textPairs(message, 'tags'),
        assessments: [],
      });
      return { trace_info: oldTraceInfoJson(info) };
    }),
    endpoint('GET', ROOT, ({ message }) => {
      const experimentIds = message.texts('experiment_ids');
      if (experimentIds.length === 0) throw message.missing('experiment_ids');
      return shared.searchTraces(tracing, message, experimentIds, oldTraceInfoJson);
    }),
    endpoint('GET', `${ROOT}/:request_id/info`, async ({ path }) => ({
      trace_info: oldTraceInfoJson(await tracing.getTraceInfo(path.request_id ?? '')),
    })),
    endpoint('POST', `${ROOT}/delete-traces`, ({ message }) => shared.deleteTraces(tracing, message)),
    endpoint('PATCH', `${ROOT}/:request_id/tags`, (call) => shared.setTag(tracing, call)),
    endpoint('DELETE', `${ROOT}/:request_id/tags`, (call) => shared.deleteTag(tracing, call)),
    endpoint('POST', `${ROOT}/link-to-run`, async ({ message }) => {
      await tracing.linkTracesToRun(message.texts('trace_ids'), message.requiredText('run_id'));
      return {};
    }),
    endpoint('POST', `${ROOT}/link-prompts`, async ({ message }) => {
      const prompts = message.messages('prompt_versions').map((prompt) => ({
        name: prompt.requiredText('name'),
        version: versionIn(prompt),
      }));
      await tracing.linkPrompts(message.requiredText('trace_id'), prompts);
      return {};
    }),
  ];
}

function versionIn(prompt: Message): string {
  const version = prompt.requiredText('version');
  if (/^\d+$/.test(version)) return version;
  throw invalid(`Invalid version '${version}' of a prompt: it must be a number.`);
}
