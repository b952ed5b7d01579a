import { type Comparison, type Condition, type Field, type FieldValue, valueTest } from '#platform/search';
import type { RunLifecycle } from '../model.ts';
import { NumberColumn, TextColumn } from './column.ts';
import type { RunColumns } from './run-columns.ts';

/** Which runs are meant. */
export interface Selection {
  readonly lifecycle: RunLifecycle | 'all';
  readonly condition: Condition | undefined;
  /** Only runs that hold exactly these values; null: that lack the field. */
  readonly within?: readonly { readonly field: Field; readonly value: FieldValue | null }[];
}

/** Rows of runs that meet a selection. */
export function selectRows(table: RunColumns, { lifecycle, condition, within = [] }: Selection): Int32Array {
  const marks = table.marks(lifecycle);
  if (condition) keep(marks, marksOf(table, condition));
  for (const { field, value } of within) keep(marks, marksOf(table, exactly(field, value)));
  let count = 0;
  for (let row = 0; row < marks.length; row++) count += marks[row] as number;
  const rows = new Int32Array(count);
  for (let row = 0, next = 0; next < count; row++) if (marks[row] === 1) rows[next++] = row;
  return rows;
}

function exactly(field: Field, value: FieldValue | null): Condition {
  if (value === null) return { kind: 'missing', field };
  // A param is text here, even where it reads as a number.
  const text: Field = field.type === 'param' ? { ...field, type: 'text' } : field;
  return { kind: 'in', field: text, values: [value], negated: false };
}

function marksOf(table: RunColumns, condition: Condition): Uint8Array {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const [first, ...rest] = condition.parts.map((part) => marksOf(table, part));
      const marks = first ?? new Uint8Array(table.rows);
      for (const other of rest) {
        if (condition.kind === 'and') keep(marks, other);
        else for (let row = 0; row < marks.length; row++) if (other[row] === 1) marks[row] = 1;
      }
      return marks;
    }
    case 'not': {
      const marks = marksOf(table, condition.part);
      for (let row = 0; row < marks.length; row++) marks[row] = marks[row] === 1 ? 0 : 1;
      return marks;
    }
    case 'missing': {
      const marks = new Uint8Array(table.rows);
      const column = table.column(condition.field);
      for (let row = 0; row < marks.length; row++) marks[row] = column.get(row) === undefined ? 1 : 0;
      return marks;
    }
    default:
      return comparisonMarks(table, condition);
  }
}

function keep(marks: Uint8Array, other: Uint8Array): void {
  for (let row = 0; row < marks.length; row++) if (other[row] === 0) marks[row] = 0;
}

function comparisonMarks(table: RunColumns, comparison: Comparison): Uint8Array {
  const marks = new Uint8Array(table.rows);
  const column = table.column(comparison.field);
  if (column instanceof NumberColumn) {
    column.mark(marks, numberTest(comparison));
    return marks;
  }
  if (markById(table, comparison, marks)) return marks;
  const test = valueTest(comparison);
  if (column instanceof TextColumn) {
    column.mark(marks, test);
    return marks;
  }
  for (let row = 0; row < marks.length; row++) {
    const value = column.get(row);
    if (value === undefined) continue;
    marks[row] = (typeof value === 'object' ? value.some(test) : test(value)) ? 1 : 0;
  }
  return marks;
}

/** Runs named by their ids are found without a look at the others. */
function markById(table: RunColumns, comparison: Comparison, marks: Uint8Array): boolean {
  const { entity, key } = comparison.field;
  if (entity !== 'attributes' || key !== 'id') return false;
  const isList = comparison.kind === 'in' && !comparison.negated;
  if (!isList && !(comparison.kind === 'compare' && comparison.operator === '=')) return false;
  for (const id of comparison.kind === 'in' ? comparison.values : [comparison.value]) {
    const row = table.ids.find(String(id));
    if (row !== undefined) marks[row] = 1;
  }
  return true;
}

/** A closure of its own for each operator, so that the loop over the values stays tight. */
function numberTest(comparison: Comparison): (value: number) => boolean {
  if (comparison.kind === 'in') return valueTest(comparison);
  const wanted = Number(comparison.value);
  switch (comparison.operator) {
    case '>':
      return (value) => value > wanted;
    case '>=':
      return (value) => value >= wanted;
    case '<':
      return (value) => value < wanted;
    case '<=':
      return (value) => value <= wanted;
    case '=':
      return (value) => value === wanted;
    case '!=':
      return (value) => value !== wanted;
    default:
      return valueTest(comparison);
  }
}
