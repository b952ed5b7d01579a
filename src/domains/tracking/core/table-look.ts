import type { JsonLook, PreviewCell, TablePreview } from './json-look.ts';

/** A curve is read whole up to this many rows, and drawn from so many points. */
export const MAX_CURVE_ROWS = 50_000;
const MAX_CURVE_POINTS = 2_000;

const CURVES = [
  { kind: 'roc-curve', x: /^(fpr|false_positive_rate)$/i, y: /^(tpr|true_positive_rate)$/i },
  { kind: 'pr-curve', x: /^recall$/i, y: /^precision$/i },
] as const;
/** Columns that may stand beside those of a curve; any other says that the table is about something else. */
const CURVE_NAME = /^(class|label|name|curve|split|fold|positive_class)$/i;
const BESIDE_CURVE = /^(thresholds?|column0|index)$/i;

type Look = Pick<JsonLook, 'matrix' | 'curves'> & Pick<JsonLook, 'kind'>;

/** Whether a table may hold the points of a curve, by its columns alone. */
export function isCurve(columns: TablePreview['columns']): boolean {
  return curveColumns(columns) !== undefined;
}

/** What the rows of a table amount to besides a table: a ROC curve, a precision and recall curve, a confusion matrix. */
export function lookIntoTable(path: string, table: TablePreview): Look | undefined {
  return curvesIn(table) ?? matrixIn(path, table);
}

function curveColumns(columns: TablePreview['columns']) {
  for (const { kind, x, y } of CURVES) {
    const [xAt, yAt] = [x, y].map((wanted) => columns.findIndex(({ name }) => wanted.test(name)));
    if (xAt === undefined || yAt === undefined || xAt < 0 || yAt < 0) continue;
    const others = columns.filter((_, at) => at !== xAt && at !== yAt);
    const names = others.filter(({ name }) => CURVE_NAME.test(name));
    const isCertain = others.every(({ name }) => CURVE_NAME.test(name) || BESIDE_CURVE.test(name));
    if (isCertain && names.length <= 1) return { kind, xAt, yAt, nameAt: names[0] ? columns.indexOf(names[0]) : -1 };
  }
  return undefined;
}

function curvesIn({ columns, rows, totalRows }: TablePreview): Look | undefined {
  const found = curveColumns(columns);
  if (!found || totalRows !== rows.length || rows.length < 2) return undefined;
  const { kind, xAt, yAt, nameAt } = found;
  const named = Map.groupBy(rows, (row) => (nameAt < 0 ? '' : String(row[nameAt] ?? '')));
  const curves = [...named].map(([name, points]) => {
    const thinned = thin(points.filter((row) => isShare(row[xAt]) && isShare(row[yAt])));
    return { name, x: thinned.map((row) => Number(row[xAt])), y: thinned.map((row) => Number(row[yAt])) };
  });
  // A class has many points; metrics by class, one row each, are no curves.
  return curves.every(({ x }) => x.length > 1) ? { kind, curves } : undefined;
}

/** Every so many-th of the points, the first and the last among them. */
function thin<T>(points: readonly T[]): readonly T[] {
  if (points.length <= MAX_CURVE_POINTS) return points;
  const apart = (points.length - 1) / (MAX_CURVE_POINTS - 1);
  return Array.from({ length: MAX_CURVE_POINTS }, (_, at) => points[Math.round(at * apart)] as T);
}

/** Classes down the first column, the same across the header, and counts in between. */
function matrixIn(path: string, { columns, rows, totalRows }: TablePreview): Look | undefined {
  const labels = columns.slice(1).map(({ name }) => name);
  if (labels.length < 2 || totalRows !== labels.length || rows.length !== labels.length) return undefined;
  if (!rows.every((row, at) => isNamed(row[0], labels[at] ?? ''))) return undefined;
  const counts = rows.map((row) => row.slice(1));
  const isFit = /confusion/i.test(path) ? isNotNegative : isCount;
  if (!counts.every((row) => row.every(isFit))) return undefined;
  return { kind: 'confusion-matrix', matrix: { labels, counts: counts as number[][] } };
}

/** Flags are flags to a reader of tables, whatever words stood for them. */
function isNamed(cell: PreviewCell | undefined, label: string): boolean {
  return typeof cell === 'boolean' ? cell === /^(true|t|yes|y|1)$/i.test(label) : String(cell) === label;
}

function isShare(cell: PreviewCell | undefined): boolean {
  return typeof cell === 'number' && cell >= 0 && cell <= 1;
}

function isNotNegative(cell: PreviewCell): boolean {
  return typeof cell === 'number' && cell >= 0;
}

function isCount(cell: PreviewCell): boolean {
  return isNotNegative(cell) && Number.isInteger(cell);
}
