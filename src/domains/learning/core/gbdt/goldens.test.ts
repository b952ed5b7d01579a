import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Matrix } from '../matrix.ts';
import { predictMatrix } from '../predict.ts';
import type { GbdtParameters } from './parameters.ts';
import { trainGbdt } from './train.ts';

interface Golden {
  readonly columns: readonly (readonly (number | null)[])[];
  readonly value: readonly number[];
  readonly binary: readonly number[];
  readonly lightgbm: Readonly<Record<string, readonly number[]>>;
}

/** Made by goldens/make.py. */
const golden = JSON.parse(readFileSync(new URL('../../goldens/learning.json', import.meta.url), 'utf8')) as Golden;

const SETTINGS: Partial<GbdtParameters> = {
  numIterations: 30,
  numLeaves: 8,
  minDataInLeaf: 20,
  minDataPerGroup: 10,
  lambdaL1: 0.1,
  lambdaL2: 0.5,
};

const BY_HESSIAN = { minDataInLeaf: 1, minSumHessianInLeaf: 5, minDataPerGroup: 1 };

const numbers = [0, 1, 3];
const all = [0, 1, 2, 3];
it.each([
  ['regression on numbers', numbers, {}, 1e-4],
  ['regression, depth 3', numbers, { maxDepth: 3 }, 1e-4],
  ['binary on numbers', numbers, BY_HESSIAN, 1e-5],
  ['regression with categories', all, {}, 1e-4],
  ['regression, few categories', all, {}, 1e-4],
  ['binary with categories', all, BY_HESSIAN, 1e-5],
] as const)('gives every row the answer LightGBM gives: %s', async (name, columns, settings, tolerance) => {
  const objective = name.startsWith('binary') ? 'binary' : 'regression';
  const matrix = matrixOf(columns, name.includes('few') ? 3 : Number.POSITIVE_INFINITY);
  const labels = objective === 'binary' ? golden.binary : golden.value;
  const { model } = await trainGbdt(matrix, labels, { ...SETTINGS, ...settings, objective });
  const ours = predictMatrix(model, matrix);
  const theirs = golden.lightgbm[name] ?? [];
  expect(ours.length).toBe(theirs.length);
  // Leaves are float32 here and float64 there; the targets are about 10 to 50.
  const differences = Array.from(ours, (answer, row) => Math.abs(answer - (theirs[row] ?? Number.NaN)));
  expect(Math.max(...differences)).toBeLessThan(tolerance);
});

function matrixOf(columns: readonly number[], categories: number): Matrix {
  const values = columns.flatMap((column) =>
    (golden.columns[column] ?? []).map((value) =>
      value === null ? Number.NaN : column === 2 ? value % categories : value,
    ),
  );
  return {
    rowCount: golden.value.length,
    names: columns.map((column) => `column ${column}`),
    kinds: columns.map((column) => (column === 2 ? 'category' : 'number')),
    values: Float32Array.from(values),
  };
}
