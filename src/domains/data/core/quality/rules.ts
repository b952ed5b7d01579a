import type { ColumnCheck, ColumnSchema, DataSchema, RuleSeverity, TableRule } from '#contract';
import { readingOf, sqlTypeOfDeclared } from './column-reading.ts';
import { ConditionError, compileCondition } from './condition.ts';
import { dataTypeOf, type FileColumn, isFloating, isTime } from './data-type.ts';
import { parseInstant } from './instant.ts';
import * as sql from './sql-text.ts';

interface Rule {
  /** e.g. `delay.range`, `table.unique-rows` */
  readonly id: string;
  readonly column: string | null;
  readonly severity: RuleSeverity;
  /** What holds when the rule does, as the beginning of a sentence: `delay is at least -140`. */
  readonly expected: string;
}

/** A rule that single rows keep or break. */
export interface RowRule extends Rule {
  readonly maxFailedFraction: number;
  readonly breaks:
    | { readonly kind: 'predicate'; readonly sql: string }
    /** Values that are there and not among the literals: a list that may be long, to be looked up in a table. */
    | { readonly kind: 'unlisted'; readonly sql: string; readonly literals: readonly string[] }
    | { readonly kind: 'repeated'; readonly columns: readonly string[]; readonly keep: 'first' | 'none' };
  /** A number or time of a row whose smallest and largest value among the breaking rows is worth telling. */
  readonly told?: { readonly sql: string; readonly isTime: boolean };
}

/** A rule on the table, decided without looking at single rows. */
export interface WholeRule extends Rule {
  readonly passed: boolean;
  readonly found: string;
}

export interface CompiledRules {
  readonly rows: readonly RowRule[];
  readonly whole: readonly WholeRule[];
  /** All columns of the file as they are written to clean files, typed as the schema says. */
  readonly output: readonly { readonly name: string; readonly sql: string; readonly changed: boolean }[];
}

/**
 * Turns a checked schema into rules on the columns that a file has.
 *
 * @param rowCount of the file
 */
export function compileRules(schema: DataSchema, columns: readonly FileColumn[], rowCount: number): CompiledRules {
  const inFile = new Map(columns.map((column) => [column.name, column]));
  const declared = new Map(schema.columns.map((column) => [column.name, column]));
  const rows: RowRule[] = [];
  const whole: WholeRule[] = [];
  for (const column of schema.columns) {
    const found = inFile.get(column.name);
    if (column.required) whole.push(presence(column.name, found !== undefined));
    if (found) rows.push(...columnRules(column, found));
  }
  if (schema.extraColumns !== 'allow') whole.push(extraColumns(schema.extraColumns, declared, columns));
  for (const rule of schema.rules) {
    if (rule.kind === 'row-count') whole.push(rowCountRule(rule, rowCount));
    else if (rule.kind === 'unique-rows') rows.push(uniqueRowsRule(rule, columns));
    else {
      const compiled = conditionRule(rule, columns, declared);
      if ('passed' in compiled) whole.push(compiled);
      else rows.push(compiled);
    }
  }
  const output = columns.map((column) => {
    const reading = readingOf(column, declared.get(column.name)?.type);
    return { name: column.name, sql: reading.output, changed: reading.output !== sql.name(column.name) };
  });
  return { rows, whole, output };
}

function presence(column: string, passed: boolean): WholeRule {
  const found = passed ? 'it is' : 'the file has no such column';
  return { id: `${column}.present`, column, severity: 'error', expected: `${column} is present`, passed, found };
}

function extraColumns(
  severity: RuleSeverity,
  declared: ReadonlyMap<string, unknown>,
  columns: readonly FileColumn[],
): WholeRule {
  const extra = columns.filter(({ name }) => !declared.has(name)).map(({ name }) => name);
  const found = extra.length === 0 ? 'there are none' : `there are ${extra.slice(0, 20).join(', ')}`;
  const expected = 'There are no columns beyond those of the schema';
  return { id: 'table.extra-columns', column: null, severity, expected, passed: extra.length === 0, found };
}

function rowCountRule(rule: TableRule & { kind: 'row-count' }, rowCount: number): WholeRule {
  const { severity, min = 0, max = Number.POSITIVE_INFINITY } = rule;
  const limits = [
    ...(rule.min === undefined ? [] : [`at least ${count(rule.min)}`]),
    ...(rule.max === undefined ? [] : [`at most ${count(rule.max)}`]),
  ];
  return {
    id: ruleId('table', 'row-count', severity),
    column: null,
    severity,
    expected: `The table has ${limits.join(' and ')} rows`,
    passed: rowCount >= min && rowCount <= max,
    found: `it has ${count(rowCount)}`,
  };
}

function columnRules(column: ColumnSchema, found: FileColumn): readonly RowRule[] {
  const { value, mismatch } = readingOf(found, column.type);
  const name = column.name;
  const typeRule: RowRule = {
    id: `${name}.type`,
    column: name,
    severity: 'error',
    expected: `${name} is ${TYPE_WORDS[column.type]}${mismatch === undefined ? '' : `, which the file holds as ${found.type}`}`,
    maxFailedFraction: 0,
    breaks: { kind: 'predicate', sql: mismatch ?? 'false' },
  };
  if (value === undefined) return [typeRule];
  return [typeRule, ...column.checks.map((check) => checkRule(column, found, check, value))];
}

const TYPE_WORDS = {
  integer: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  date: 'a date',
  timestamp: 'a time',
  other: 'a value of another kind',
} as const;

