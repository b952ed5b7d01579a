import { expect, it } from 'vitest';
import { byVersion } from './days.ts';

const entry = { flagged: 0, meanLatencyMs: 1 };

it('adds up the variants of a version and leaves gaps where it did not answer', () => {
  const { days, versions } = byVersion([
    { ...entry, dayMs: 2, variant: 'champion', version: 'version:delays/1', rows: 30, meanPrediction: 0.2 },
    { ...entry, dayMs: 1, variant: 'champion', version: 'version:delays/1', rows: 10, meanPrediction: 0.1 },
    { ...entry, dayMs: 2, variant: 'canary', version: 'version:delays/2', rows: 5, meanPrediction: 0.5 },
    { ...entry, dayMs: 2, variant: 'shadow', version: 'version:delays/1', rows: 10, meanPrediction: 0.6 },
  ]);
  expect(days).toEqual([1, 2]);
  expect(versions[0]).toMatchObject({ name: 'delays/1', rows: [10, 40] });
  expect(versions[0]?.meanPrediction[1]).toBeCloseTo(0.3, 12);
  expect(versions[1]).toEqual({ name: 'delays/2', rows: [0, 5], meanPrediction: [null, 0.5] });
});
