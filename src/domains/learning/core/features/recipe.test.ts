import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeatureSpec, Recipe } from '../../model.ts';
import { frameFromRows } from '../frame.ts';
import { featureOf, type Matrix } from '../matrix.ts';
import { applyRecipe, fitRecipe, trainingMatrix } from './recipe.ts';

const TYPES = { at: 'timestamp', miles: 'number', from: 'string', to: 'string' } as const;
const at = (text: string) => new Date(text).getTime();
const frame = frameFromRows(
  [
    { at: at('2001-01-01T00:00Z'), miles: 100, from: 'A', to: 'B' },
    { at: at('2001-01-07T23:59Z'), miles: 250, from: 'A', to: 'C' },
    { at: at('1969-12-31T23:59Z'), miles: 250.00001, from: 'B', to: 'A' },
    { at: at('1904-02-29T05:00Z'), miles: null, from: null, to: '' },
    { at: at('2001-01-02T12:30Z'), miles: 1e9, from: 'A', to: 'B' },
  ],
  TYPES,
);
const labels = [1, 0, 1, 0, 0];

function feature(spec: FeatureSpec, of = frame): number[] {
  return Array.from(applyRecipe(fitRecipe({ features: [spec] }, frame, labels), of).values);
}

describe('a recipe makes', () => {
  it('hours and weekdays in UTC, before the epoch too; Monday is 0', () => {
    expect(feature({ name: 'hour', op: 'hour', column: 'at' })).toEqual([0, 23, 23, 5, 12]);
    expect(feature({ name: 'weekday', op: 'weekday', column: 'at' })).toEqual([0, 6, 2, 0, 1]);
  });

  it('numbers as float32, and bands that hold their lower bound', () => {
    expect(feature({ name: 'n', op: 'number', column: 'miles' })).toEqual([100, 250, Math.fround(250.00001), NaN, 1e9]);
    const bounds = [250, 500];
    expect(feature({ name: 'band', op: 'band', column: 'miles', bounds })).toEqual([0, 1, 1, -1, 2]);
  });

  it('codes of categories, the most frequent first; what is missing or new has none', () => {
    expect(feature({ name: 'from', op: 'category', keys: ['from'] })).toEqual([0, 0, 1, NaN, 0]);
    expect(feature({ name: 'from', op: 'category', keys: ['from'], maxCategories: 1 })).toEqual([0, 0, NaN, NaN, 0]);
    const other = frameFromRows([{ from: 'Z' }, { from: 'B' }], { from: 'string' });
    expect(feature({ name: 'from', op: 'category', keys: ['from'] }, other)).toEqual([NaN, 1]);
  });

  it('joins columns into one key without mixing them up', () => {
    const rows = frameFromRows(
      [
        { from: 'A', to: 'B-C' },
        { from: 'A-B', to: 'C' },
      ],
      { from: 'string', to: 'string' },
    );
    const spec = { features: [{ name: 'route', op: 'category', keys: ['from', 'to'] }] } as const;
    expect(Array.from(applyRecipe(fitRecipe(spec, rows, [0, 1]), rows).values)).toEqual([0, 1]);
  });

  it('smoothed rates: the prior counts as so many rows', () => {
    // Of A, 1 of 3; of all, 2 of 5.
    const rates = feature({ name: 'rate', op: 'rate', keys: ['from'], priorStrength: 5 });
    expect(rates[0]).toBeCloseTo((1 + 5 * 0.4) / (3 + 5), 6);
    expect(rates[2]).toBeCloseTo((1 + 5 * 0.4) / (1 + 5), 6);
    const unknown = frameFromRows([{ from: 'Z' }], { from: 'string' });
    expect(feature({ name: 'rate', op: 'rate', keys: ['from'], priorStrength: 5 }, unknown)[0]).toBeCloseTo(0.4, 6);
  });

  it('rates that lean towards the broader key, and stand on it where the narrower is new', () => {
    const spec = { name: 'rate', op: 'rate', keys: ['from', 'to'], priorStrength: 2, backOff: true } as const;
    const ofA = (1 + 2 * 0.4) / (3 + 2);
    expect(feature(spec)[0]).toBeCloseTo((1 + 2 * ofA) / (2 + 2), 6);
    const rows = frameFromRows(
      [
        { from: 'A', to: 'Z' },
        { from: 'Z', to: 'B' },
      ],
      { from: 'string', to: 'string' },
    );
    expect(feature(spec, rows)).toEqual([expect.closeTo(ofA, 6), expect.closeTo(0.4, 6)]);
    // Without backing off, both are unknown.
    expect(feature({ ...spec, backOff: false }, rows)).toEqual([expect.closeTo(0.4, 6), expect.closeTo(0.4, 6)]);
  });

  it('the rate itself without a prior', () => {
    expect(feature({ name: 'rate', op: 'rate', keys: [{ hour: 'at' }], priorStrength: 0 })).toEqual([
      1, 0.5, 0.5, 0, 0,
    ]);
  });

  it('the raw columns it needs, each once', () => {
    const { inputs } = fitRecipe(
      {
        features: [
          { name: 'a', op: 'rate', keys: ['from', { hour: 'at' }, { band: 'miles', bounds: [1] }] },
          { name: 'b', op: 'weekday', column: 'at' },
        ],
      },
      frame,
      labels,
    );
    expect(inputs).toEqual([
      { name: 'from', type: 'string' },
      { name: 'at', type: 'timestamp' },
      { name: 'miles', type: 'number' },
    ]);
  });

  it('nothing of a frame without rows', () => {
    const empty = frameFromRows([], TYPES);
    const recipe = fitRecipe({ features: [{ name: 'r', op: 'rate', keys: ['from', 'to'] }] }, frame, labels);
    expect(applyRecipe(recipe, empty)).toMatchObject({ rowCount: 0, names: ['r'] });
  });
});

