import { sql as raw } from 'kysely';
import type { Database, Sql } from '#platform/sql';
import { type Correlation, correlationOf } from '../core/correlation.ts';
import { tracingErrors } from '../errors.ts';
import type { TraceInfo } from '../model.ts';
import { numberIn } from '../places.ts';
import { readInfos } from '../store/trace-store.ts';
import { conditionSql, orderSql } from './conditions.ts';
import { parseTraceFilter, parseTraceOrder } from './vocabulary.ts';

export interface TraceQuery {
  /** Numbers of experiments to look in; an unknown one holds nothing. */
  readonly experimentIds: readonly string[];
  readonly filter: string;
  /** Each a field, then `asc` or `desc`; what is equal comes latest first. */
  readonly orderBy: readonly string[];
  readonly offset: number;
  readonly limit: number;
}

export function createTraceSearch(database: Database) {
  return {
    /** Traces that match, in order, and where the next page starts. @throws TRACING_FILTER_INVALID */
    async searchTraces(query: TraceQuery): Promise<{ traces: readonly TraceInfo[]; nextOffset: number | null }> {
      const { offset, limit } = query;
      const ids = await findIds(database, { ...query, limit: limit + 1 });
      const traces = await readInfos(database, ids.slice(0, limit));
      return { traces, nextOffset: ids.length > limit ? offset + limit : null };
    },

    /** How much two filters go together among the traces of a third. @throws TRACING_FILTER_INVALID */
    async correlate(
      experimentIds: readonly string[],
      filters: { readonly first: string; readonly second: string; readonly base: string },
    ): Promise<Correlation> {
      const [first, second] = [filters.first, filters.second].map((text) => whereSql(text, database));
      const { rows } = await raw<{ total: number; first: number; second: number; joint: number }>`
        select count(*) as total, sum(case when ${first} then 1 else 0 end) as first,
          sum(case when ${second} then 1 else 0 end) as second,
          sum(case when ${first} and ${second} then 1 else 0 end) as joint
        from tracing_trace t where ${placeSql(experimentIds)} and ${whereSql(filters.base, database)}
      `.execute(database.tables());
      const counts = rows[0];
      return correlationOf({
        total: Number(counts?.total ?? 0),
        first: Number(counts?.first ?? 0),
        second: Number(counts?.second ?? 0),
        joint: Number(counts?.joint ?? 0),
      });
    },
  };
}

async function findIds(sql: Sql, query: TraceQuery): Promise<readonly string[]> {
  const orders = query.orderBy.map(parseTraceOrder);
  const keys = orders.map(({ field }) => `${field.entity}.${field.key}`);
  if (new Set(keys).size < keys.length) {
    const problem = 'it names a field twice';
    throw tracingErrors.TRACING_VALUE_INVALID({ field: `order_by ${JSON.stringify(query.orderBy)}`, problem });
  }
  const ties = [raw`t.started_at desc`, raw`t.id asc`];
  const { rows } = await raw<{ id: string }>`select t.id from tracing_trace t
    where ${placeSql(query.experimentIds)} and ${whereSql(query.filter, sql)}
    order by ${raw.join([...orders.map(orderSql), ...ties])}
    limit ${query.limit} offset ${query.offset}`.execute(sql.tables());
  return rows.map(({ id }) => id);
}

/** A filter as a condition over `tracing_trace t`. */
export function whereSql(filter: string, sql: Sql) {
  const condition = parseTraceFilter(filter);
  return condition ? conditionSql(condition, sql.dialect) : raw`true`;
}

export function placeSql(experimentIds: readonly string[]) {
  const numbers = experimentIds.flatMap((id) => numberIn(id) ?? []);
  return numbers.length === 0 ? raw`false` : raw`t.experiment in (${raw.join(numbers)})`;
}
