import type { Tracking } from '#domains/tracking';
import type { Refusal } from '#platform/search';
import { experimentNumber } from './checks.ts';
import { endpoint, type MlflowEndpoint } from './endpoint.ts';
import { type ErrorWords, invalid, MlflowError } from './errors.ts';
import { loggedModelJson, statusIn } from './logged-model-json.ts';
import type { Message } from './message.ts';
import { offsetOf } from './paging.ts';

const ROOT = '/2.0/mlflow/logged-models';
const DEFAULT_RESULTS = 50;
const MAX_RESULTS = 50_000;

/** Models that runs log (MLflow 3). */
export function loggedModelEndpoints(tracking: Tracking): readonly MlflowEndpoint[] {
  return [
    endpoint('POST', ROOT, async ({ message, principal }) => {
      const request = {
        experiment: { id: experimentNumber(message.requiredText('experiment_id')) },
        name: message.text('name') || undefined,
        type: message.text('model_type') || undefined,
        sourceRun: message.text('source_run_id') || undefined,
        params: textsIn(message, 'params'),
        tags: textsIn(message, 'tags'),
      };
      return { model: loggedModelJson(await tracking.createLoggedModel(request, principal.id)) };
    }),
    endpoint('POST', `${ROOT}/search`, async ({ message }) => searchLoggedModels(tracking, message)),
    endpoint('GET', `${ROOT}/:model_id`, async ({ message, path }) => {
      const id = path.model_id ?? '';
      const model = await tracking.getLoggedModel(id);
      if (model.lifecycle === 'deleted' && !message.flag('allow_deleted')) throw notFound(id);
      return { model: loggedModelJson(model) };
    }),
    endpoint('PATCH', `${ROOT}/:model_id`, async ({ message, path }) => {
      const status = statusIn(message, 'status');
      return { model: loggedModelJson(await tracking.changeLoggedModel(path.model_id ?? '', { status })) };
    }),
    endpoint('DELETE', `${ROOT}/:model_id`, async ({ path }) => {
      await tracking.deleteLoggedModel(path.model_id ?? '');
      return {};
    }),
    endpoint('POST', `${ROOT}/:model_id/params`, async ({ message, path }) => {
      await tracking.changeLoggedModel(path.model_id ?? '', { params: textsIn(message, 'params') });
      return {};
    }),
    endpoint('PATCH', `${ROOT}/:model_id/tags`, async ({ message, path }) => {
      await tracking.changeLoggedModel(path.model_id ?? '', { tags: textsIn(message, 'tags') });
      return {};
    }),
    endpoint('DELETE', `${ROOT}/:model_id/tags/:tag_key`, async ({ path }) => {
      await tracking.changeLoggedModel(path.model_id ?? '', { removeTags: [path.tag_key ?? ''] });
      return {};
    }),
  ];
}

export const loggedModelWords: ErrorWords = {
  TRACKING_LOGGED_MODEL_NOT_FOUND: ({ model }) => ['RESOURCE_DOES_NOT_EXIST', notFoundText(String(model))],
  TRACKING_LOGGED_MODEL_NAME_INVALID: ({ name }) => [
    'INVALID_PARAMETER_VALUE',
    `Invalid model name ('${name}') provided. Model name must be a non-empty string and cannot contain the following ` +
      `characters: ('/', ':', '.', '%', '"', "'")`,
  ],
  TRACKING_LOGGED_MODEL_PARAM_CHANGED: ({ key, value, given, model }) => [
    'INVALID_PARAMETER_VALUE',
    `Changing param values is not allowed. Param with key='${key}' was already logged with value='${value}' for ` +
      `logged model ID='${model}'. Attempted logging new value '${given}'.`,
  ],
  TRACKING_LOGGED_MODEL_TAG_NOT_FOUND: ({ model, key }) => [
    'RESOURCE_DOES_NOT_EXIST',
    `No tag with key '${key}' found for model with ID '${model}'.`,
  ],
  TRACKING_LOGGED_MODEL_ORDER_INVALID: ({ field, entity }) => [
    'INVALID_PARAMETER_VALUE',
    `Invalid order by field name: ${field}${entity === 'attributes' ? '' : '. Only metrics are supported.'}`,
  ],
  TRACKING_LOGGED_MODEL_SEARCH_INVALID: (details) => [
    'INVALID_PARAMETER_VALUE',
    refusalText(details as unknown as Refusal),
  ],
};

function notFound(model: string): MlflowError {
  return new MlflowError('RESOURCE_DOES_NOT_EXIST', notFoundText(model));
}

