import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Dimension } from '#contract';
import { seededRng } from '#platform/kernel';
import type { ParamValue } from '../model.ts';
import { axisOf } from './axis.ts';
import { logNormalBetween, logNormalCdf } from './normal.ts';
import { ageWeights, ParzenEstimator } from './parzen.ts';

interface Goldens {
  readonly logNormalCdf: readonly (readonly [number, number])[];
  readonly logNormalBetween: readonly (readonly [number, number, number])[];
  readonly densities: readonly {
    readonly space: Readonly<Record<string, Dimension>>;
    readonly priorWeight: number;
    readonly observations: Readonly<Record<string, readonly ParamValue[]>>;
    readonly points: Readonly<Record<string, readonly ParamValue[]>>;
    readonly logDensities: readonly number[];
  }[];
}

// Written by goldens/parzen.py with Optuna, SciPy and mpmath.
const file = fileURLToPath(new URL('../goldens/parzen.json', import.meta.url));
const goldens = JSON.parse(readFileSync(file, 'utf8')) as Goldens;

/** Relative to a logarithm of size 1: what remains of 16 digits after a sum of some terms. */
function expectClose(actual: number, expected: number, tolerance: number): void {
  expect(Math.abs(actual - expected) / Math.max(1, Math.abs(expected))).toBeLessThan(tolerance);
}

describe('logarithms of the normal distribution', () => {
  it('agree with SciPy far into both tails', () => {
    for (const [z, expected] of goldens.logNormalCdf) expectClose(logNormalCdf(z), expected, 1e-13);
  });

  it('agree with 800 digit arithmetic on intervals in the tails, across zero and of hardly any width', () => {
    for (const [a, b, expected] of goldens.logNormalBetween) expectClose(logNormalBetween(a, b), expected, 1e-12);
  });
});

describe('the Parzen estimator', () => {
  it.each(goldens.densities.map((golden) => [Object.keys(golden.space).join(' '), golden] as const))(
    'has the density of Optuna over %s',
    (_, { space, priorWeight, observations, points, logDensities }) => {
      const names = Object.keys(space);
      const axes = names.flatMap((name) => (space[name] ? [axisOf(space[name])] : []));
      const columnsOf = (values: Readonly<Record<string, readonly ParamValue[]>>) =>
        names.map((name, index) =>
          Float64Array.from(values[name] ?? [], (value) => axes[index]?.toCoordinate(value) ?? Number.NaN),
        );
      const estimator = new ParzenEstimator(axes, columnsOf(observations), priorWeight);
      const columns = columnsOf(points);
      logDensities.forEach((expected, row) => {
        const point = columns.map((column) => column[row] ?? Number.NaN);
        expectClose(estimator.logDensity(point), expected, 1e-10);
      });
    },
  );

  it('draws points as often as its density says', () => {
    const axes = [
      axisOf({ kind: 'int', low: 0, high: 4 }),
      axisOf({ kind: 'categorical', choices: ['a', 'b', 'c'] }),
    ] as const;
    const estimator = new ParzenEstimator(axes, [Float64Array.of(1, 1, 4), Float64Array.of(0, 2, 2)], 1);
    const rng = seededRng(3);
    const draws = 200_000;
    const counts = new Map<string, number>();
    for (let i = 0; i < draws; i++) {
      const [x = 0, choice = 0] = estimator.sample(rng);
      const cell = `${axes[0].toValue(x)} ${choice}`;
      counts.set(cell, (counts.get(cell) ?? 0) + 1);
    }
    let total = 0;
    for (let x = 0; x <= 4; x++) {
      for (let choice = 0; choice < 3; choice++) {
        const expected = Math.exp(estimator.logDensity([x, choice]));
        total += expected;
        const seen = (counts.get(`${x} ${choice}`) ?? 0) / draws;
        // Five standard errors of a share.
        expect(Math.abs(seen - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / draws));
      }
    }
    expect(total).toBeCloseTo(1, 12);
  });

  it('lets old trials count less, from the 26th on', () => {
    expect([...ageWeights(3)]).toEqual([1, 1, 1]);
    expect([...ageWeights(25)].every((weight) => weight === 1)).toBe(true);
    const weights = ageWeights(28);
    expect([...weights.slice(0, 3)]).toEqual([1 / 28, 1 / 28 + (1 - 1 / 28) / 2, 1]);
    expect([...weights.slice(3)].every((weight) => weight === 1)).toBe(true);
  });
});
