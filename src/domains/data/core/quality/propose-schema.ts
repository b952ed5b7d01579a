import type { ColumnCheck, ColumnProfile, TableProfile, TableRule } from '#contract';
import { outlierLimit, roomBeyond, type Tail } from './outlier-limit.ts';

/** What is known of a column beyond its profile. */
export interface ColumnTails {
  /** All values of a text column that has few. */
  readonly values?: readonly { readonly value: string; readonly rows: number }[];
  /** Whether a floating-point column holds an infinity; undefined for other columns. */
  readonly infinite?: boolean;
  readonly isTime?: boolean;
  readonly low?: Tail;
  readonly high?: Tail;
}

/** Share of rows that may hold a category not seen before: a new airport is no fault of the data, many are. */
const NEW_CATEGORIES = 0.001;
/** Rows below which a column without repetition is not taken for a key. */
const KEY_ROWS = 1000;

/**
 * Checks that a column's values suggest. Errors are only what the data shows beyond doubt: no missing values, no negative
 * ones, a fixed length, a key; and limits that part a few isolated values from the rest (see {@link outlierLimit}).
 * Everything else warns, with room beyond what was seen.
 */
export function proposeChecks(column: ColumnProfile, rows: number, found: ColumnTails): ColumnCheck[] {
  if (column.count === 0) return [];
  const checks: ColumnCheck[] = [presence(column, rows)];
  if (found.infinite === false) checks.push({ kind: 'finite', severity: 'error', note: 'No value was infinite.' });
  if (found.low && found.high) checks.push(...ranges(column, found.low, found.high, found.isTime ?? false));
  if (column.type === 'string') checks.push(...texts(column, found));
  const mayBeKey = column.type === 'string' || column.type === 'integer';
  if (mayBeKey && column.distinct === column.count && column.missing === 0 && rows >= KEY_ROWS) {
    checks.push({ kind: 'unique', severity: 'error', note: `No value was repeated in ${rows} rows.` });
  }
  return checks;
}

function presence(column: ColumnProfile, rows: number): ColumnCheck {
  if (column.missing === 0)
    return { kind: 'not-null', severity: 'error', note: `No value was missing in ${rows} rows.` };
  const share = column.missing / rows;
  // Three standard errors of the share that was seen.
  const most = Math.min(1, share + 3 * Math.sqrt((share * (1 - share)) / rows));
  const maxFailedFraction = Math.min(1, Number(most.toPrecision(2)) + 0.001);
  return {
    kind: 'not-null',
    severity: 'warning',
    maxFailedFraction,
    note: `${column.missing} of ${rows} values were missing.`,
  };
}

function ranges(column: ColumnProfile, low: Tail, high: Tail, isTime: boolean): readonly ColumnCheck[] {
  const below = outlierLimit(low);
  const above = outlierLimit(high);
  const written = (limit: number) => (isTime ? new Date(limit).toISOString() : limit);
  const checks: ColumnCheck[] = [];
  const smallest = Number(column.min);
  const neverNegative = !isTime && smallest >= 0;
  if (below || above || neverNegative) {
    const notes = [
      ...(below ? [`${below.rows} rows lie isolated below it`] : neverNegative ? ['no value was negative'] : []),
      ...(above ? [`${above.rows} rows lie isolated above it`] : []),
    ];
    checks.push({
      kind: 'range',
      ...(below ? { min: written(below.limit) } : neverNegative ? { min: 0 } : {}),
      ...(above ? { max: written(above.limit) } : {}),
      severity: 'error',
      note: `Of ${column.count} rows, ${notes.join('; ')}.`,
    });
  }
  // Times go on; what comes after the last one seen is no news.
  if (isTime) return checks;
  const floor = below || neverNegative ? {} : { min: roomBeyond(smallest, low.median) };
  const ceiling = above ? {} : { max: roomBeyond(Number(column.max), high.median) };
  if ('min' in floor || 'max' in ceiling) {
    const note = `Half as far again from the median as what was seen: ${column.min} to ${column.max}.`;
    checks.push({ kind: 'range', ...floor, ...ceiling, severity: 'warning', note });
  }
  return checks;
}

function texts(column: ColumnProfile, found: ColumnTails): readonly ColumnCheck[] {
  const checks: ColumnCheck[] = [];
  const singles = found.values?.filter(({ rows }) => rows === 1).length ?? 0;
  // A set of categories repeats itself: few values for the rows there are, and few of them seen only once.
  if (found.values && found.values.length <= column.count / 20 && singles <= found.values.length / 10) {
    checks.push({
      kind: 'allowed',
      values: found.values.map(({ value }) => value),
      severity: 'warning',
      maxFailedFraction: NEW_CATEGORIES,
      note: `The ${found.values.length} values of ${column.count} rows.`,
    });
  }
  const { lengths } = column;
  if (lengths && column.count >= 100) {
    const fixed = lengths.min === lengths.max;
    const max = fixed ? lengths.max : 2 * lengths.max;
    const min = fixed ? lengths.min : Math.min(1, lengths.min);
    checks.push({
      kind: 'length',
      min,
      max,
      severity: fixed ? 'error' : 'warning',
      note: `${lengths.min} to ${lengths.max} characters were seen.`,
    });
  }
  return checks;
}

/** Rules on the table that a profile suggests. */
export function proposeRules(profile: TableProfile): TableRule[] {
  const rules: TableRule[] = [
    {
      kind: 'row-count',
      min: Math.ceil(profile.rows / 10),
      max: profile.rows * 10,
      severity: 'warning',
      note: `There were ${profile.rows} rows.`,
    },
  ];
  // Where whole rows hardly ever repeat, a copy is suspicious; only people can say whether it is wrong.
  if (profile.rows >= 100 && profile.duplicateRows <= profile.rows / 100) {
    const note = `${profile.duplicateRows} rows were copies of another, ${profile.surplusRows} beyond the first of each.`;
    rules.push({ kind: 'unique-rows', keep: 'none', severity: 'warning', note });
  }
  return rules;
}
