import { expect, it } from 'vitest';
import { versionsIn } from './registered-versions.ts';

it('reads the versions that MLflow notes on a logged model, and nothing that is none', () => {
  const noted = [
    { name: 'late', version: 2 },
    { name: 'late', version: '3' },
    { name: 'late', version: 3 },
    { name: 'x' },
    4,
    null,
  ];
  expect(versionsIn({ 'mlflow.modelVersions': JSON.stringify(noted) })).toEqual([
    { name: 'late', version: '2' },
    { name: 'late', version: '3' },
  ]);
  for (const tag of ['not JSON', '{}', '7']) expect(versionsIn({ 'mlflow.modelVersions': tag })).toEqual([]);
  expect(versionsIn({})).toEqual([]);
});
