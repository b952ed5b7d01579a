import type { DataSchema, RuleResult } from '#contract';
import { quoteName, type Row } from '#platform/table';
import { readingOf } from '../core/quality/column-reading.ts';
import { type CompiledRules, compileRules, count, type RowRule, type WholeRule } from '../core/quality/rules.ts';
import { toCells } from './cells.ts';
import type { OpenTable } from './open-table.ts';
import { repeatedRows } from './repeated-rows.ts';

const EXAMPLES = 20;

/** A table held against a schema. */
export interface CheckedTable {
  readonly rules: readonly RuleResult[];
  readonly passed: boolean;
  /** Rows that break a failed rule of severity error, and of severity warning. */
  readonly failedRows: number;
  readonly warnedRows: number;
  /** Failed rules of severity error on single rows: id and SQL that is true for a breaking row of `numbered`. */
  readonly failing: readonly { readonly id: string; readonly sql: string }[];
  /** Failed rules of severity error on the table, which no choice of rows can mend. */
  readonly wholeFailures: readonly string[];
  readonly output: CompiledRules['output'];
}

interface Evaluated {
  readonly rule: RowRule;
  readonly sql: string;
  readonly failedRows: number;
  readonly passed: boolean;
  readonly result: RuleResult;
}

/** Counts in one pass which rows break which rule; rows that fail are looked at only where there are any. */
export async function checkTable(table: OpenTable, schema: DataSchema): Promise<CheckedTable> {
  const compiled = compileRules(schema, table.columns, table.rowCount);
  const predicates: { readonly rule: RowRule; readonly sql: string }[] = [];
  for (const [index, rule] of compiled.rows.entries()) {
    predicates.push({ rule, sql: await predicateOf(table, schema, rule, `broken_${index}`) });
  }
  const figures = await countBroken(table, predicates);
  const evaluated: Evaluated[] = [];
  for (const [index, { rule, sql }] of predicates.entries()) {
    const failedRows = Number(figures[`f${index}`] ?? 0);
    const passed = failedRows <= rule.maxFailedFraction * table.rowCount;
    const words = rowWords(rule, {
      failedRows,
      passed,
      rows: table.rowCount,
      low: figures[`lo${index}`],
      high: figures[`hi${index}`],
    });
    const examples = failedRows === 0 ? [] : await examplesOf(table, sql);
    const { id, column, severity } = rule;
    evaluated.push({
      rule,
      sql,
      failedRows,
      passed,
      result: { rule: id, column, severity, passed, failedRows, words, examples },
    });
  }
  const failed = evaluated.filter(({ passed }) => !passed);
  const failedOf = (severity: string) => failed.filter(({ rule }) => rule.severity === severity);
  const wholeFailures = compiled.whole.filter((rule) => !rule.passed && rule.severity === 'error').map(({ id }) => id);
  const rules = [...compiled.whole.map(wholeResult), ...evaluated.map(({ result }) => result)];
  return {
    rules: rules.sort((a, b) => Number(a.passed) - Number(b.passed)),
    passed: rules.every((rule) => rule.passed || rule.severity === 'warning'),
    failedRows: await countUnion(table, failedOf('error')),
    warnedRows: await countUnion(table, failedOf('warning')),
    failing: failedOf('error').map(({ rule, sql }) => ({ id: rule.id, sql })),
    wholeFailures,
    output: compiled.output,
  };
}

/** SQL that is true, never missing, for the rows of `numbered` that break a rule. */
async function predicateOf(table: OpenTable, schema: DataSchema, rule: RowRule, name: string): Promise<string> {
  if (rule.breaks.kind === 'predicate') return rule.breaks.sql;
  if (rule.breaks.kind === 'unlisted') {
    const { sql, literals } = rule.breaks;
    await table.session.run(`create or replace temp table ${name} as select unnest([${literals.join(', ')}]) as v`);
    return `(${sql} is not null and ${sql} not in (select v from ${name}))`;
  }
  const { columns, keep } = rule.breaks;
  const declared = new Map(schema.columns.map((column) => [column.name, column.type]));
  const values = columns.flatMap((wanted) => {
    const column = table.columns.find((known) => known.name === wanted);
    // Rows are compared as the schema reads them; what it cannot read is compared as it is.
    return column ? [readingOf(column, declared.get(wanted)).value ?? quoteName(wanted)] : [];
  });
  if (values.length < columns.length) return 'false';
  // A missing value of a unique column is no repetition; missing values of whole rows are equal.
  const where = rule.column === null ? undefined : `${values[0]} is not null`;
  await repeatedRows(table, { columns: values, table: name, ...(where ? { where } : {}) });
  const copies = keep === 'first' ? ' where copy > 1' : '';
  return `(${table.position} in (select position from ${name}${copies}))`;
}

async function countBroken(
  table: OpenTable,
  predicates: readonly { readonly rule: RowRule; readonly sql: string }[],
): Promise<Row> {
  const figures = predicates.flatMap(({ rule, sql }, index) => {
    if (sql === 'false') return [];
    const counted = `count(*) filter (${sql}) as f${index}`;
    if (!rule.told) return [counted];
    const { told } = rule;
    return [
      counted,
      `min(${told.sql}) filter (${sql}) as lo${index}`,
      `max(${told.sql}) filter (${sql}) as hi${index}`,
    ];
  });
  if (figures.length === 0) return {};
  const needsPosition = predicates.some(({ rule }) => rule.breaks.kind === 'repeated');
  const [row = {}] = await table.session.query(
    `select ${figures.join(', ')} from ${needsPosition ? table.numbered : table.sql}`,
  );
  return row;
}

async function countUnion(table: OpenTable, failed: readonly Evaluated[]): Promise<number> {
  const [only, ...others] = failed;
  if (!only) return 0;
  if (others.length === 0) return only.failedRows;
  const any = failed.map(({ sql }) => sql).join(' or ');
  const [row] = await table.session.query(`select count(*) as n from ${table.numbered} where ${any}`);
  return Number(row?.n ?? 0);
}

async function examplesOf(table: OpenTable, predicate: string): Promise<RuleResult['examples']> {
  const { position } = table;
  const rows = await table.session.query(
    `select * from ${table.numbered} where ${predicate} order by ${position} limit ${EXAMPLES}`,
  );
  return rows.map((row) => toCells(row, table));
}

function wholeResult(rule: WholeRule): RuleResult {
  const { id, column, severity, passed, expected, found } = rule;
  const words = passed ? `${expected}.` : `${expected}: ${found}.`;
  return { rule: id, column, severity, passed, failedRows: 0, words, examples: [] };
}

function rowWords(
  rule: RowRule,
  of: {
    readonly failedRows: number;
    readonly passed: boolean;
    readonly rows: number;
    readonly low: unknown;
    readonly high: unknown;
  },
): string {
  if (of.failedRows === 0) return `${rule.expected}: true of all ${count(of.rows)} rows.`;
  const broken = `${count(of.failedRows)} of ${count(of.rows)} rows ${of.failedRows === 1 ? 'breaks' : 'break'} it`;
  const written = (value: unknown) => (rule.told?.isTime ? new Date(Number(value)).toISOString() : String(value));
  const told = !rule.told
    ? ''
    : of.low === of.high
      ? `, with ${written(of.low)}`
      : `, with ${written(of.low)} to ${written(of.high)}`;
  const tolerated = of.passed ? `; up to ${Number((rule.maxFailedFraction * 100).toPrecision(3))} % are tolerated` : '';
  return `${rule.expected}: ${broken}${told}${tolerated}.`;
}
