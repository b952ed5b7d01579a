import type { LoggedMetric, Tracking } from '#domains/tracking';
import { isTrimtabError } from '#platform/kernel';
import { assertLength, assertName, checkedRunIn, runIn, truncated } from './checks.ts';
import { endpoint, type MlflowEndpoint } from './endpoint.ts';
import { invalid } from './errors.ts';
import { invalidValue, type Message } from './message.ts';
import { runTagIn } from './runs.ts';

const ROOT = '/2.0/mlflow/runs';
const MAX_PARAM_VALUE = 6000;
const MAX_METRICS = 1000;
const MAX_PARAMS_OR_TAGS = 100;
const MAX_IN_BATCH = 1000;

/** Metrics and params, written. */
export function loggingEndpoints(tracking: Tracking): readonly MlflowEndpoint[] {
  return [
    endpoint('POST', `${ROOT}/log-metric`, async ({ message }) => {
      const run = runIn(message);
      message.requiredText('key');
      message.requiredNumber('value');
      message.requiredInteger('timestamp');
      await tracking.logBatch(run, { metrics: [metricIn(message)] });
      return {};
    }),
    endpoint('POST', `${ROOT}/log-parameter`, async ({ message }) => {
      await tracking.logBatch(runIn(message), { params: new Map([paramIn(message)]) });
      return {};
    }),
    endpoint('POST', `${ROOT}/log-batch`, async ({ message }) => {
      const run = checkedRunIn(message);
      const metrics = metricsIn(message);
      const params = message.messages('params').map(paramIn);
      const tags = message.messages('tags').map(runTagIn);
      assertSizes(metrics.length, params.length, tags.length);
      assertUnique(params.map(([key]) => key));
      try {
        await tracking.logBatch(run, { metrics, params: new Map(params), tags: new Map(tags) });
      } catch (error) {
        throw paramsChanged(error) ?? error;
      }
      return {};
    }),
  ];
}

/** Metrics of a batch. What has the usual types is taken as it is: a message for each of a thousand costs time. */
function metricsIn(message: Message): readonly LoggedMetric[] {
  const items = message.raw('metrics');
  if (items === undefined) return [];
  if (!Array.isArray(items)) throw message.wrongType('metrics');
  const known = new Set<string>();
  let messages: readonly Message[] | undefined;
  return items.map((item: unknown, index) => {
    const plain = plainMetric(item);
    if (plain && known.has(plain.key)) return plain;
    messages ??= message.messages('metrics');
    const metric = metricIn(messages[index] as Message);
    known.add(metric.key);
    return metric;
  });
}

function plainMetric(item: unknown): LoggedMetric | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const { key, value, timestamp, step, model_id, dataset_name } = item as Record<string, unknown>;
  if (typeof key !== 'string' || typeof value !== 'number' || model_id !== undefined || dataset_name !== undefined) {
    return undefined;
  }
  if (!Number.isSafeInteger(timestamp) || (timestamp as number) < 0) return undefined;
  if (step !== undefined && !Number.isSafeInteger(step)) return undefined;
  return { key, value, step: (step as number | undefined) ?? 0, timestampMs: timestamp as number };
}

function metricIn(message: Message): LoggedMetric {
  const key = message.requiredText('key');
  const value = message.requiredNumber('value');
  const timestampMs = message.requiredInteger('timestamp');
  const step = message.integer('step') ?? 0;
  assertName(message.pathOf('name'), key);
  if (timestampMs < 0) {
    const shown = Number.isInteger(value) ? `${value}.0` : String(value);
    const hint = `metric '${key}' (value=${shown}). Timestamp must be a nonnegative long (64-bit integer) `;
    throw invalidValue(message.pathOf('timestamp'), timestampMs, hint);
  }
  assertLength('Metric name', key);
  const model = message.text('model_id') || undefined;
  const name = message.text('dataset_name');
  const digest = message.text('dataset_digest');
  return {
    ...{ key, value, step, timestampMs },
    ...(model === undefined ? {} : { model }),
    ...(name && digest ? { dataset: { name, digest } } : {}),
  };
}

function paramIn(message: Message): [string, string] {
  const key = message.requiredText('key');
  assertName(message.pathOf('key'), key);
  assertLength('Param key', key);
  return [key, truncated(message.text('value') ?? '', MAX_PARAM_VALUE)];
}

function assertSizes(metrics: number, params: number, tags: number): void {
  const sizes: readonly (readonly [string, number, number])[] = [
    ['metrics', MAX_METRICS, metrics],
    ['params', MAX_PARAMS_OR_TAGS, params],
    ['tags', MAX_PARAMS_OR_TAGS, tags],
    ['metrics, params, and tags', MAX_IN_BATCH, metrics + params + tags],
  ];
  for (const [what, limit, count] of sizes) {
    if (count <= limit) continue;
    throw invalid(
      `A batch logging request can contain at most ${limit} ${what}. Got ${count} ${what}. ` +
        `Please split up ${what} across multiple requests and try again.`,
    );
  }
}

function assertUnique(keys: readonly string[]): void {
  const repeated = keys.filter((key, index) => keys.indexOf(key) !== index);
  if (repeated.length === 0) return;
  throw invalid(
    `Duplicate parameter keys have been submitted: [${repeated.map((key) => `'${key}'`).join(', ')}]. ` +
      'Please ensure the request contains only one param value per param key.',
  );
}

/** A batch's refusal to change a param, which MLflow tells otherwise than that of a single param. */
function paramsChanged(error: unknown): Error | undefined {
  if (!isTrimtabError(error) || error.code !== 'TRACKING_PARAM_CHANGED') return undefined;
  const { run, key, value, given } = error.details;
  const changed = `[{'key': '${key}', 'old_value': '${value}', 'new_value': '${given}'}]`;
  return invalid(`Changing param values is not allowed. Params were already logged='${changed}' for run ID='${run}'.`);
}
