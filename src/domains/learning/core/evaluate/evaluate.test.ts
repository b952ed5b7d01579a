import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '#platform/kernel';
import { applyRecipe, fitRecipe } from '../features/recipe.ts';
import { frameFromRows } from '../frame.ts';
import { trainGbdt } from '../gbdt/train.ts';
import { trainLogistic } from '../linear.ts';
import { predictMatrix } from '../predict.ts';
import { evaluateBinary } from './binary.ts';
import { gainImportance, permutationImportance } from './importance.ts';
import { comparePaired } from './paired.ts';
import { evaluateRegression } from './regression.ts';
import { evaluateSegments, OTHER_SEGMENTS } from './segments.ts';

interface Golden {
  readonly value: readonly number[];
  readonly binary: readonly number[];
  readonly probability: readonly number[];
  readonly predicted: readonly number[];
  readonly metrics: Readonly<Record<'auc' | 'logLoss' | 'brier' | 'accuracy' | 'rmse' | 'mae' | 'r2', number>>;
}

/** Figures of scikit-learn, made by goldens/make.py. */
const golden = JSON.parse(readFileSync(new URL('../../goldens/learning.json', import.meta.url), 'utf8')) as Golden;

/** Labels that come with exactly the probabilities told. */
function drawn(rows: number, seed: number) {
  const rng = seededRng(seed);
  const probabilities = Float64Array.from({ length: rows }, () => 0.05 + 0.9 * rng.next());
  return { probabilities, labels: probabilities.map((probability) => (rng.next() < probability ? 1 : 0)) };
}

describe('evaluation of probabilities', () => {
  it('gives scikit-learn’s figures', () => {
    const evaluation = evaluateBinary(golden.binary, golden.probability);
    for (const name of ['auc', 'logLoss', 'brier', 'accuracy'] as const) {
      expect(evaluation[name].value, name).toBeCloseTo(golden.metrics[name], 12);
      expect(evaluation[name].low).toBeLessThan(evaluation[name].value);
      expect(evaluation[name].high).toBeGreaterThan(evaluation[name].value);
    }
    expect(evaluation.positives).toBe(golden.binary.filter((label) => label === 1).length);
  });

  it('has intervals that hold the true figure about 95 times in 100', () => {
    const truth = drawn(400_000, 99);
    const expected = evaluateBinary(truth.labels, truth.probabilities);
    const held = { auc: 0, logLoss: 0, brier: 0, rate: 0 };
    for (let seed = 0; seed < 300; seed++) {
      const { labels, probabilities } = drawn(300, seed);
      const evaluation = evaluateBinary(labels, probabilities);
      for (const name of ['auc', 'logLoss', 'brier', 'rate'] as const) {
        const { low, high } = evaluation[name];
        if (low <= expected[name].value && expected[name].value <= high) held[name] += 1;
      }
    }
    // 300 draws of a 95 % interval hold 285 ± 3.8; four deviations either way.
    expect(Math.min(...Object.values(held))).toBeGreaterThan(269);
  });

  it('tells calibrated probabilities from others', () => {
    const { labels, probabilities } = drawn(20_000, 4);
    const good = evaluateBinary(labels, probabilities).calibration;
    expect(good.bins).toHaveLength(10);
    expect(good.bins.reduce((sum, bin) => sum + bin.rows, 0)).toBe(20_000);
    expect(good.error.value).toBeLessThan(2 * good.errorByChance);
    const bad = evaluateBinary(
      labels,
      probabilities.map((p) => p * 0.8),
    ).calibration;
    expect(bad.error.value).toBeCloseTo(0.1, 2);
    expect(bad.error.low).toBeGreaterThan(0.09);
    expect(bad.error.low).toBeLessThanOrEqual(bad.error.value);
    expect(bad.error.high).toBeGreaterThanOrEqual(bad.error.value);
  });

  it('keeps rows of one prediction in one bin', () => {
    const { bins } = evaluateBinary([0, 1, 1, 0], [0.5, 0.5, 0.5, 0.5]).calibration;
    expect(bins).toMatchObject([{ rows: 4, meanPrediction: 0.5 }]);
  });

  it.each([
    ['no rows', [], [], 'LEARNING_DATA_EMPTY'],
    ['too few probabilities', [0, 1], [0.5], 'LEARNING_LENGTHS_DIFFER'],
    ['a NaN', [0, 1], [0.5, Number.NaN], 'LEARNING_PREDICTION_INVALID'],
    ['no probability', [0, 1], [0.5, 1.5], 'LEARNING_PREDICTION_INVALID'],
    ['one class', [1, 1], [0.5, 0.5], 'LEARNING_LABELS_ONE_CLASS'],
    ['a label of a half', [0, 0.5], [0.5, 0.5], 'LEARNING_LABEL_INVALID'],
  ])('refuses %s', (_, labels, probabilities, code) => {
    expect(() => evaluateBinary(labels, probabilities)).toThrow(expect.objectContaining({ code, kind: 'invalid' }));
  });
});

