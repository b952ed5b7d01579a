import type { FrozenColumn, FrozenPerformance, PerformanceFigures } from '../model.ts';
import { performanceFigures, shifted, tallySegments } from './figures.ts';
import { rounded } from './rounded.ts';

/** Windows with fewer labelled rows are left out: they would say more of chance than of days. */
const LEAST_ROWS = 30;

/** Realised performance of each window that has enough labelled rows of both labels; null when none has. */
export function freezePerformance(input: {
  readonly predictions: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  readonly windowOf: Int32Array;
  readonly starts: readonly number[];
  readonly segments: readonly { readonly column: FrozenColumn; readonly bins: Int32Array }[];
}): FrozenPerformance | null {
  const { predictions, labels, windowOf, starts, segments } = input;
  const rowsOf: number[][] = starts.map(() => []);
  for (let row = 0; row < windowOf.length; row++) {
    if (Number.isFinite(predictions[row]) && Number.isFinite(labels[row])) rowsOf[windowOf[row] ?? 0]?.push(row);
  }
  const windows = rowsOf.flatMap((rows, index) => {
    const y = Float64Array.from(rows, (row) => labels[row] ?? 0);
    const p = Float64Array.from(rows, (row) => predictions[row] ?? 0);
    const figures = performanceFigures(starts[index] ?? 0, y, p);
    const enough = rows.length >= LEAST_ROWS && figures.positives >= 2 && rows.length - figures.positives >= 2;
    return enough ? [{ rows, y, p, figures }] : [];
  });
  if (windows.length === 0) return null;
  const total = windows.reduce((sum, { figures }) => sum + figures.rows, 0);
  const positives = windows.reduce((sum, { figures }) => sum + figures.positives, 0);
  return {
    rate: rounded(positives / total),
    windows: windows.map(({ figures }) => roundedFigures(figures)),
    segments: Object.fromEntries(
      segments.map(({ column, bins }) => [
        column.name,
        windows.map(({ rows, y, p }) =>
          tallySegments(
            y,
            shifted(y, p),
            Int32Array.from(rows, (row) => bins[row] ?? -1),
            column.counts.length,
          ),
        ),
      ]),
    ),
  };
}

function roundedFigures(figures: PerformanceFigures): PerformanceFigures {
  const entries = Object.entries(figures).map(([name, value]) => [name, rounded(value)]);
  // The same keys with the same type of value.
  return Object.fromEntries(entries) as unknown as PerformanceFigures;
}