function checkRule(column: ColumnSchema, found: FileColumn, check: ColumnCheck, value: string): RowRule {
  const { name } = column;
  const time = isTime(column.type);
  const common = {
    id: ruleId(name, check.kind, check.severity),
    column: name,
    severity: check.severity,
    maxFailedFraction: check.maxFailedFraction ?? 0,
  };
  const predicate = (sql: string) => ({ kind: 'predicate', sql: `coalesce(${sql}, false)` }) as const;
  switch (check.kind) {
    case 'not-null': {
      const raw = sql.name(name);
      const none = isFloating(found.type)
        ? ` or isnan(${raw})`
        : isTime(dataTypeOf(found.type))
          ? ` or not isfinite(${raw})`
          : '';
      return { ...common, expected: `${name} has a value`, breaks: predicate(`${raw} is null${none}`) };
    }
    case 'range': {
      const outside = [
        ...(check.min === undefined ? [] : [`${value} < ${literal(check.min, time)}`]),
        ...(check.max === undefined ? [] : [`${value} > ${literal(check.max, time)}`]),
        ...(check.below === undefined ? [] : [`${value} >= ${literal(check.below, time)}`]),
      ];
      const words = [
        ...(check.min === undefined ? [] : [`at least ${check.min}`]),
        ...(check.max === undefined ? [] : [`at most ${check.max}`]),
        ...(check.below === undefined ? [] : [`${time ? 'before' : 'below'} ${check.below}`]),
      ];
      const told = { sql: time ? sql.wholeMilliseconds(value) : value, isTime: time };
      return {
        ...common,
        expected: `${name} is ${words.join(' and ')}`,
        breaks: predicate(outside.join(' or ')),
        told,
      };
    }
    case 'allowed': {
      const literals = check.values.map((allowed) => literal(allowed, time));
      const shown = check.values.slice(0, 5).join(', ');
      const more = check.values.length > 5 ? ` and ${count(check.values.length - 5)} more` : '';
      const breaks = { kind: 'unlisted', sql: time ? sql.asTimestamp(value) : value, literals } as const;
      return { ...common, expected: `${name} is one of ${shown}${more}`, breaks };
    }
    case 'unique':
      return {
        ...common,
        expected: `${name} is never repeated`,
        breaks: { kind: 'repeated', columns: [name], keep: 'first' },
      };
    case 'length': {
      const { min = 0, max } = check;
      const upper = max === undefined ? '' : ` or length(${value}) > ${max}`;
      const words = max === undefined ? `at least ${min}` : min === max ? `${max}` : `${min} to ${max}`;
      return {
        ...common,
        expected: `${name} has ${words} characters`,
        breaks: predicate(`length(${value}) < ${min}${upper}`),
      };
    }
    case 'pattern': {
      const matches = `regexp_full_match(${value}, ${sql.text(check.pattern)})`;
      return { ...common, expected: `${name} matches ${check.pattern}`, breaks: predicate(`not ${matches}`) };
    }
    case 'finite': {
      const finite = isFloating(found.type)
        ? `not isfinite(${sql.name(name)})`
        : `not isfinite(cast(${value} as double))`;
      return { ...common, expected: `${name} is neither NaN nor infinite`, breaks: predicate(finite) };
    }
  }
}

function uniqueRowsRule(rule: TableRule & { kind: 'unique-rows' }, columns: readonly FileColumn[]): RowRule {
  const { severity, keep, maxFailedFraction = 0 } = rule;
  const subject = rule.columns === undefined ? 'No row' : `No row, by ${rule.columns.join(', ')},`;
  const names = rule.columns ?? columns.map(({ name }) => name);
  return {
    id: ruleId('table', 'unique-rows', severity),
    column: null,
    severity,
    expected: `${subject} ${keep === 'first' ? 'repeats an earlier one' : 'is a copy of another'}`,
    maxFailedFraction,
    breaks: { kind: 'repeated', columns: names, keep },
  };
}

/** A condition was understood when its schema was checked; here it can only miss a column that the file has not. */
function conditionRule(
  rule: TableRule & { kind: 'condition' },
  columns: readonly FileColumn[],
  declared: ReadonlyMap<string, ColumnSchema>,
): RowRule | WholeRule {
  const common = { id: `table.${rule.name}`, column: null, severity: rule.severity, expected: rule.condition };
  const typed = columns.map((column) => ({ ...column, type: sqlTypeOf(declared.get(column.name), column) }));
  try {
    const condition = compileCondition(rule.condition, typed, (column) => {
      const original = columns.find(({ name }) => name === column.name) ?? column;
      return readingOf(original, declared.get(column.name)?.type).value ?? 'null';
    });
    const breaks = { kind: 'predicate', sql: `coalesce(not ${condition}, false)` } as const;
    return { ...common, maxFailedFraction: rule.maxFailedFraction ?? 0, breaks };
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    return { ...common, passed: false, found: error.message };
  }
}

/** The SQL type a column has once it is read as its schema says. */
function sqlTypeOf(declared: ColumnSchema | undefined, column: FileColumn): string {
  if (!declared || dataTypeOf(column.type) === declared.type) return column.type;
  return sqlTypeOfDeclared(declared.type);
}

function ruleId(subject: string, kind: string, severity: RuleSeverity): string {
  return severity === 'error' ? `${subject}.${kind}` : `${subject}.${kind}.warning`;
}

function literal(value: number | string | boolean, time: boolean): string {
  if (typeof value === 'boolean') return String(value);
  // A checked schema holds nothing but instants here.
  if (time) return sql.timestamp(parseInstant(value) ?? 0);
  return typeof value === 'number' ? sql.number(value) : sql.text(value);
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}