describe('the matrix to train on', () => {
  const SPEC = { features: [{ name: 'rate', op: 'rate', keys: ['key'], priorStrength: 1 }] } as const;

  it('never holds a row’s own label: changing it leaves the row’s rate as it was', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), label: fc.integer({ min: 0, max: 1 }) }), {
          minLength: 10,
        }),
        fc.nat(),
        (rows, pick) => {
          const row = pick % rows.length;
          const keys = frameFromRows(
            rows.map(({ key }) => ({ key })),
            { key: 'string' },
          );
          const truth = rows.map(({ label }) => label);
          const lie = truth.map((label, i) => (i === row ? 1 - label : label));
          const of = (values: number[]) => featureOf(trainingMatrix(SPEC, keys, values).matrix, 0);
          expect(of(lie)[row]).toBe(of(truth)[row]);
        },
      ),
    );
  });

  it('carries no signal where there is none, unlike rates that saw their own row', () => {
    // Every row has a key of its own.
    const rows = frameFromRows(
      Array.from({ length: 200 }, (_, i) => ({ key: String(i) })),
      { key: 'string' },
    );
    const coin = Array.from({ length: 200 }, (_, i) => (i * 7919) % 2);
    const spread = (matrix: Matrix) => Math.max(...matrix.values) - Math.min(...matrix.values);
    expect(spread(applyRecipe(fitRecipe(SPEC, rows, coin), rows))).toBeGreaterThan(0.4);
    expect(spread(trainingMatrix(SPEC, rows, coin).matrix)).toBeLessThan(0.1);
  });

  it('can take rates from other times: a block of time is a fold', () => {
    const day = 86_400_000;
    const rows = frameFromRows(
      Array.from({ length: 8 }, (_, i) => ({ key: 'a', at: Math.floor(i / 2) * day })),
      {
        key: 'string',
        at: 'timestamp',
      },
    );
    const spec = { features: [{ name: 'rate', op: 'rate', keys: ['key'], priorStrength: 0 }] } as const;
    const { matrix } = trainingMatrix(spec, rows, [1, 1, 0, 0, 0, 0, 1, 0], { folds: 4, by: { time: 'at' } });
    expect(Array.from(matrix.values)).toEqual([1, 1, 3, 3, 3, 3, 2, 2].map((sum) => expect.closeTo(sum / 6, 6)));
  });

  it('comes with the recipe fitted on all rows', () => {
    const spec = { features: [{ name: 'rate', op: 'rate', keys: ['from'] }] } as const;
    expect(trainingMatrix(spec, frame, labels).recipe).toEqual(fitRecipe(spec, frame, labels));
  });

  it('has a rate even when all rows are in one fold', () => {
    const rows = frameFromRows(
      Array.from({ length: 4 }, () => ({ key: 'a', at: 0 })),
      { key: 'string', at: 'timestamp' },
    );
    const { matrix } = trainingMatrix(SPEC, rows, [1, 1, 1, 0], { by: { time: 'at' } });
    expect(Array.from(matrix.values)).toEqual([0.75, 0.75, 0.75, 0.75]);
  });
});

