import type { ColumnCheck, ColumnProfile, ColumnSchema, DataSchema, TableProfile, TableRule } from '#contract';
import type { Session } from '#platform/table';
import { isFloating, isMeasured, isTime } from '../core/quality/data-type.ts';
import { tailShares } from '../core/quality/outlier-limit.ts';
import { valueCountsSql } from '../core/quality/profile-sql.ts';
import { type ColumnTails, proposeChecks, proposeRules } from '../core/quality/propose-schema.ts';
import * as sql from '../core/quality/sql-text.ts';
import type { OpenTable } from './open-table.ts';
import { profiledColumn, quantilesOf } from './profiling.ts';

/** Values looked at on each end of a column, and allowed values listed. */
const EXTREMES = 1000;

/** What only the caller can know: the span of time a column may lie in, as instants. */
export interface KnownTimes {
  readonly column: string;
  readonly from?: string | number;
  readonly until?: string | number;
}

/** Proposes a schema for a table: what its columns show to hold, with limits that only what stands apart breaks. */
export async function inferSchema(
  table: OpenTable,
  profile: TableProfile,
  options: {
    readonly name: string;
    readonly commit: string;
    readonly path: string;
    readonly times: readonly KnownTimes[];
  },
): Promise<DataSchema> {
  const columns: ColumnSchema[] = [];
  for (const column of profile.columns) {
    const type = column.type as ColumnSchema['type'];
    const found = await lookCloser(table, column);
    const checks = [
      ...proposeChecks(column, profile.rows, found),
      ...options.times.filter((times) => times.column === column.name).map(timeCheck),
    ];
    columns.push({ name: column.name, type, required: true, checks: withoutTwins(checks) });
  }
  const rules: TableRule[] = proposeRules(profile);
  const inferredFrom = { commit: options.commit, path: options.path, rows: profile.rows };
  return { name: options.name, columns, extraColumns: 'warning', rules, inferredFrom };
}

function timeCheck({ from, until }: KnownTimes): ColumnCheck {
  return {
    kind: 'range',
    ...(from === undefined ? {} : { min: from }),
    ...(until === undefined ? {} : { below: until }),
    severity: 'error',
    note: 'The span of time was given.',
  };
}

/** What the caller knows comes last and wins over what was proposed. */
function withoutTwins(checks: readonly ColumnCheck[]): ColumnCheck[] {
  return [...new Map(checks.map((check) => [`${check.kind} ${check.severity}`, check])).values()];
}

async function lookCloser(table: OpenTable, profile: ColumnProfile): Promise<ColumnTails> {
  const column = table.columns.find(({ name }) => name === profile.name);
  if (!column || profile.count === 0) return {};
  const { session } = table;
  const plan = profiledColumn(column);
  const infinite = isFloating(column.type) ? await hasInfinite(table, column.name) : undefined;
  const listed = plan.type === 'string' && profile.distinct <= EXTREMES;
  if (!listed && !isMeasured(plan.type)) return { infinite };
  await session.run(`create or replace temp table value_counts as ${valueCountsSql(table.sql, plan)}`);
  if (listed) {
    const values = await session.query('select v, n from value_counts order by v');
    return { values: values.map(({ v, n }) => ({ value: String(v), rows: Number(n) })) };
  }
  const shares = tailShares(profile.count);
  if (!shares) return { infinite };
  const { innerShare, outerShare } = shares;
  const probabilities = [outerShare, innerShare, 0.25, 0.5, 0.75, 1 - innerShare, 1 - outerShare];
  const [lowOuter = 0, lowInner = 0, lowQuartile = 0, median = 0, highQuartile = 0, highInner = 0, highOuter = 0] =
    await quantilesOf(session, probabilities);
  const common = { ...shares, rows: profile.count, median, interquartileRange: highQuartile - lowQuartile };
  return {
    infinite,
    isTime: isTime(plan.type),
    low: {
      ...common,
      quartile: lowQuartile,
      inner: lowInner,
      outer: lowOuter,
      extremes: await extremes(session, 'asc'),
    },
    high: {
      ...common,
      quartile: highQuartile,
      inner: highInner,
      outer: highOuter,
      extremes: await extremes(session, 'desc'),
    },
  };
}

async function extremes(session: Session, order: 'asc' | 'desc') {
  const rows = await session.query(`select v, n from value_counts order by v ${order} limit ${EXTREMES}`);
  return rows.map(({ v, n }) => ({ value: Number(v), rows: Number(n) }));
}

async function hasInfinite(table: OpenTable, column: string): Promise<boolean> {
  const [row] = await table.session.query(`select count(*) as n from ${table.sql} where isinf(${sql.name(column)})`);
  return Number(row?.n) > 0;
}
