import { describe, expect, it } from 'vitest';
import { cellText, columnName, firstColumns, headerOf, isNumeric, splitColumn } from './columns.ts';

const key = (kind: 'metrics' | 'params' | 'tags', name: string, runs: number) => ({
  kind,
  key: name,
  column: columnName(kind, name),
  runs,
});

describe('the columns of the runs table', () => {
  it('are at first what most runs have, without what machines measure of themselves', () => {
    const keys = [
      key('metrics', 'auc', 1),
      key('metrics', 'system/cpu', 99),
      key('metrics', 'valid.auc', 9),
      ...['a', 'b', 'c', 'd', 'e'].map((name) => key('params', name, 1)),
      key('tags', 'stage', 3),
    ];
    expect(firstColumns(keys)).toEqual([
      'status',
      'metrics.valid.auc',
      'metrics.auc',
      ...['a', 'b', 'c', 'd'].map((name) => `params.${name}`),
      'startedAt',
      'duration',
    ]);
  });

  it('are named as the server spells them, whatever signs a key holds', () => {
    for (const name of ['auc', 'valid.auc', 'a b', 'x`y', 'a,b', 'loss/train']) {
      expect(splitColumn(columnName('metrics', name))).toEqual({ kind: 'metrics', key: name });
    }
    expect(columnName('metrics', 'x`y z')).toBe('metrics.`x``y z`');
    expect(splitColumn('startedAt')).toEqual({ kind: 'attributes', key: 'startedAt' });
    expect(headerOf('minima.loss')).toBe('loss, least');
    expect(isNumeric('params.depth')).toBe(false);
  });

  it('show numbers, times and what JSON cannot say as a number', () => {
    expect(cellText('metrics.auc', 'NaN')).toBe('NaN');
    expect(cellText('metrics.auc', 0.123456)).toBe('0.1235');
    expect(cellText('params.rate', '0.1000000001')).toBe('0.1');
    expect(cellText('duration', 90_000)).toBe('1 min 30 s');
    expect(cellText('startedAt', 0)).toBe('1970-01-01 00:00 UTC');
    expect(cellText('tags.stage', null)).toBeUndefined();
  });
});