it('survives a journey through JSON', () => {
  const features: FeatureSpec[] = [
    { name: 'rate', op: 'rate', keys: ['from', { weekday: 'at' }], backOff: true },
    { name: 'cat', op: 'category', keys: ['to'] },
    { name: 'band', op: 'band', column: 'miles', bounds: [0.1, 200] },
  ];
  const recipe = fitRecipe({ features }, frame, labels);
  const copy = JSON.parse(JSON.stringify(recipe)) as Recipe;
  expect(applyRecipe(copy, frame)).toEqual(applyRecipe(recipe, frame));
});

describe('bad input is refused with the value at fault', () => {
  it.each<[string, readonly FeatureSpec[], string, RegExp]>([
    ['no features', [], 'LEARNING_RECIPE_INVALID', /there is none/],
    ['no keys', [{ name: 'x', op: 'rate', keys: [] }], 'LEARNING_RECIPE_INVALID', /"x".*no keys/],
    ['an unknown column', [{ name: 'x', op: 'hour', column: 'when' }], 'LEARNING_COLUMN_UNKNOWN', /"when".*at, miles/],
    ['an hour of text', [{ name: 'x', op: 'hour', column: 'from' }], 'LEARNING_COLUMN_TYPE', /"from".*string/],
    ['an hour of a number', [{ name: 'x', op: 'rate', keys: [{ hour: 'miles' }] }], 'LEARNING_COLUMN_TYPE', /"miles"/],
    ['a number of text', [{ name: 'x', op: 'number', column: 'to' }], 'LEARNING_COLUMN_TYPE', /"to"/],
    ['a key of numbers', [{ name: 'x', op: 'category', keys: ['miles'] }], 'LEARNING_COLUMN_TYPE', /"miles".*string/],
    ['falling bounds', [{ name: 'x', op: 'band', column: 'miles', bounds: [2, 1] }], 'LEARNING_RECIPE_INVALID', /2, 1/],
    ['a NaN bound', [{ name: 'x', op: 'band', column: 'miles', bounds: [NaN] }], 'LEARNING_RECIPE_INVALID', /NaN/],
    ['a negative prior', [{ name: 'x', op: 'rate', keys: ['to'], priorStrength: -1 }], 'LEARNING_RECIPE_INVALID', /-1/],
    [
      'no categories',
      [{ name: 'x', op: 'category', keys: ['to'], maxCategories: 0 }],
      'LEARNING_RECIPE_INVALID',
      /is 0/,
    ],
    [
      'two of one name',
      [
        { name: 'x', op: 'hour', column: 'at' },
        { name: 'x', op: 'weekday', column: 'at' },
      ],
      'LEARNING_RECIPE_INVALID',
      /two of this name/,
    ],
  ])('%s', (_, features, code, message) => {
    expect(() => fitRecipe({ features }, frame, labels)).toThrow(
      expect.objectContaining({ code, kind: 'invalid', message: expect.stringMatching(message) }),
    );
  });

  it('labels that are too few, no rows, one fold', () => {
    const spec = { features: [{ name: 'x', op: 'hour', column: 'at' }] } as const;
    expect(() => fitRecipe(spec, frame, [1])).toThrow(/5 rows but 1/);
    expect(() => fitRecipe(spec, frameFromRows([], TYPES), [])).toThrow(/no rows/);
    expect(() => trainingMatrix(spec, frame, labels, { folds: 1 })).toThrow(/folds is 1/);
  });
});
