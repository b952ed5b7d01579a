import type { Tracing } from '#domains/tracing';
import { endpoint, type MlflowEndpoint } from '../endpoint.ts';
import { invalid } from '../errors.ts';
import type { Message } from '../message.ts';

type Query = Parameters<Tracing['traceMetrics']>[0];
type Aggregation = Query['aggregations'][number];

const VIEWS = { TRACES: 'traces', SPANS: 'spans', ASSESSMENTS: 'assessments' } as const;
const KINDS = { COUNT: 'count', SUM: 'sum', AVG: 'avg', MIN: 'min', MAX: 'max' } as const;
const DEFAULT_RESULTS = 1000;
const MAX_RESULTS = 100_000;

/** What traces, spans and assessments amount to, over time and by what they have in common. */
export function traceMetricsEndpoints(tracing: Tracing): readonly MlflowEndpoint[] {
  return [
    endpoint('POST', '/3.0/mlflow/traces/metrics', async ({ message }) => {
      const query = queryIn(message);
      const points = await tracing.traceMetrics(query);
      const labels = message.messages('aggregations').map(labelOf);
      if (points.length === 0) return {};
      return {
        data_points: points.map(({ startMs, dimensions, values }) => ({
          metric_name: query.metric,
          dimensions: {
            ...(startMs === undefined ? {} : { time_bucket: isoSeconds(startMs) }),
            ...Object.fromEntries(query.dimensions.map((name, index) => [name, dimensions[index] ?? ''])),
          },
          values: Object.fromEntries(labels.map((label, index) => [label, values[index] ?? 0])),
        })),
      };
    }),
  ];
}

function queryIn(message: Message): Query {
  const experimentIds = message.texts('experiment_ids');
  if (experimentIds.length === 0) throw message.missing('experiment_ids');
  const aggregations = message.messages('aggregations');
  if (aggregations.length === 0) throw message.missing('aggregations');
  const seconds = message.integer('time_interval_seconds') || undefined;
  const [fromMs, toMs] = [message.integer('start_time_ms'), message.integer('end_time_ms')];
  if (seconds !== undefined && (seconds < 0 || fromMs === undefined || toMs === undefined)) {
    throw invalid('start_time_ms and end_time_ms are required if time_interval_seconds is set');
  }
  const limit = message.integer('max_results') || DEFAULT_RESULTS;
  if (limit < 0 || limit > MAX_RESULTS) throw message.invalidValue('max_results', `At most ${MAX_RESULTS}.`);
  return {
    experimentIds,
    view: oneOf(VIEWS, message, 'view_type'),
    metric: message.requiredText('metric_name'),
    aggregations: aggregations.map(aggregationIn),
    dimensions: message.texts('dimensions'),
    filters: message.texts('filters').map(filterIn),
    intervalMs: seconds === undefined ? undefined : seconds * 1000,
    ...{ fromMs, toMs, limit },
  };
}

function aggregationIn(message: Message): Aggregation {
  const name = message.requiredText('aggregation_type');
  if (name !== 'PERCENTILE') return { kind: oneOf(KINDS, message, 'aggregation_type') };
  const percentile = message.requiredNumber('percentile_value');
  if (percentile >= 0 && percentile <= 100) return { kind: 'percentile', percentile };
  throw message.invalidValue('percentile_value', 'It must lie between 0 and 100.');
}

/** As MLflow's clients look the value up. */
function labelOf(message: Message): string {
  const name = message.requiredText('aggregation_type');
  if (name !== 'PERCENTILE') return name;
  const percentile = message.requiredNumber('percentile_value');
  return `P${Number.isInteger(percentile) ? percentile.toFixed(1) : percentile}`;
}

/** `trace.status = 'OK'`, `trace.tag.env = "prod"`, `span.name = '...'`; other comparisons there are none. */
function filterIn(text: string): Query['filters'][number] {
  const found = /^\s*(trace|span|assessment)\.([^=!<>]+?)\s*=\s*(?:'([^']*)'|"([^"]*)")\s*$/.exec(text);
  const [, of, key, single, double] = found ?? [];
  if (of === undefined || key === undefined) {
    throw invalid(`Invalid filter: '${text}'. Expected one clause such as trace.status = 'OK'.`);
  }
  const plain = key.replace(/^(\w+)\.[`"](.*)[`"]$/, '$1.$2');
  return { of: of as 'trace' | 'span' | 'assessment', key: plain, value: single ?? double ?? '' };
}

function oneOf<Value>(values: Readonly<Record<string, Value>>, message: Message, field: string): Value {
  const name = message.requiredText(field);
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value !== undefined) return value;
  throw message.invalidValue(field, `It must be one of ${Object.keys(values).join(', ')}.`);
}

function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', '+00:00');
}
