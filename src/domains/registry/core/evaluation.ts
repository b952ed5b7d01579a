/** Figures of one part of an evaluation. */
export interface PartFigures {
  /** `overall`, or column and value. */
  readonly segment: string;
  readonly rows: number | null;
  readonly figures: ReadonlyMap<string, number>;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Figures of an evaluation, overall first. The registry keeps whatever the maker of a version wrote; read is what the
 * built-in training writes (`overall`, `segments`), with figures as numbers or as `{ value, low, high }`.
 */
export function figuresOf(evaluation: unknown): readonly PartFigures[] {
  if (!isFields(evaluation)) return [];
  const whole = isFields(evaluation.overall) ? evaluation.overall : evaluation.whole;
  const segments = Array.isArray(evaluation.segments) ? evaluation.segments.filter(isFields) : [];
  return [
    ...(isFields(whole) ? [partOf('overall', whole)] : []),
    ...segments.map((segment) => partOf(nameOf(segment), segment)),
  ];
}

function partOf(segment: string, fields: Fields): PartFigures {
  const figures = new Map<string, number>();
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'rows' || name === 'value') continue;
    const figure = numberOf(isFields(value) ? value.value : value);
    if (figure !== null) figures.set(name, figure);
  }
  const rows = numberOf(fields.rows);
  return { segment, rows: rows !== null && Number.isSafeInteger(rows) ? rows : null, figures };
}

function nameOf({ column, value }: Fields): string {
  return [column, value].filter((part) => typeof part === 'string' || typeof part === 'number').join(' ');
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
