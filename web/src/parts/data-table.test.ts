import { describe, expect, it } from 'vitest';
import { type Column, sortRows } from './data-table.tsx';

interface Row {
  readonly name: string;
  readonly auc: number | null;
}

const columns: readonly Column<Row>[] = [
  { id: 'name', header: 'Name', cell: (row) => row.name, sort: (row) => row.name },
  { id: 'auc', header: 'AUC', cell: (row) => row.auc, sort: (row) => row.auc },
];
const rows: readonly Row[] = [
  { name: 'run-10', auc: null },
  { name: 'run-2', auc: 0.5 },
  { name: 'run-1', auc: 0.9 },
];
const names = (sorted: readonly Row[]) => sorted.map((row) => row.name);

describe('sorting a table', () => {
  it('sorts numbers as numbers and leaves rows without a value last in both directions', () => {
    expect(names(sortRows(rows, columns, { column: 'auc', descending: false }))).toEqual(['run-2', 'run-1', 'run-10']);
    expect(names(sortRows(rows, columns, { column: 'auc', descending: true }))).toEqual(['run-1', 'run-2', 'run-10']);
  });

  it('sorts names as people count', () => {
    expect(names(sortRows(rows, columns, { column: 'name', descending: false }))).toEqual(['run-1', 'run-2', 'run-10']);
  });

  it('leaves the order alone for an unknown column, and never changes what it was given', () => {
    expect(sortRows(rows, columns, { column: 'nothing', descending: true })).toBe(rows);
    expect(names(rows)).toEqual(['run-10', 'run-2', 'run-1']);
  });
});
