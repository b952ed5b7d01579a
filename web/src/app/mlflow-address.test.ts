import { expect, it } from 'vitest';
import { pageMeant } from './mlflow-address.ts';

it.each([
  ['/experiments/1/runs/abc', { page: 'run', id: 'abc' }],
  ['#/experiments/1/runs/abc/artifacts/model', { page: 'run', id: 'abc' }],
  ['/experiments/1', { page: 'experiment', id: '1' }],
  ['experiments/12?searchFilter=x', { page: 'experiment', id: '12' }],
  ['/experiments/1/traces', { page: 'traces', id: '1' }],
  ['/experiments/1/traces?selectedEvaluationId=tr-9', { page: 'trace', id: 'tr-9' }],
  ['/experiments/1/traces/tr-9', { page: 'trace', id: 'tr-9' }],
  ['/experiments', { page: 'experiments' }],
  ['/models', { page: 'models' }],
  ['/models/late%20flights', { page: 'model', id: 'late flights' }],
  ['/models/late/versions/2', { page: 'version', id: 'late', version: '2' }],
  ['/compare-runs?runs=["a","b"]&experiments=["1"]', { page: 'compare', runs: ['a', 'b'] }],
  ['', undefined],
  ['what-happened', undefined],
])('knows what %s of MLflow means', (hash, meant) => {
  expect(pageMeant(hash)).toEqual(meant);
});