describe('evaluation of values', () => {
  it('gives scikit-learn’s figures', () => {
    const evaluation = evaluateRegression(golden.value, golden.predicted);
    for (const name of ['rmse', 'mae', 'r2'] as const) {
      expect(evaluation[name].value, name).toBeCloseTo(golden.metrics[name], 10);
      expect(evaluation[name].low).toBeLessThan(evaluation[name].value);
      expect(evaluation[name].high).toBeGreaterThan(evaluation[name].value);
    }
  });

  it('has no share of variance explained where there is none', () => {
    expect(evaluateRegression([2, 2], [1, 3]).r2.value).toBeNaN();
  });
});

describe('a paired comparison', () => {
  it('is minus the same the other way round, and nothing against itself', () => {
    const { labels, probabilities } = drawn(500, 1);
    const worse = probabilities.map((p) => 0.5 + (p - 0.5) * 0.3);
    const forth = comparePaired(labels, probabilities, worse);
    const back = comparePaired(labels, worse, probabilities);
    expect(forth.logLoss.value).toBeCloseTo(-back.logLoss.value, 12);
    expect(forth.logLoss.low).toBeCloseTo(-back.logLoss.high, 12);
    expect(forth.logLoss.high).toBeLessThan(0);
    // The order of rows is the same.
    expect(forth.auc).toMatchObject({ value: 0, pValue: 1 });
    expect(comparePaired(labels, worse, worse).logLoss).toMatchObject({ value: 0, low: 0, high: 0, pValue: 1 });
  });

  it('is the difference of the figures, with a narrower interval than they have', () => {
    const { labels, probabilities } = drawn(2000, 2);
    const rng = seededRng(5);
    const other = probabilities.map((p) => Math.min(0.99, Math.max(0.01, p + 0.05 * rng.normal())));
    const { logLoss, auc, brier } = comparePaired(labels, other, probabilities);
    const [a, b] = [evaluateBinary(labels, other), evaluateBinary(labels, probabilities)];
    expect(logLoss.value).toBeCloseTo(a.logLoss.value - b.logLoss.value, 12);
    expect(brier.value).toBeCloseTo(a.brier.value - b.brier.value, 12);
    expect(auc?.value).toBeCloseTo(a.auc.value - b.auc.value, 12);
    expect(logLoss.high - logLoss.low).toBeLessThan((a.logLoss.high - a.logLoss.low) / 2);
  });

  it('finds no difference where there is none in about 95 of 100', () => {
    let found = 0;
    for (let seed = 0; seed < 400; seed++) {
      const { labels, probabilities } = drawn(200, seed);
      const rng = seededRng(seed + 1000);
      const noisy = () => probabilities.map((p) => Math.min(0.99, Math.max(0.01, p + 0.1 * rng.normal())));
      if (comparePaired(labels, noisy(), noisy()).logLoss.pValue < 0.05) found += 1;
    }
    expect(found).toBeGreaterThan(4);
    expect(found).toBeLessThan(40);
  });

  it('has no AUC where all labels are the same', () => {
    expect(comparePaired([1, 1], [0.9, 0.8], [0.5, 0.5]).auc).toBeNull();
  });
});

