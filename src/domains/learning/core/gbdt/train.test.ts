import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '#platform/kernel';
import type { Matrix } from '../matrix.ts';
import { predictMatrix } from '../predict.ts';
import type { GbdtModel } from './model.ts';
import { trainGbdt } from './train.ts';

const NAN = Number.NaN;

function matrixOf(columns: readonly ArrayLike<number>[], kinds?: Matrix['kinds']): Matrix {
  const rowCount = columns[0]?.length ?? 0;
  return {
    rowCount,
    names: columns.map((_, i) => `f${i}`),
    kinds: kinds ?? columns.map(() => 'number'),
    values: Float32Array.from(columns.flatMap((column) => Array.from(column))),
  };
}

/** Rows with an effect of each kind: a number, one that is missing at times, a category. */
function someRows(rowCount: number, seed = 1) {
  const rng = seededRng(seed);
  const draw = (make: () => number) => Float32Array.from({ length: rowCount }, make);
  const number = draw(() => rng.normal());
  const gappy = draw(() => (rng.next() < 0.2 ? NAN : rng.normal()));
  const category = draw(() => rng.int(20));
  const score = (row: number) =>
    (number[row] ?? 0) + (Number.isNaN(gappy[row]) ? 1 : 0) + ((category[row] ?? 0) % 3 === 0 ? 1 : -1);
  const labels = Uint8Array.from({ length: rowCount }, (_, row) =>
    rng.next() < 1 / (1 + Math.exp(-score(row))) ? 1 : 0,
  );
  return { matrix: matrixOf([number, gappy, category], ['number', 'number', 'category']), labels };
}

