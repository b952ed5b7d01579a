import { learningErrors } from '../../errors.ts';
import type { KeyPart, RawColumnType } from '../../model.ts';
import { columnOf, type Frame, numbersOf } from '../frame.ts';

/** Stands between the parts of a key's text: a control character that no name holds. */
export const KEY_SEPARATOR = '\u001f';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The epoch was a Thursday. */
const EPOCH_WEEKDAY = 3;

/** The rows of a frame by key: group of each row, the key's text of each group. */
export interface Grouping {
  readonly groupOf: Int32Array;
  readonly texts: readonly string[];
  /** The group by all parts but the last that each group lies in; 0 where there is but one part. */
  readonly parents: Int32Array;
}

/** The raw column of a part and its type. */
export function columnOfPart(part: KeyPart): { readonly name: string; readonly type: RawColumnType } {
  if (typeof part === 'string') return { name: part, type: 'string' };
  if ('hour' in part) return { name: part.hour, type: 'timestamp' };
  if ('weekday' in part) return { name: part.weekday, type: 'timestamp' };
  return { name: part.band, type: 'number' };
}

/** Groups rows by the first part, by the first two, and so on; the last entry is by all of them. */
export function groupByPrefixes(frame: Frame, parts: readonly KeyPart[]): Grouping[] {
  const groupings: Grouping[] = [];
  for (const part of parts) groupings.push(narrow(groupings.at(-1), codesOf(frame, part)));
  return groupings;
}

/** Groups rows by all parts. */
export function groupRows(frame: Frame, parts: readonly KeyPart[]): Grouping {
  return groupByPrefixes(frame, parts).at(-1) ?? groupByNothing(frame);
}

function groupByNothing(frame: Frame): Grouping {
  return { groupOf: new Int32Array(frame.rowCount), texts: [''], parents: Int32Array.of(0) };
}

interface PartCodes {
  readonly codes: Int32Array;
  readonly texts: readonly string[];
}

/** With few enough possible groups a table finds them, else a map. */
const LARGEST_TABLE = 1 << 22;

function narrow(above: Grouping | undefined, { codes, texts }: PartCodes): Grouping {
  const groupOf = new Int32Array(codes.length);
  const made: number[] = [];
  const possible = (above?.texts.length ?? 1) * texts.length;
  const table = possible <= LARGEST_TABLE ? new Int32Array(possible).fill(-1) : undefined;
  const map = new Map<number, number>();
  for (let row = 0; row < codes.length; row++) {
    const key = (above ? (above.groupOf[row] as number) : 0) * texts.length + (codes[row] as number);
    let group = table ? (table[key] as number) : (map.get(key) ?? -1);
    if (group < 0) {
      group = made.length;
      made.push(key);
      if (table) table[key] = group;
      else map.set(key, group);
    }
    groupOf[row] = group;
  }
  const parents = Int32Array.from(made, (key) => Math.floor(key / texts.length));
  const groupTexts = made.map((key, group) => {
    const text = texts[key % texts.length] as string;
    return above ? above.texts[parents[group] as number] + KEY_SEPARATOR + text : text;
  });
  return { groupOf, texts: groupTexts, parents };
}

function codesOf(frame: Frame, part: KeyPart): PartCodes {
  if (typeof part === 'string') return textCodes(frame, part);
  if ('hour' in part) return timeCodes(hoursOf(frame, part.hour), 24);
  if ('weekday' in part) return timeCodes(weekdaysOf(frame, part.weekday), 7);
  const codes = Int32Array.from(bandsOf(frame, part.band, part.bounds), (band) => band + 1);
  return { codes, texts: Array.from({ length: part.bounds.length + 2 }, (_, i) => String(i - 1)) };
}

/** Code 0 is ''; a missing text is the same. Texts are taken as the runtime of exported models takes them. */
function textCodes(frame: Frame, name: string): PartCodes {
  const column = columnOf(frame, name);
  if (column.type !== 'string') {
    throw learningErrors.LEARNING_COLUMN_TYPE({ column: name, type: column.type, expected: 'text' });
  }
  const categories = column.categories.map(asRuntimeText);
  const texts = [...new Set(['', ...categories])];
  const known = new Map(texts.map((text, code) => [text, code] as const));
  const codeOf = Int32Array.from(categories, (text) => known.get(text) ?? 0);
  return { codes: column.codes.map((code) => (code < 0 ? 0 : (codeOf[code] as number))), texts };
}

/** ONNX Runtime's binding hands text on as UTF-8 that ends at the first NUL. */
function asRuntimeText(text: string): string {
  const end = text.indexOf('\0');
  return (end < 0 ? text : text.slice(0, end)).toWellFormed();
}

function timeCodes(values: Float32Array, count: number): PartCodes {
  const texts = [...Array.from({ length: count }, (_, value) => String(value)), ''];
  return { codes: Int32Array.from(values, (value) => (Number.isNaN(value) ? count : value)), texts };
}

/** Hour of the day, UTC. */
export function hoursOf(frame: Frame, name: string): Float32Array {
  return Float32Array.from(timesOf(frame, name), (at) => Math.floor(modulo(at, DAY_MS) / HOUR_MS));
}

/** Day of the week, UTC, 0 is Monday. */
export function weekdaysOf(frame: Frame, name: string): Float32Array {
  return Float32Array.from(timesOf(frame, name), (at) =>
    Math.floor(modulo(at + EPOCH_WEEKDAY * DAY_MS, 7 * DAY_MS) / DAY_MS),
  );
}

/** How many bounds are at most the number; -1 for a missing one. */
export function bandsOf(frame: Frame, name: string, bounds: readonly number[]): Float32Array {
  const edges = Float32Array.from(bounds);
  return Float32Array.from(numbersOf(frame, name), (value) => {
    const single = Math.fround(value);
    if (Number.isNaN(single)) return -1;
    let band = 0;
    while (band < edges.length && (edges[band] as number) <= single) band++;
    return band;
  });
}

function timesOf(frame: Frame, name: string): Float64Array {
  const column = columnOf(frame, name);
  if (column.type === 'timestamp') return column.values;
  throw learningErrors.LEARNING_COLUMN_TYPE({ column: name, type: column.type, expected: 'a timestamp' });
}

/** The remainder that is never negative. */
function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
