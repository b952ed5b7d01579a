import { expect, it } from 'vitest';
import { classMetricsOf } from './class-metrics.ts';

const number = (name: string) => ({ name, type: 'number' as const });
const columns = [number('positive_class'), number('true_positives'), number('precision'), number('recall')];

it('finds the figures of each class that are shares', () => {
  const rows = [
    [0, 40, 0.9, 0.8],
    [1, 12, 0.7, null],
  ];
  expect(classMetricsOf({ columns, rows, totalRows: 2 })).toEqual({
    classes: ['0', '1'],
    metrics: [
      { name: 'precision', values: [0.9, 0.7] },
      { name: 'recall', values: [0.8, Number.NaN] },
    ],
  });
});

it('finds none where classes repeat, or where there are no classes', () => {
  const rows = [
    [1, 40, 0.9, 0.8],
    [1, 12, 0.7, 0.6],
  ];
  expect(classMetricsOf({ columns, rows, totalRows: 2 })).toBeUndefined();
  const others = [number('fold'), ...columns.slice(1)];
  expect(classMetricsOf({ columns: others, rows, totalRows: 2 })).toBeUndefined();
});