describe('evaluation by segment', () => {
  const { labels, probabilities } = drawn(6000, 7);
  const rng = seededRng(8);
  const rows = Array.from({ length: 6000 }, (_, i) => ({
    place: i % 100 === 0 ? `tiny ${i}` : (['A', 'B', 'C', null][i % 4] ?? null),
    size: i % 50 === 0 ? null : rng.next() * 10,
  }));
  const frame = frameFromRows(rows, { place: 'string', size: 'number' });
  const by = { place: 'place', size: { band: 'size', bounds: [2, 5] } } as const;

  it('has every row once in each column, small groups together', () => {
    const segments = evaluateSegments({ frame, by, labels, probabilities, minRows: 50 });
    const names = (column: string) => segments.filter((segment) => segment.column === column).map(({ value }) => value);
    expect(names('place').toSorted()).toEqual(['(missing)', OTHER_SEGMENTS, 'A', 'B', 'C'].toSorted());
    expect(names('size').toSorted()).toEqual(['(missing)', '2 to 5', '5 and more', 'below 2']);
    for (const column of ['place', 'size']) {
      const of = segments.filter((segment) => segment.column === column);
      expect(of.reduce((sum, { rows: count }) => sum + count, 0)).toBe(6000);
    }
    const a = segments.find(({ value }) => value === 'A');
    const own = rows.flatMap(({ place }, i) => (place === 'A' ? [i] : []));
    const whole = evaluateBinary(
      own.map((i) => labels[i] ?? 0),
      own.map((i) => probabilities[i] ?? 0),
    );
    expect(a).toMatchObject({ rows: own.length, positives: whole.positives });
    expect(a?.logLoss.value).toBeCloseTo(whole.logLoss.value, 12);
    expect(a?.auc?.value).toBeCloseTo(whole.auc.value, 12);
    expect(a?.comparison).toBeNull();
  });

  it('points at the segment where the model is off, and at no other', () => {
    const off = probabilities.map((p, i) => (rows[i]?.place === 'B' ? Math.min(0.99, p + 0.1) : p));
    const segments = evaluateSegments({ frame, by: { place: 'place' }, labels, probabilities: off, minRows: 50 });
    const found = segments.filter(({ calibration }) => calibration.adjustedPValue < 0.01).map(({ value }) => value);
    expect(found).toEqual(['B']);
    for (const { calibration } of segments) {
      expect(calibration.adjustedPValue).toBeGreaterThanOrEqual(calibration.pValue);
    }
  });

  it('compares with a baseline segment by segment', () => {
    const worse = probabilities.map((p, i) => (rows[i]?.place === 'C' ? 0.5 : p));
    const options = {
      frame,
      by: { place: 'place' },
      labels,
      probabilities: worse,
      baseline: probabilities,
      minRows: 50,
    };
    const comparisons = new Map(evaluateSegments(options).map(({ value, comparison }) => [value, comparison]));
    expect(comparisons.get('C')?.low).toBeGreaterThan(0);
    expect(comparisons.get('A')).toMatchObject({ value: 0, low: 0, high: 0, adjustedPValue: 1 });
  });

  it('refuses columns that are not there', () => {
    const wrong = { frame, labels, probabilities };
    expect(() => evaluateSegments({ ...wrong, by: { x: 'x' } })).toThrow(/no column "x"/);
    expect(() => evaluateSegments({ ...wrong, by: { x: { hour: 'size' } } })).toThrow(/"size".*timestamp/);
    expect(() => evaluateSegments({ ...wrong, by, labels: [1] })).toThrow(/6000 rows but 1/);
  });

  it('adds up to the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', null), { minLength: 20, maxLength: 200 }), (places) => {
        const some = frameFromRows(
          places.map((place) => ({ place })),
          { place: 'string' },
        );
        const given = { frame: some, by: { place: 'place' }, labels: labels.slice(0, places.length), minRows: 1 };
        const segments = evaluateSegments({ ...given, probabilities: probabilities.slice(0, places.length) });
        const singles = places.filter((place) => places.indexOf(place) === places.lastIndexOf(place)).length;
        expect(segments.reduce((sum, { rows: count }) => sum + count, 0)).toBe(places.length - singles);
      }),
    );
  });
});

describe('importance', () => {
  const rng = seededRng(2);
  const rows = Array.from({ length: 2000 }, () => ({ strong: rng.normal(), weak: rng.normal(), none: rng.normal() }));
  const labels = rows.map(({ strong, weak }) => (rng.next() < 1 / (1 + Math.exp(-2 * strong - 0.5 * weak)) ? 1 : 0));
  const frame = frameFromRows(rows, { strong: 'number', weak: 'number', none: 'number' });
  const features = (['strong', 'weak', 'none'] as const).map(
    (column) => ({ name: column, op: 'number', column }) as const,
  );
  const matrix = applyRecipe(fitRecipe({ features }, frame, labels), frame);

  it('by gain adds up to one and ranks features by what they tell', async () => {
    const { model } = await trainGbdt(matrix, labels, { numIterations: 20, minDataInLeaf: 100 });
    const gains = gainImportance(model);
    expect(Object.values(gains).reduce((sum, gain) => sum + gain, 0)).toBeCloseTo(1, 10);
    expect(gains.strong).toBeGreaterThan(3 * (gains.weak ?? 1));
    expect(gainImportance(trainLogistic(matrix, labels))).toEqual({ strong: 0, weak: 0, none: 0 });
  });

  it('by permutation is what shuffling costs: nothing for a feature without weight', () => {
    const trained = trainLogistic(matrix, labels);
    const terms = trained.terms.map((term, i) => (i === 2 ? { kind: 'number' as const, weight: 0, missing: 0 } : term));
    const model = { ...trained, terms };
    const before = Array.from(predictMatrix(model, matrix));
    const importance = permutationImportance({ model, matrix, labels });
    expect(importance.none).toEqual({ value: 0, low: 0, high: 0 });
    expect(importance.weak?.low).toBeGreaterThan(0);
    expect(importance.strong?.value).toBeGreaterThan(3 * (importance.weak?.value ?? 1));
    // The matrix itself is not touched.
    expect(Array.from(predictMatrix(model, matrix))).toEqual(before);
    expect(permutationImportance({ model, matrix, labels })).toEqual(importance);
  });
});
