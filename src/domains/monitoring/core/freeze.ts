import { moments } from '#platform/stats';
import { monitoringErrors } from '../errors.ts';
import {
  type CategoryColumn,
  DAY_MS,
  type FrozenColumn,
  type FrozenReference,
  type NumericColumn,
  PREDICTION,
  type WatchedFeature,
} from '../model.ts';
import { binOf, quantileEdges } from './bins.ts';
import { derived } from './derive.ts';
import { freezePerformance } from './freeze-performance.ts';
import { rounded } from './rounded.ts';
import { isComparable } from './usual-psi.ts';

/** A column as a frame holds it. Missing: NaN, or code -1. */
type InputColumn =
  | { readonly type: 'number' | 'timestamp'; readonly values: ArrayLike<number> }
  | { readonly type: 'string'; readonly codes: ArrayLike<number>; readonly categories: readonly string[] };

interface ReferenceInput {
  /** Columns as the endpoint will be asked with, by name; all of one length. */
  readonly columns: Readonly<Record<string, InputColumn>>;
  /** When each row happened, ms since the epoch: what cuts the windows. */
  readonly times: ArrayLike<number>;
  /** What to watch; every column as it is by default. */
  readonly features?: readonly WatchedFeature[];
  /**
   * The model's answer to each row, NaN where it has none. Give answers to rows the model was *not* trained on: on its
   * training rows it looks better than it will ever be.
   */
  readonly predictions?: ArrayLike<number>;
  /** What happened, 0 or 1; NaN where unknown. Rows with a prediction and a label make up the expected performance. */
  readonly labels?: ArrayLike<number>;
  /** Length of a window; one day by default. */
  readonly windowMs?: number;
}

/** Categories that get a bin of their own, and how many more are remembered to tell new ones. */
const CATEGORY_BINS = 100;
const KNOWN_CATEGORIES = 10_000;
const QUANTILES = 200;

/**
 * Freezes what a model was trained and judged on, for its monitors to compare with. Pure and self-contained, so that a
 * training process can call it and send the result to the server.
 *
 * @throws MONITORING_REFERENCE_INVALID for no rows, a column of another length or a feature without its column
 * @example
 * const reference = freezeReference({
 *   columns: frame.columns,
 *   times: frame.columns.date.values,
 *   features: [{ name: 'distance' }, { name: 'origin' }, { name: 'hour', from: 'date', derive: 'hour' }],
 *   predictions, // NaN for rows of the training split
 *   labels,
 * });
 */
export function freezeReference(input: ReferenceInput): FrozenReference {
  const { columns, times, windowMs = DAY_MS } = input;
  const rows = times.length;
  if (rows === 0) throw monitoringErrors.MONITORING_REFERENCE_INVALID({ problem: 'it has no rows' });
  const windows = cutWindows(times, windowMs);
  const features = input.features ?? Object.keys(columns).map((name) => ({ name }));
  const frozen: { column: FrozenColumn; bins: Int32Array }[] = features.map((feature) => {
    const column = inputOf(columns, feature, rows);
    return freezeColumn(feature, column, windows);
  });
  if (input.predictions) {
    assertLength(PREDICTION, input.predictions.length, rows);
    frozen.push(freezeColumn({ name: PREDICTION }, { type: 'number', values: input.predictions }, windows));
  }
  const { predictions, labels } = input;
  if (labels) assertLength('the labels', labels.length, rows);
  const performance =
    predictions && labels
      ? freezePerformance({
          predictions,
          labels,
          windowOf: windows.of,
          starts: windows.starts,
          segments: frozen.filter(({ column }) => column.name !== PREDICTION),
        })
      : null;
  const counts = new Float64Array(windows.starts.length);
  for (let row = 0; row < rows; row++) add(counts, windows.of[row] ?? 0);
  return {
    format: 1,
    windowMs,
    rows,
    windows: windows.starts.map((startMs, i) => ({ startMs, rows: counts[i] ?? 0 })),
    columns: frozen.map(({ column }) => column),
    performance,
  };
}

interface Windows {
  /** Starts of the windows that hold rows, ascending, and the index of each row's window. */
  readonly starts: readonly number[];
  readonly of: Int32Array;
}

function cutWindows(times: ArrayLike<number>, windowMs: number): Windows {
  const numbers = new Float64Array(times.length);
  const distinct = new Set<number>();
  for (let row = 0; row < numbers.length; row++) {
    const number = Math.floor((times[row] ?? Number.NaN) / windowMs);
    numbers[row] = number;
    distinct.add(number);
  }
  const ascending = [...distinct].sort((a, b) => a - b);
  if (!ascending.every(Number.isFinite)) {
    throw monitoringErrors.MONITORING_REFERENCE_INVALID({ problem: 'a row has no time' });
  }
  const indexOf = new Map(ascending.map((number, index) => [number, index]));
  const of = new Int32Array(numbers.length);
  numbers.forEach((number, row) => {
    of[row] = indexOf.get(number) ?? 0;
  });
  return { starts: ascending.map((number) => number * windowMs), of };
}

