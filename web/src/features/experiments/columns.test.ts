import { describe, expect, it } from 'vitest';
import type { ExperimentColumns, Run } from '#contract';
import { cellOf, choicesOf, orderBy, shownColumns } from './columns.ts';

const known: ExperimentColumns = {
  metrics: [
    { key: 'auc', runs: 1 },
    { key: 'valid.auc', runs: 9 },
  ],
  params: ['a', 'b', 'c', 'd', 'e'].map((key) => ({ key, runs: 1 })),
  tags: [{ key: 'stage', runs: 3 }],
};

describe('the columns of the runs table', () => {
  it('offers all, the most common first, and shows a few at first', () => {
    expect(choicesOf(known).map(({ group, items }) => [group, items[0]])).toEqual([
      ['metrics', 'metrics.valid.auc'],
      ['params', 'params.a'],
      ['tags', 'tags.stage'],
    ]);
    expect(shownColumns(known, undefined)).toEqual([
      'metrics.valid.auc',
      'metrics.auc',
      'params.a',
      'params.b',
      'params.c',
      'params.d',
    ]);
    expect(shownColumns(known, [])).toEqual([]);
  });

  it('reads keys that hold dots, and what JSON cannot say as a number', () => {
    const run = {
      metrics: [{ key: 'valid.auc', value: 'NaN', step: 0, timestampMs: 0, min: null, max: null }],
      params: { depth: '6' },
      tags: {},
    } as unknown as Run;
    expect(cellOf(run, 'metrics.valid.auc')).toBe('NaN');
    expect(cellOf(run, 'params.depth')).toBe('6');
    expect(cellOf(run, 'tags.stage')).toBeUndefined();
  });

  it('asks the server to sort, with keys in back-quotes', () => {
    expect(orderBy('metrics.valid.auc', true)).toEqual(['metrics.`valid.auc` desc']);
    expect(orderBy('startedAt', false)).toEqual(['startedAt asc']);
    expect(orderBy(undefined, true)).toEqual([]);
  });
});
