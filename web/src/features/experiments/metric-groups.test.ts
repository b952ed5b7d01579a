import { expect, it } from 'vitest';
import { groupsOf } from './metric-groups.ts';

it('draws what measures the same in one picture, every metric once', () => {
  expect(groupsOf(['train.logLoss', 'auc', 'valid.auc', 'valid/logLoss', 'a.'])).toEqual([
    { name: 'a.', keys: ['a.'] },
    { name: 'auc', keys: ['auc', 'valid.auc'] },
    { name: 'logLoss', keys: ['train.logLoss', 'valid/logLoss'] },
  ]);
});
