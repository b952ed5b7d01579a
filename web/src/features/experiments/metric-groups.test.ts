import { describe, expect, it } from 'vitest';
import { groupsOf, isCurve } from './metric-groups.ts';

it('draws what measures the same in one picture, every metric once', () => {
  expect(groupsOf(['train.logLoss', 'auc', 'valid.auc', 'valid/logLoss', 'a.'])).toEqual([
    { name: 'a.', keys: ['a.'] },
    { name: 'auc', keys: ['auc', 'valid.auc'] },
    { name: 'logLoss', keys: ['train.logLoss', 'valid/logLoss'] },
  ]);
});

describe('a metric drawn by step', () => {
  const one = { key: 'loss', value: 0.5, step: 3, timestampMs: 0, min: 0.5, max: 0.9 };

  it('changed along steps', () => {
    expect(isCurve(one)).toBe(true);
    expect(isCurve({ ...one, step: 0 })).toBe(false);
    expect(isCurve({ ...one, max: 0.5 })).toBe(false);
  });

  it('may have no number at all', () => {
    expect(isCurve({ ...one, value: 'NaN', min: null, max: null })).toBe(true);
  });
});