describe('boosted trees', () => {
  it('put the step where it is: leaves are the shrunken mean residuals', async () => {
    const matrix = matrixOf([[1, 1, 2, 2, 3, 3]]);
    const settings = { objective: 'regression', numIterations: 1, learningRate: 0.5, minDataInLeaf: 1 } as const;
    const { model } = await trainGbdt(matrix, [0, 0, 0, 0, 12, 12], settings);
    expect(model.initialScore).toBe(4);
    expect(model.trees[0]).toMatchObject({ feature: [0], threshold: [2.5], leafValue: [-2, 4], leafCount: [4, 2] });
    expect(Array.from(predictMatrix(model, matrix))).toEqual([2, 2, 2, 2, 8, 8]);
  });

  it('learn that a missing value says something', async () => {
    const values = Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? NAN : i));
    const labels = values.map((value) => (Number.isNaN(value) ? 1 : 0));
    const matrix = matrixOf([values]);
    const { model } = await trainGbdt(matrix, labels, { numIterations: 20, learningRate: 0.5 });
    const answers = predictMatrix(model, matrix);
    expect(answers.every((answer, row) => Math.abs(answer - (labels[row] ?? 0)) < 0.01)).toBe(true);
  });

  it('send what was never missing in training with the larger side, and never to nowhere', async () => {
    const values = Array.from({ length: 100 }, (_, i) => i);
    const labels = values.map((value) => (value < 70 ? 1 : 5));
    const settings = { objective: 'regression', numIterations: 1, numLeaves: 2, learningRate: 1 } as const;
    const { model } = await trainGbdt(matrixOf([values]), labels, settings);
    expect(Array.from(predictMatrix(model, matrixOf([[0, 99, NAN]])))).toEqual(
      [1, 5, 1].map((v) => expect.closeTo(v, 5)),
    );
  });

  it('tell categories apart whatever their codes, and take an unknown one for none of them', async () => {
    const rng = seededRng(3);
    const codes = Array.from({ length: 4000 }, () => rng.int(40));
    const labels = codes.map((code) => ((code * 7) % 11 < 5 ? 1 : 0));
    const matrix = matrixOf([codes], ['category']);
    const { model } = await trainGbdt(matrix, labels, { numIterations: 30, learningRate: 0.3, minDataPerGroup: 10 });
    const answers = predictMatrix(model, matrix);
    expect(answers.every((answer, row) => answer > 0.5 === (labels[row] === 1))).toBe(true);
    const [unknown, missing, beyond] = predictMatrix(model, matrixOf([[1000, NAN, 255]], ['category']));
    expect(unknown).toBe(missing);
    expect(beyond).toBe(missing);
  });

  it('are the same on any number of threads', async () => {
    const { matrix, labels } = someRows(60_000);
    const settings = { numIterations: 8, numLeaves: 15, baggingFraction: 0.8, featureFraction: 0.7, seed: 5 };
    const models = await Promise.all(
      [1, 2, 3].map(async (threads) => (await trainGbdt(matrix, labels, settings, { threads })).model),
    );
    expect(models[1]).toEqual(models[0]);
    expect(models[2]).toEqual(models[0]);
  });

  it('depend on the seed when rows or features are drawn, and only then', async () => {
    const { matrix, labels } = someRows(2000);
    const train = async (settings: object) =>
      (await trainGbdt(matrix, labels, { numIterations: 5, ...settings })).model;
    expect(await train({ baggingFraction: 0.5, seed: 1 })).toEqual(await train({ baggingFraction: 0.5, seed: 1 }));
    expect(await train({ baggingFraction: 0.5, seed: 1 })).not.toEqual(await train({ baggingFraction: 0.5, seed: 2 }));
    expect(await train({ seed: 1 })).toEqual(await train({ seed: 2 }));
  });

  it('keep to the limits they are given, and lose no row', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          objective: fc.constant('regression' as const),
          numIterations: fc.constant(3),
          numLeaves: fc.integer({ min: 2, max: 20 }),
          maxDepth: fc.integer({ min: 0, max: 5 }),
          minDataInLeaf: fc.integer({ min: 0, max: 60 }),
          lambdaL1: fc.double({ min: 0, max: 5, noNaN: true }),
          lambdaL2: fc.double({ min: 0, max: 5, noNaN: true }),
          maxBin: fc.integer({ min: 2, max: 255 }),
        }),
        fc.integer({ min: 0, max: 1000 }),
        async (settings, seed) => {
          const { matrix, labels } = someRows(300, seed);
          const { model } = await trainGbdt(matrix, labels, settings);
          for (const tree of model.trees) {
            expect(tree.leafCount.length).toBeLessThanOrEqual(settings.numLeaves);
            expect(tree.leafCount.reduce((sum, count) => sum + count, 0)).toBe(300);
            if (tree.feature.length > 0) {
              expect(Math.min(...tree.leafCount)).toBeGreaterThanOrEqual(Math.max(1, settings.minDataInLeaf));
            }
            expect(tree.gain.every((gain) => gain > 0)).toBe(true);
            expect(depthOf(tree, tree.feature.length > 0 ? 0 : -1)).toBeLessThanOrEqual(settings.maxDepth || 99);
          }
          const answers = predictMatrix(model, matrix);
          const copy = JSON.parse(JSON.stringify(model)) as GbdtModel;
          expect(predictMatrix(copy, matrix)).toEqual(answers);
          expect(answers.every(Number.isFinite)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('can be learned in two goes as in one', async () => {
    const { matrix, labels } = someRows(600);
    const whole = await trainGbdt(matrix, labels, { numIterations: 30 });
    const first = await trainGbdt(matrix, labels, { numIterations: 20 });
    const second = await trainGbdt(matrix, labels, { numIterations: 10 }, { continueFrom: first.model });
    expect(second.model.trees).toHaveLength(30);
    expect(second.model).toEqual(whole.model);
  });

  it('correct nothing where no correction helps the validation rows', async () => {
    const { matrix, labels } = someRows(600);
    const first = await trainGbdt(matrix, labels, { numIterations: 20 });
    const noise = Uint8Array.from(labels, (_, row) => (row * 7919) % 2);
    const { model } = await trainGbdt(
      matrix,
      noise,
      { numIterations: 50, earlyStoppingRounds: 5 },
      { continueFrom: first.model, validation: { matrix, labels } },
    );
    expect(model.trees).toEqual(first.model.trees);
  });

  it('lower the training loss with every tree', async () => {
    const { matrix, labels } = someRows(1000);
    const losses: number[] = [];
    await trainGbdt(
      matrix,
      labels,
      { numIterations: 20 },
      {
        onIteration: (iteration, { train = NAN }) => {
          expect(iteration).toBe(losses.length);
          losses.push(train);
        },
      },
    );
    expect(losses).toHaveLength(20);
    expect(losses.every((loss, i) => i === 0 || loss < (losses[i - 1] ?? 0))).toBe(true);
  });
});

