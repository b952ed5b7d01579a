import type { TraceInfo, Tracing } from '#domains/tracing';
import type { Tracking } from '#domains/tracking';
import { sendFile } from '../artifacts/files.ts';
import { endpoint, type MlflowCall, type MlflowEndpoint } from '../endpoint.ts';
import { invalid, MlflowError } from '../errors.ts';
import type { Message } from '../message.ts';
import { offsetIn, pageToken } from '../paging.ts';
import { assessmentIn } from './assessment-json.ts';
import { assessmentEndpoints } from './assessments.ts';
import { evaluationDatasetEndpoints } from './datasets.ts';
import { traceMetricsEndpoints } from './metrics.ts';
import { oldTraceEndpoints } from './old-traces.ts';
import { textMap } from './texts.ts';
import { durationIn, timeIn } from './times.ts';
import { stateIn, traceFileJson, traceInfoJson, traceJson } from './trace-json.ts';

const ROOT = '/3.0/mlflow/traces';
const MAX_RESULTS = 500;
const DEFAULT_RESULTS = 100;

/** May refuse, by throwing, that a trace is written to that lies in another experiment than the call named. */
type AdmitTrace = (call: MlflowCall, experimentId: string) => void | Promise<void>;

interface TraceEndpointsOptions {
  readonly tracing: Tracing;
  readonly files: Pick<Tracking, 'filesAt'>;
  readonly admit: AdmitTrace;
}

/** Traces of programs that ask language models, and datasets by which these are judged. */
export function traceEndpoints({ tracing, files, admit }: TraceEndpointsOptions): readonly MlflowEndpoint[] {
  return [
    endpoint('POST', ROOT, async (call) => {
      const told = toldTrace(call.message);
      const info = await tracing.tellTrace(told, (experimentId) => admit(call, experimentId));
      return { trace: { trace_info: traceInfoJson(info) } };
    }),
    endpoint('POST', `${ROOT}/search`, ({ message }) =>
      searchTraces(tracing, message, locationsIn(message), traceInfoJson),
    ),
    endpoint('GET', `${ROOT}/get`, async ({ message }) => {
      const id = message.requiredText('trace_id');
      const partial = message.flag('allow_partial') ?? false;
      return { trace: traceJson(await (partial ? tracing.getTrace(id) : tracing.getWholeTrace(id))) };
    }),
    endpoint('GET', `${ROOT}/batchGet`, async ({ message }) => {
      const traces = await tracing.getWholeTraces(requiredTexts(message, 'trace_ids'));
      return traces.length === 0 ? {} : { traces: traces.map(traceJson) };
    }),
    endpoint('POST', `${ROOT}/batchGetInfos`, async ({ message }) => {
      const infos = await tracing.getTraceInfos(requiredTexts(message, 'trace_ids'));
      return infos.length === 0 ? {} : { trace_infos: infos.map(traceInfoJson) };
    }),
    endpoint('POST', `${ROOT}/calculate-filter-correlation`, async ({ message }) => {
      const found = await tracing.correlate(requiredTexts(message, 'experiment_ids'), {
        first: message.requiredText('filter_string1'),
        second: message.requiredText('filter_string2'),
        base: message.text('base_filter') ?? '',
      });
      return {
        npmi: jsonNumber(found.npmi),
        npmi_smoothed: jsonNumber(found.smoothed),
        filter1_count: found.first,
        filter2_count: found.second,
        joint_count: found.joint,
        total_count: found.total,
      };
    }),
    endpoint('POST', `${ROOT}/delete-traces`, ({ message }) => deleteTraces(tracing, message)),
    endpoint('GET', `${ROOT}/:trace_id`, async ({ path }) => ({
      trace: { trace_info: traceInfoJson(await tracing.getTraceInfo(path.trace_id ?? '')) },
    })),
    endpoint('PATCH', `${ROOT}/:trace_id/tags`, (call) => setTag(tracing, call)),
    endpoint('DELETE', `${ROOT}/:trace_id/tags`, (call) => deleteTag(tracing, call)),
    ...assessmentEndpoints(tracing),
    ...traceMetricsEndpoints(tracing),
    ...evaluationDatasetEndpoints(tracing),
    ...oldTraceEndpoints(tracing, { setTag, deleteTag, deleteTraces, searchTraces }),
    ...['/2.0', '/3.0'].map((version) => ({
      ...endpoint('GET', `${version}/mlflow/get-trace-artifact`, (call) => traceFile(tracing, files, call)),
      ajaxOnly: true,
    })),
  ];
}

