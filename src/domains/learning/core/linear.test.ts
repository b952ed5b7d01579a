import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { trainLinear, trainLogistic } from './linear.ts';
import type { Matrix } from './matrix.ts';
import { predictMatrix } from './predict.ts';

interface Golden {
  readonly columns: readonly (readonly (number | null)[])[];
  readonly value: readonly number[];
  readonly binary: readonly number[];
  readonly logistic: readonly number[];
  readonly ridge: readonly number[];
}

/** Answers of scikit-learn, made by goldens/make.py. */
const golden = JSON.parse(readFileSync(new URL('../goldens/learning.json', import.meta.url), 'utf8')) as Golden;
const complete = matrixOf([golden.columns[0] ?? [], golden.columns[3] ?? []]);

function matrixOf(columns: readonly (readonly (number | null)[])[], kinds?: Matrix['kinds']): Matrix {
  return {
    rowCount: columns[0]?.length ?? 0,
    names: columns.map((_, i) => `f${i}`),
    kinds: kinds ?? columns.map(() => 'number'),
    values: Float32Array.from(columns.flatMap((column) => column.map((value) => value ?? Number.NaN))),
  };
}

function largestGap(a: ArrayLike<number>, b: readonly number[]): number {
  return Math.max(...b.map((value, i) => Math.abs(value - (a[i] ?? Number.NaN))));
}

describe('logistic regression', () => {
  it('gives scikit-learn’s probabilities', () => {
    const model = trainLogistic(complete, golden.binary, { l2: 2 });
    expect(largestGap(predictMatrix(model, complete), golden.logistic)).toBeLessThan(1e-6);
  });

  it('keeps its weights finite where the classes can be told apart without a mistake', () => {
    const matrix = matrixOf([[1, 2, 3, 4, 5, 6]]);
    const model = trainLogistic(matrix, [0, 0, 0, 1, 1, 1]);
    const answers = predictMatrix(model, matrix);
    expect(answers.every(Number.isFinite)).toBe(true);
    expect(answers.every((answer, row) => answer > 0.5 === row >= 3)).toBe(true);
    expect(predictMatrix(trainLogistic(matrix, [0, 0, 0, 1, 1, 1], { l2: 0 }), matrix).every(Number.isFinite)).toBe(
      true,
    );
  });

  it('gives a missing value and a category a weight of their own', () => {
    const numbers = Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? null : (i * 37) % 10));
    const codes = Array.from({ length: 400 }, (_, i) => (i % 5 === 4 ? null : i % 5));
    const labels = numbers.map((value, i) => (value === null || (codes[i] ?? 9) === 2 ? 1 : 0));
    const matrix = matrixOf([numbers, codes], ['number', 'category']);
    const answers = predictMatrix(trainLogistic(matrix, labels, { l2: 0.1 }), matrix);
    expect(answers.every((answer, row) => answer > 0.5 === (labels[row] === 1))).toBe(true);
  });

  it('takes constant and repeated features without harm', () => {
    const [column = []] = golden.columns;
    const matrix = matrixOf([column, column, column.map(() => 7)]);
    const single = predictMatrix(trainLogistic(matrixOf([column]), golden.binary, { l2: 0 }), matrixOf([column]));
    const answers = predictMatrix(trainLogistic(matrix, golden.binary, { l2: 0 }), matrix);
    expect(largestGap(answers, Array.from(single))).toBeLessThan(1e-6);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses an l2 of %s', (l2) => {
    expect(() => trainLogistic(complete, golden.binary, { l2 })).toThrow(/l2/);
  });
});

describe('linear regression', () => {
  it('gives the answers of scikit-learn’s ridge regression', () => {
    const model = trainLinear(complete, golden.value, { l2: 2 });
    expect(largestGap(predictMatrix(model, complete), golden.ridge)).toBeLessThan(1e-6);
  });

  it('finds a line that is there, far from the origin too', () => {
    const x = Array.from({ length: 50 }, (_, i) => 1_000_000 + i);
    const matrix = matrixOf([x]);
    const labels = x.map((value) => 3 * value - 5);
    const answers = predictMatrix(trainLinear(matrix, labels, { l2: 0 }), matrix);
    expect(largestGap(answers, labels)).toBeLessThan(1e-5);
  });
});