function notFoundText(model: string): string {
  return `Logged model with ID '${model}' not found.`;
}

function refusalText({ text, problem, reason }: Refusal): string {
  if (reason.kind === 'entity') {
    return `Invalid entity type: '${reason.found}'. Expected one of ['attributes', 'metrics', 'params', 'tags'].`;
  }
  if (reason.kind === 'operator') {
    const { entity, key, type } = reason.field;
    const known = type === 'number' || type === 'time' ? NUMBER_OPERATORS : TEXT_OPERATORS;
    return `Invalid comparison operator for ${entity}.${key}: '${reason.found}'. Expected one of ${known}.`;
  }
  return `Invalid filter string: '${text}'. ${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`;
}

const NUMBER_OPERATORS = "('<', '<=', '>', '>=', '=', '!=')";
const TEXT_OPERATORS = "('=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN')";

/** Which search a token belongs to, and how far it came. */
interface PageToken {
  readonly experiment_ids: readonly string[];
  readonly filter_string: string | null;
  readonly order_by: readonly object[] | null;
  readonly datasets: readonly object[] | null;
  readonly offset: number;
}

async function searchLoggedModels(tracking: Tracking, message: Message) {
  const experimentIds = message.texts('experiment_ids');
  if (experimentIds.length === 0) throw message.missing('experiment_ids');
  const filter = message.text('filter') ?? '';
  const orders = message.messages('order_by').map((order) => ({
    field: order.text('field_name') ?? '',
    descending: !(order.flag('ascending') ?? true),
    datasetName: order.text('dataset_name') || undefined,
    datasetDigest: order.text('dataset_digest') || undefined,
  }));
  const datasets = message.messages('datasets').map((dataset) => {
    const name = dataset.text('dataset_name');
    if (!name) throw invalid('`dataset_name` in the `datasets` clause must be specified.');
    return { name, digest: dataset.text('dataset_digest') || undefined };
  });
  const search: Omit<PageToken, 'offset'> = {
    experiment_ids: experimentIds,
    filter_string: filter || null,
    order_by: orders.length === 0 ? null : orders,
    datasets: datasets.length === 0 ? null : datasets,
  };
  const token = message.text('page_token');
  const { models, nextOffset } = await tracking.searchLoggedModels({
    experiments: experimentIds.map((id) => ({ id: experimentNumber(id) })),
    ...{ filter, datasets, orderBy: orders },
    offset: token ? offsetIn(token, search) : 0,
    limit: limitIn(message),
  });
  const next = nextOffset === null ? {} : { next_page_token: tokenOf({ ...search, offset: nextOffset }) };
  return { ...(models.length === 0 ? {} : { models: models.map(loggedModelJson) }), ...next };
}

function limitIn(message: Message): number {
  const limit = message.integer('max_results') || DEFAULT_RESULTS;
  if (limit > 0 && limit <= MAX_RESULTS) return limit;
  throw message.invalidValue('max_results', `It must be between 1 and ${MAX_RESULTS}.`);
}

function tokenOf(token: PageToken): string {
  return Buffer.from(JSON.stringify(token)).toString('base64');
}

/** @throws MlflowError when the token is none, or of another search */
function offsetIn(text: string, search: Omit<PageToken, 'offset'>): number {
  const token = readToken(text);
  for (const [part, words] of Object.entries(TOKEN_PARTS)) {
    const key = part as keyof typeof TOKEN_PARTS;
    const [expected, found] = [JSON.stringify(search[key]), JSON.stringify(token[key] ?? null)];
    if (expected === found) continue;
    throw invalid(`${words}. Expected: ${expected}. Found: ${found.slice(0, 500)}`);
  }
  const offset = offsetOf(token);
  if (offset !== undefined) return offset;
  throw invalid(`Invalid page token: ${text.slice(0, 500)}`);
}

const TOKEN_PARTS = {
  experiment_ids: 'Experiment IDs in the page token do not match the requested experiment IDs',
  filter_string: 'Filter string in the page token does not match the requested filter string',
  order_by: 'Order by in the page token does not match the requested order by',
  datasets: 'Datasets in the page token do not match the requested datasets',
} as const;

function readToken(text: string): Partial<PageToken> {
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64').toString());
    if (typeof token === 'object' && token !== null) return token;
  } catch {
    // Told below, as for a text that is no object.
  }
  throw invalid(`Invalid page token: ${text.slice(0, 500)}`);
}

/** Texts by key; of one key twice the last counts. */
function textsIn(message: Message, name: string): Map<string, string> {
  return new Map(message.messages(name).map((item) => [item.requiredText('key'), item.text('value') ?? '']));
}
