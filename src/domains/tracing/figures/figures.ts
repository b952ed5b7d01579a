import { sql as raw } from 'kysely';
import type { Database } from '#platform/sql';
import { tracingErrors } from '../errors.ts';
import { placeSql, whereSql } from '../search/search.ts';
import { type Aggregation, aggregate } from './aggregate.ts';
import { type MetricView, VIEWS } from './views.ts';

interface MetricQuery {
  readonly experimentIds: readonly string[];
  readonly view: MetricView;
  /** E.g. `trace_count`, `latency` or `total_tokens`; see `views.ts`. */
  readonly metric: string;
  readonly aggregations: readonly Aggregation[];
  /** E.g. `trace_status` or `span_name`. */
  readonly dimensions: readonly string[];
  /** Equalities, all of which must hold. */
  readonly filters: readonly MetricFilter[];
  /** As in a search of traces. */
  readonly filter?: string | undefined;
  /** Points by time, one an interval, ms. */
  readonly intervalMs?: number | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly limit: number;
}

interface MetricFilter {
  /** What the key is of. */
  readonly of: 'trace' | 'span' | 'assessment';
  /** E.g. `status`, `tag.env` or `name`. */
  readonly key: string;
  readonly value: string;
}

interface MetricPoint {
  /** When its interval starts, ms since the epoch; undefined when not asked for by time. */
  readonly startMs: number | undefined;
  /** In the order asked for. */
  readonly dimensions: readonly string[];
  /** In the order of the aggregations; undefined where there is none. */
  readonly values: readonly (number | undefined)[];
}

/** What traces, their spans and their assessments amount to. */
export function createFigures(database: Database) {
  return {
    /** Points in the order of time and dimensions; what lacks a dimension counts nowhere. */
    async traceMetrics(query: MetricQuery): Promise<readonly MetricPoint[]> {
      const view = VIEWS[query.view];
      const metric = known(view.metrics, query.metric, 'metric_name');
      const dimensions = query.dimensions.map((name) => known(view.dimensions, name, 'dimension'));
      const conditions = [placeSql(query.experimentIds), whereSql(query.filter ?? '', database)];
      if (query.fromMs !== undefined) conditions.push(raw`t.started_at >= ${query.fromMs}`);
      if (query.toMs !== undefined) conditions.push(raw`t.started_at <= ${query.toMs}`);
      for (const { of, key, value } of query.filters) {
        if (of !== 'trace' && `${of}s` !== query.view) {
          const problem = `filtering by ${of} is only supported for the view ${of}s`;
          throw tracingErrors.TRACING_VALUE_INVALID({ field: 'filters', problem });
        }
        const filter = key.startsWith('tag.') || key.startsWith('metadata.') ? keyedFilter(key) : undefined;
        conditions.push(filter?.(value) ?? known(view.filters, `${of}.${key}`, 'filters')(value));
      }
      const columns = [raw`${view.at} as at`, raw`${metric.value} as value`];
      for (const [index, dimension] of dimensions.entries()) columns.push(raw`${dimension} as ${raw.ref(`d${index}`)}`);
      const { rows } = await raw<Readonly<Record<string, number | string | null>>>`
        select ${raw.join(columns)} from ${view.from} where ${raw.join(conditions, raw` and `)}
      `.execute(database.tables());
      const groups = new Map<string, { key: readonly (string | number)[]; values: number[] }>();
      for (const row of rows) {
        const value = metric.read(row.value ?? null);
        const key = dimensions.map((_, index) => row[`d${index}`] ?? null);
        if (value === undefined || key.includes(null)) continue;
        const { intervalMs } = query;
        const start = intervalMs === undefined ? 0 : Math.floor(Number(row.at) / intervalMs) * intervalMs;
        const whole = [start, ...key.map(String)];
        const group = groups.get(JSON.stringify(whole)) ?? { key: whole, values: [] };
        groups.set(JSON.stringify(whole), group);
        group.values.push(value);
      }
      return [...groups.values()]
        .sort((a, b) => compareKeys(a.key, b.key))
        .slice(0, query.limit)
        .map(({ key: [start, ...key], values }) => ({
          startMs: query.intervalMs === undefined ? undefined : Number(start),
          dimensions: key.map(String),
          values: query.aggregations.map((aggregation) => aggregate(values, aggregation)),
        }));
    },
  };
}

function keyedFilter(key: string) {
  const [kind, ...rest] = key.split('.');
  const table = raw.table(kind === 'tag' ? 'tracing_tag' : 'tracing_metadata');
  return (value: string) =>
    raw`exists (select 1 from ${table} x where x.trace = t.id and x.key = ${rest.join('.')} and x.value = ${value})`;
}

function known<Item>(items: Readonly<Record<string, Item>>, name: string, field: string): Item {
  const item = Object.hasOwn(items, name) ? items[name] : undefined;
  if (item !== undefined) return item;
  const problem = `"${name}" is none of ${Object.keys(items).sort().join(', ')}`;
  throw tracingErrors.TRACING_VALUE_INVALID({ field, problem });
}

function compareKeys(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at < 0 || (a[at] as string | number) < (b[at] as string | number) ? -1 : 1;
}
