import type { Tracking } from '#domains/tracking';
import { assertLength, assertName, experimentNumber, experimentNumbers, runIn, truncated } from './checks.ts';
import { endpoint, type MlflowEndpoint } from './endpoint.ts';
import { invalid } from './errors.ts';
import type { Message } from './message.ts';
import { lifecycleIn, pageIn, tokenAfter } from './paging.ts';
import { runInfoJson, runText, STATE_NAMES, stateOf } from './run-json.ts';

const ROOT = '/2.0/mlflow/runs';
const MAX_TAG_VALUE = 8000;
const DEFAULT_RESULTS = 1000;
const NAME_TAG = 'mlflow.runName';
const HISTORY_TAG = 'mlflow.log-model.history';
const FORMAT = { name: 'mlflow', write: runText };

/** Runs: made, changed, put aside and found, with their tags. */
export function runEndpoints(tracking: Tracking): readonly MlflowEndpoint[] {
  return [
    endpoint('POST', `${ROOT}/create`, async ({ message, principal }) => {
      const startedAtMs = message.integer('start_time');
      const name = message.text('run_name') || undefined;
      const tags = new Map(message.messages('tags').map(runTagIn));
      const named = tags.get(NAME_TAG);
      if (name && named && name !== named) {
        const values = `(run_name='${name}', ${NAME_TAG}='${named}')`;
        throw invalid(
          `Both 'run_name' argument and '${NAME_TAG}' tag are specified, but with different values ${values}.`,
        );
      }
      const request = {
        experiment: { id: experimentNumber(message.text('experiment_id') || '0') },
        userId: message.text('user_id') ?? '',
        tags,
        ...(name === undefined ? {} : { name }),
        ...(startedAtMs === undefined ? {} : { startedAtMs }),
      };
      return `{"run":${runText(await tracking.createRun(request, principal.id))}}`;
    }),
    endpoint('GET', `${ROOT}/get`, async ({ message }) => `{"run":${runText(await tracking.getRun(runIn(message)))}}`),
    endpoint('POST', `${ROOT}/update`, async ({ message }) => {
      const run = runIn(message);
      const name = message.text('run_name') || undefined;
      const endedAtMs = message.integer('end_time');
      const status = statusIn(message);
      const changed = await tracking.updateRun(run, {
        ...(name === undefined ? {} : { name: truncated(name, MAX_TAG_VALUE) }),
        ...(endedAtMs === undefined ? {} : { endedAtMs }),
        ...(status === undefined ? {} : { status }),
      });
      return { run_info: runInfoJson(changed) };
    }),
    endpoint('POST', `${ROOT}/delete`, async ({ message }) => {
      await tracking.deleteRun(runIn(message));
      return {};
    }),
    endpoint('POST', `${ROOT}/restore`, async ({ message }) => {
      await tracking.restoreRun(runIn(message));
      return {};
    }),
    endpoint('POST', `${ROOT}/search`, async ({ message }) => searchRuns(tracking, message)),
    endpoint('POST', `${ROOT}/set-tag`, async ({ message }) => {
      const run = runIn(message);
      await tracking.logBatch(run, { tags: new Map([runTagIn(message)]) });
      return {};
    }),
    endpoint('POST', `${ROOT}/delete-tag`, async ({ message }) => {
      await tracking.deleteRunTag(runIn(message), message.requiredText('key'));
      return {};
    }),
    endpoint('POST', `${ROOT}/log-model`, async ({ message }) => {
      await noteModel(tracking, runIn(message), message.requiredText('model_json'));
      return {};
    }),
  ];
}

async function searchRuns(tracking: Tracking, message: Message): Promise<string> {
  const page = pageIn(message, DEFAULT_RESULTS);
  const request = {
    experimentIds: experimentNumbers(message.texts('experiment_ids')),
    filter: message.text('filter') ?? '',
    orderBy: message.texts('order_by'),
    lifecycle: lifecycleIn(message, 'run_view_type'),
    ...page,
  };
  const { texts, more } = await tracking.searchRunDocuments(request, FORMAT);
  const fields = texts.length === 0 ? [] : [`"runs":[${texts.join(',')}]`];
  if (more) fields.push(`"next_page_token":"${tokenAfter(page)}"`);
  return `{${fields.join(',')}}`;
}

/** A tag in a message; a long value loses its end, as in MLflow. */
export function runTagIn(message: Message): [string, string] {
  const key = message.requiredText('key');
  assertName(message.pathOf('key'), key);
  assertLength(message.pathOf('key'), key);
  return [key, truncated(message.text('value') ?? '', MAX_TAG_VALUE)];
}

/** A state that is none is refused; MLflow does nothing and says it was done. */
function statusIn(message: Message) {
  const value = message.raw('status');
  if (value === undefined) return undefined;
  const status = stateOf(value);
  if (status) return status;
  throw message.invalidValue('status', `It must be one of ${STATE_NAMES}.`);
}

/** Notes a model that a client of MLflow 2 logged, in the tag where such clients look for it. */
async function noteModel(tracking: Tracking, id: string, text: string): Promise<void> {
  const model = modelIn(text);
  const missing = ['artifact_path', 'flavors', 'utc_time_created', 'run_id'].filter((field) => !(field in model));
  if (missing.length > 0) {
    const fields = missing.map((field) => `'${field}'`).join(', ');
    throw invalid(`Model json is missing mandatory fields: {${fields}}`);
  }
  const { run_id, utc_time_created, artifact_path, model_uuid, flavors } = model;
  const noted = { run_id, artifact_path, utc_time_created, model_uuid, flavors: withoutConfig(flavors) };
  await tracking.changeRunTag(id, HISTORY_TAG, (history = '[]') => {
    const value = JSON.stringify([...listIn(history), noted]);
    // Cut off it would be no JSON any more.
    assertLength(HISTORY_TAG, value, MAX_TAG_VALUE);
    return value;
  });
}

/** The list that a text is; empty for what else somebody may have written into a tag. */
function listIn(text: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

function modelIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const model: unknown = JSON.parse(text);
    if (typeof model === 'object' && model !== null) return model as Record<string, unknown>;
  } catch {
    // Told below, as for a text that is no object.
  }
  throw invalid(`Malformed model info. \n ${text.slice(0, 2000)} \n is not a valid JSON.`);
}

function withoutConfig(flavors: unknown): unknown {
  if (typeof flavors !== 'object' || flavors === null) return flavors;
  const plain = Object.entries(flavors).map(([name, flavor]: [string, unknown]) => {
    if (typeof flavor !== 'object' || flavor === null) return [name, flavor];
    const { config: _, ...kept } = flavor as Record<string, unknown>;
    return [name, kept];
  });
  return Object.fromEntries(plain);
}
