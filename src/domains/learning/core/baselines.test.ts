import { expect, it } from 'vitest';
import { fitRateBaseline, majority } from './baselines.ts';
import { applyRecipe, fitRecipe } from './features/recipe.ts';
import { frameFromRows, frameToRows, takeRows } from './frame.ts';
import { predictMatrix, predictProbabilities } from './predict.ts';

const rows = [
  { route: 'A', hour: 8 },
  { route: 'A', hour: 9 },
  { route: 'B', hour: 8 },
  { route: null, hour: null },
];
const frame = frameFromRows(rows, { route: 'string', hour: 'number' });
const labels = [1, 1, 0, 0];

it('the majority is the share of positives, or the mean, for every row', () => {
  const matrix = applyRecipe(
    fitRecipe({ features: [{ name: 'hour', op: 'number', column: 'hour' }] }, frame, labels),
    frame,
  );
  expect(Array.from(predictMatrix(majority(matrix, labels), matrix))).toEqual([0.5, 0.5, 0.5, 0.5]);
  expect(Array.from(predictMatrix(majority(matrix, [1, 2, 3, 10], 'regression'), matrix))).toEqual([4, 4, 4, 4]);
  expect(() => majority(matrix, [])).toThrow(/4 rows but 0/);
});

it('the baseline of rates answers by key, and leans towards the broader key', () => {
  const baseline = fitRateBaseline(frame, labels, { keys: ['route', { band: 'hour', bounds: [9] }], priorStrength: 1 });
  const a = (2 + 0.5) / 3;
  const b = 0.5 / 2;
  const expected = [(1 + a) / 2, (1 + a) / 2, b / 2].map((rate) => expect.closeTo(rate, 6));
  expect(Array.from(predictProbabilities(baseline, frame)).slice(0, 3)).toEqual(expected);
  const unseen = frameFromRows(
    [
      { route: 'B', hour: 10 },
      { route: 'Z', hour: 8 },
    ],
    { route: 'string', hour: 'number' },
  );
  expect(Array.from(predictProbabilities(baseline, unseen))).toEqual([expect.closeTo(b, 6), expect.closeTo(0.5, 6)]);
});

it('a baseline without a prior is the plain rate', () => {
  const baseline = fitRateBaseline(frame, labels, { keys: ['route'], priorStrength: 0 });
  expect(Array.from(predictProbabilities(baseline, frame))).toEqual([1, 1, 0, 0]);
});

it('rows survive the way into a frame and out of it', () => {
  expect(frameToRows(frame)).toEqual(rows);
  expect(frameToRows(takeRows(frame, [3, 0]))).toEqual([rows[3], rows[0]]);
});