describe('training ends', () => {
  const validation = someRows(1000, 9);

  it('early, and keeps the iterations of the lowest validation loss', async () => {
    const { matrix, labels } = someRows(500);
    const settings = { numIterations: 500, learningRate: 0.3, earlyStoppingRounds: 7 };
    const { model, losses, ended } = await trainGbdt(matrix, labels, settings, { validation });
    const lowest = losses.reduce(
      (best, loss, i) => ((loss.validation ?? 9) < (losses[best]?.validation ?? 9) ? i : best),
      0,
    );
    expect(ended).toBe('early');
    expect(model.trees).toHaveLength(lowest + 1);
    expect(losses).toHaveLength(lowest + 1 + 7);
  });

  it('when the caller says so, also when it takes its time to', async () => {
    const { matrix, labels } = someRows(500);
    const { model, ended } = await trainGbdt(matrix, labels, {}, { onIteration: async (iteration) => iteration === 2 });
    expect(ended).toBe('pruned');
    expect(model.trees).toHaveLength(3);
  });

  it('when there is nothing left to gain', async () => {
    const matrix = matrixOf([new Float32Array(100).fill(1)]);
    const labels = Array.from({ length: 100 }, (_, i) => i % 2);
    const { model, ended } = await trainGbdt(matrix, labels);
    expect(ended).toBe('exhausted');
    expect(Array.from(predictMatrix(model, matrixOf([[1, 5, NAN]])))).toEqual([0.5, 0.5, 0.5]);
  });

  it('with its threads when the caller throws', async () => {
    const { matrix, labels } = someRows(60_000);
    const onIteration = () => {
      throw new Error('the server is gone');
    };
    await expect(trainGbdt(matrix, labels, {}, { threads: 2, onIteration })).rejects.toThrow('the server is gone');
  });
});

describe('bad input is refused with the value at fault', () => {
  const matrix = matrixOf([[1, 2, 3, 4]]);
  it.each([
    ['no rows', matrixOf([[]]), [], {}, 'LEARNING_DATA_EMPTY', /no rows/],
    ['labels missing', matrix, [0, 1], {}, 'LEARNING_LENGTHS_DIFFER', /4 rows but 2/],
    ['a label of 2', matrix, [0, 1, 2, 1], {}, 'LEARNING_LABEL_INVALID', /2 in row 2/],
    ['a NaN label', matrix, [0, NAN, 1, 1], {}, 'LEARNING_LABEL_INVALID', /NaN in row 1/],
    [
      'an infinite target',
      matrix,
      [0, 1, Infinity, 1],
      { objective: 'regression' },
      'LEARNING_LABEL_INVALID',
      /Infinity/,
    ],
    ['one class', matrix, [1, 1, 1, 1], {}, 'LEARNING_LABELS_ONE_CLASS', /one class/],
    ['a negative rate', matrix, [0, 1, 0, 1], { learningRate: -1 }, 'LEARNING_PARAMETER_INVALID', /learningRate is -1/],
    ['half a leaf', matrix, [0, 1, 0, 1], { numLeaves: 2.5 }, 'LEARNING_PARAMETER_INVALID', /numLeaves is 2.5/],
    ['a NaN setting', matrix, [0, 1, 0, 1], { lambdaL2: NAN }, 'LEARNING_PARAMETER_INVALID', /lambdaL2 is NaN/],
    ['300 bins', matrix, [0, 1, 0, 1], { maxBin: 300 }, 'LEARNING_PARAMETER_INVALID', /maxBin is 300/],
    ['nothing to watch', matrix, [0, 1, 0, 1], { earlyStoppingRounds: 5 }, 'LEARNING_PARAMETER_INVALID', /validation/],
  ] as const)('%s', async (_, rows, labels, settings, code, message) => {
    const refused = await trainGbdt(rows, labels, settings).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code, kind: 'invalid', message: expect.stringMatching(message) });
  });

  it('features that the model does not know', async () => {
    const { model } = await trainGbdt(matrix, [0, 1, 0, 1], { minDataInLeaf: 1 });
    const others = { ...matrix, names: ['other'] };
    await expect(trainGbdt(others, [0, 1, 0, 1], {}, { continueFrom: model })).rejects.toThrow(/f0.*other/);
    const values = trainGbdt(matrix, [0, 1, 0, 1], { objective: 'regression' }, { continueFrom: model });
    await expect(values).rejects.toThrow(/binary model cannot continue as regression/);
    expect(() => predictMatrix(model, { ...matrix, names: ['other'] })).toThrow(/f0.*other/);
  });
});

function depthOf(tree: GbdtModel['trees'][number], node: number): number {
  if (node < 0) return 0;
  return 1 + Math.max(depthOf(tree, tree.left[node] ?? -1), depthOf(tree, tree.right[node] ?? -1));
}