function inputOf(columns: ReferenceInput['columns'], feature: WatchedFeature, rows: number): InputColumn {
  const from = feature.from ?? feature.name;
  const column = columns[from];
  if (!column) throw monitoringErrors.MONITORING_REFERENCE_INVALID({ problem: `there is no column "${from}"` });
  assertLength(`column "${from}"`, column.type === 'string' ? column.codes.length : column.values.length, rows);
  return column;
}

function assertLength(what: string, length: number, rows: number): void {
  if (length === rows) return;
  throw monitoringErrors.MONITORING_REFERENCE_INVALID({ problem: `${what} has ${length} values for ${rows} rows` });
}

function freezeColumn(feature: WatchedFeature, input: InputColumn, windows: Windows) {
  const { name, from = name, derive = 'value' } = feature;
  const base = { name, from, derive };
  if (input.type === 'string') return freezeCategories(base, input, windows);
  const values = new Float64Array(input.values.length);
  for (let row = 0; row < values.length; row++) values[row] = derived(derive, input.values[row] ?? Number.NaN);
  return freezeNumbers(base, values, windows);
}

type Named = Pick<FrozenColumn, 'name' | 'from' | 'derive'>;

function freezeNumbers(named: Named, values: Float64Array, windows: Windows) {
  const sorted = values.filter(Number.isFinite).sort();
  const edges = quantileEdges(sorted).map(rounded);
  const bins = new Int32Array(values.length);
  values.forEach((value, row) => {
    bins[row] = Number.isFinite(value) ? binOf(edges, value) : -1;
  });
  const { mean, variance } = moments(sorted);
  const at = (i: number) => rounded(sorted[Math.floor(((i + 0.5) / QUANTILES) * sorted.length)] ?? 0);
  const column: NumericColumn = {
    ...named,
    kind: 'numeric',
    ...tally('numeric', bins, edges.length + 1, windows),
    edges,
    min: sorted[0] ?? 0,
    max: sorted.at(-1) ?? 0,
    mean: sorted.length > 0 ? rounded(mean) : 0,
    deviation: sorted.length > 1 ? rounded(Math.sqrt(variance)) : 0,
    quantiles: sorted.length > 0 ? Array.from({ length: QUANTILES }, (_, i) => at(i)) : [],
  };
  return { column, bins };
}

function freezeCategories(named: Named, input: Extract<InputColumn, { type: 'string' }>, windows: Windows) {
  const totals = new Float64Array(input.categories.length);
  for (let row = 0; row < input.codes.length; row++) add(totals, input.codes[row] ?? -1);
  const seen = input.categories
    .map((category, code) => ({ category, code, rows: totals[code] ?? 0 }))
    .filter(({ category, rows }) => rows > 0 && category !== '')
    .sort((a, b) => b.rows - a.rows || (a.category < b.category ? -1 : 1));
  const kept = seen.slice(0, CATEGORY_BINS);
  const rest = seen.slice(CATEGORY_BINS);
  const binOfCode = new Int32Array(input.categories.length).fill(-1);
  for (const { code } of rest) binOfCode[code] = kept.length;
  kept.forEach(({ code }, bin) => {
    binOfCode[code] = bin;
  });
  const bins = new Int32Array(input.codes.length);
  for (let row = 0; row < bins.length; row++) bins[row] = binOfCode[input.codes[row] ?? -1] ?? -1;
  const column: CategoryColumn = {
    ...named,
    kind: 'category',
    ...tally('category', bins, kept.length + 1, windows),
    categories: kept.map(({ category }) => category),
    others: rest.length <= KNOWN_CATEGORIES ? rest.map(({ category }) => category).sort() : null,
  };
  return { column, bins };
}

function tally(kind: FrozenColumn['kind'], bins: Int32Array, binCount: number, windows: Windows) {
  const counts = new Float64Array(binCount);
  const perWindow = windows.starts.map(() => new Float64Array(binCount));
  let missing = 0;
  for (let row = 0; row < bins.length; row++) {
    const bin = bins[row] ?? -1;
    if (bin < 0) {
      missing++;
      continue;
    }
    add(counts, bin);
    add(perWindow[windows.of[row] ?? 0] ?? counts, bin);
  }
  const frozen = { rows: bins.length - missing, counts: [...counts], windows: perWindow.map((window) => [...window]) };
  return { ...frozen, missing, comparable: isComparable({ ...frozen, kind }) };
}

function add(counts: Float64Array, at: number): void {
  if (at >= 0) counts[at] = (counts[at] ?? 0) + 1;
}
