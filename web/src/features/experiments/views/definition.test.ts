import { expect, it } from 'vitest';
import { type RunsSearch, readRunsSearch } from '../table/search-params.ts';
import { definitionOf, searchOf } from './definition.ts';

it('opens again what was saved', () => {
  const search: RunsSearch = {
    filter: 'metrics.auc > 0.5',
    columns: ['metrics.auc', 'params.`a b`'],
    sort: 'metrics.auc desc, params.`a, b` asc',
    group: ['params.depth'],
    nested: true,
    archived: true,
    show: 'charts',
    charts: [
      { kind: 'lines', metric: 'auc', x: 'relative', smoothing: 0.9, logY: true, group: 'params.depth' },
      { kind: 'parallel', columns: ['params.depth', 'metrics.auc'], colour: 'metrics.auc' },
      { kind: 'histogram', column: 'metrics.auc', logX: true },
    ],
  };
  const runs = ['a'.repeat(32)];
  expect(searchOf('v1', definitionOf(search, runs))).toEqual(readRunsSearch({ ...search, selected: runs, view: 'v1' }));
});

it('saves nothing where nothing was chosen, and leaves out what it does not know', () => {
  expect(definitionOf({}, [])).toEqual({});
  expect(
    searchOf('v', { charts: [{ kind: 'pie' }, {}], settings: { nested: 'yes', other: 1, selected: 'x' } }),
  ).toEqual(readRunsSearch({ view: 'v', charts: [] }));
});
