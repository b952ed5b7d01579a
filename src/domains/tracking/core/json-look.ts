import type { ArtifactKind } from './artifact-kind.ts';

export type PreviewCell = string | number | boolean | null;

export interface TablePreview {
  readonly columns: readonly { readonly name: string; readonly type: 'number' | 'text' | 'flag' | 'other' }[];
  readonly rows: readonly (readonly PreviewCell[])[];
  /** Null when only its start was read. */
  readonly totalRows: number | null;
}

interface CurvePreview {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** What a JSON file turns out to be. */
export interface JsonLook {
  readonly kind: ArtifactKind;
  readonly table?: TablePreview;
  readonly chart?: unknown;
  readonly matrix?: { readonly labels: readonly string[]; readonly counts: readonly (readonly number[])[] };
  readonly curves?: readonly CurvePreview[];
}

/**
 * Looks into JSON: a table of MLflow's `log_table` or pandas (`{columns, data}`, or a list of records), a Plotly figure, a
 * Vega chart, a confusion matrix (`{labels, matrix}`), a ROC (`{fpr, tpr}`) or precision and recall curve.
 */
export function lookIntoJson(value: unknown, maxRows: number): JsonLook {
  if (Array.isArray(value)) {
    const table = recordTable(value, maxRows);
    return table ? { kind: 'table', table } : { kind: 'json' };
  }
  if (!isRecord(value)) return { kind: 'json' };
  const { columns, data, layout, $schema: schema } = value;
  if (isTexts(columns) && Array.isArray(data) && data.every(Array.isArray)) {
    return { kind: 'table', table: tableOf(columns, data as readonly unknown[][], maxRows) };
  }
  if (Array.isArray(data) && (layout === undefined || isRecord(layout)) && data.some(isTrace)) {
    return { kind: 'plotly', chart: { data, layout: layout ?? {} } };
  }
  if (typeof schema === 'string' && /\/vega(-lite)?\//.test(schema)) return { kind: 'vega', chart: value };
  return matrixLook(value) ?? curveLook(value) ?? { kind: 'json' };
}

function matrixLook(value: Readonly<Record<string, unknown>>): JsonLook | undefined {
  const counts = value.matrix ?? value.confusion_matrix ?? value.confusionMatrix;
  if (!Array.isArray(counts) || counts.length === 0) return undefined;
  if (!counts.every((row) => isNumbers(row) && row.length === counts.length)) return undefined;
  const told = value.labels ?? value.classes;
  const labels =
    Array.isArray(told) && told.length === counts.length ? told.map(String) : counts.map((_, index) => String(index));
  return { kind: 'confusion-matrix', matrix: { labels, counts: counts as number[][] } };
}

function curveLook(value: Readonly<Record<string, unknown>>): JsonLook | undefined {
  const named = Array.isArray(value.curves) ? value.curves : Object.values(value).some(isRecord) ? [] : [value];
  const kinds = [
    ['roc-curve', 'fpr', 'tpr'],
    ['pr-curve', 'recall', 'precision'],
  ] as const;
  for (const [kind, x, y] of kinds) {
    const curves = named.flatMap((one: unknown) => {
      if (!isRecord(one)) return [];
      const [xs, ys] = [one[x], one[y]];
      if (!isNumbers(xs) || !isNumbers(ys) || xs.length !== ys.length || xs.length === 0) return [];
      return [{ name: typeof one.name === 'string' ? one.name : '', x: xs, y: ys }];
    });
    if (curves.length > 0 && curves.length === named.length) return { kind, curves };
  }
  return undefined;
}

function recordTable(records: readonly unknown[], maxRows: number): TablePreview | undefined {
  if (records.length === 0 || !records.every(isRecord)) return undefined;
  const columns = [...new Set(records.slice(0, maxRows).flatMap((record) => Object.keys(record)))];
  const rows = records.map((record) => columns.map((column) => record[column]));
  return tableOf(columns, rows, maxRows);
}

function tableOf(columns: readonly string[], data: readonly (readonly unknown[])[], maxRows: number): TablePreview {
  const rows = data.slice(0, maxRows).map((row) => columns.map((_, index) => cellOf(row[index])));
  return {
    columns: columns.map((name, index) => ({ name, type: typeOf(rows.map((row) => row[index] ?? null)) })),
    rows,
    totalRows: data.length,
  };
}

/** A cell as JSON can hold it for the page: what is neither number, text nor flag stands as text. */
export function cellOf(value: unknown): PreviewCell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  return JSON.stringify(value) ?? null;
}

function typeOf(cells: readonly PreviewCell[]): TablePreview['columns'][number]['type'] {
  const types = new Set(cells.filter((cell) => cell !== null).map((cell) => typeof cell));
  if (types.size !== 1) return types.size === 0 ? 'other' : 'text';
  if (types.has('number')) return 'number';
  return types.has('boolean') ? 'flag' : 'text';
}

function isTrace(value: unknown): boolean {
  return isRecord(value) && (typeof value.type === 'string' || 'x' in value || 'y' in value || 'z' in value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}