function toldTrace(message: Message) {
  const info = message.message('trace')?.message('trace_info');
  if (!info) throw message.missing('trace');
  const startedAtMs = timeIn(info, 'request_time');
  if (startedAtMs === undefined) throw info.missing('request_time');
  return {
    id: info.requiredText('trace_id'),
    experimentId: experimentAt(info.message('trace_location')),
    state: stateIn(info, 'state'),
    clientRequestId: info.text('client_request_id') ?? null,
    startedAtMs,
    durationMs: durationIn(info, 'execution_duration') ?? null,
    requestPreview: info.text('request_preview') ?? null,
    responsePreview: info.text('response_preview') ?? null,
    metadata: textMap(info, 'trace_metadata'),
    tags: textMap(info, 'tags'),
    assessments: info.messages('assessments').map(assessmentIn),
  };
}

function experimentAt(location: Message | undefined): string {
  return location?.message('mlflow_experiment')?.text('experiment_id') ?? '';
}

function locationsIn(message: Message): readonly string[] {
  const locations = message.messages('locations');
  if (locations.length === 0) throw message.missing('locations');
  return locations.map(experimentAt).filter((id) => id !== '');
}

async function searchTraces(
  tracing: Tracing,
  message: Message,
  experimentIds: readonly string[],
  json: (info: TraceInfo) => object,
): Promise<object> {
  const limit = message.integer('max_results') || DEFAULT_RESULTS;
  if (limit < 0 || limit > MAX_RESULTS) {
    throw message.invalidValue('max_results', `It must be at most ${MAX_RESULTS}, and positive.`);
  }
  const { traces, nextOffset } = await tracing.searchTraces({
    experimentIds,
    filter: message.text('filter') ?? '',
    orderBy: message.texts('order_by'),
    offset: offsetIn(message),
    limit,
  });
  return {
    ...(traces.length === 0 ? {} : { traces: traces.map(json) }),
    ...(nextOffset === null ? {} : { next_page_token: pageToken(nextOffset) }),
  };
}

async function deleteTraces(tracing: Tracing, message: Message): Promise<object> {
  const experimentId = message.requiredText('experiment_id');
  const untilMs = message.integer('max_timestamp_millis');
  const limit = message.integer('max_traces');
  const ids = message.texts('request_ids');
  if (untilMs === undefined && ids.length === 0) {
    throw invalid('Either `max_timestamp_millis` or `trace_ids` must be specified.');
  }
  if (untilMs && ids.length > 0) {
    throw invalid('Only one of `max_timestamp_millis` and `trace_ids` can be specified.');
  }
  if (limit !== undefined && ids.length > 0) {
    throw invalid("`max_traces` can't be specified if `trace_ids` is specified.");
  }
  if (limit !== undefined && limit <= 0) throw invalid(`\`max_traces\` must be a positive integer, received ${limit}.`);
  const selection = ids.length > 0 ? { ids } : { untilMs, limit };
  return { traces_deleted: await tracing.deleteTraces(experimentId, selection) };
}

async function setTag(tracing: Tracing, { message, path }: MlflowCall): Promise<object> {
  const tag = [message.requiredText('key'), message.text('value') ?? ''] as const;
  await tracing.tagTrace(Object.values(path)[0] ?? '', new Map([tag]));
  return {};
}

async function deleteTag(tracing: Tracing, { message, path }: MlflowCall): Promise<object> {
  await tracing.untagTrace(Object.values(path)[0] ?? '', message.requiredText('key'));
  return {};
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What clients would find in the file of spans, which pages of MLflow ask for; or a file that was attached to a trace. */
async function traceFile(tracing: Tracing, files: Pick<Tracking, 'filesAt'>, call: MlflowCall): Promise<object> {
  const { message, request, reply } = call;
  const id = message.text('request_id');
  if (!id) throw new MlflowError('BAD_REQUEST', 'Request must include the "request_id" query parameter.');
  const path = message.text('path');
  if (path) {
    const file = { uri: await tracing.filesOfTrace(id), path: `attachments/${path}` };
    if (UUID.test(path)) return sendFile(files, file, request, reply);
    throw invalid(`Invalid attachment path: '${path}'. Attachment path must be a valid UUID.`);
  }
  const trace = await tracing.getTrace(id);
  reply.header('content-disposition', 'attachment; filename=traces.json');
  return traceFileJson(trace);
}

function requiredTexts(message: Message, name: string): readonly string[] {
  const texts = message.texts(name);
  if (texts.length === 0) throw message.missing(name);
  return texts;
}

function jsonNumber(value: number): number | string {
  return Number.isNaN(value) ? 'NaN' : value;
}
