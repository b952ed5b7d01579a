import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadOnnx } from '#platform/onnx';
import { majority } from './core/baselines.ts';
import { applyRecipe, fitRecipe } from './core/features/recipe.ts';
import { type Frame, frameFromRows } from './core/frame.ts';
import { trainGbdt } from './core/gbdt/train.ts';
import { trainLinear, trainLogistic } from './core/linear.ts';
import { predictProbabilities } from './core/predict.ts';
import type { FeatureSpec, KeyPart, Model, Predictor } from './model.ts';
import { checkParity, exportOnnx } from './onnx.ts';

const TYPES = { at: 'timestamp', miles: 'number', from: 'string', to: 'string' } as const;

const cell = {
  at: fc.integer({ min: -4e12, max: 4e12 }),
  miles: fc.oneof(
    fc.constant(null),
    fc.integer({ min: -3, max: 3 }),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.double({ min: -10, max: 10, noNaN: true }),
  ),
  from: fc.constantFrom('A', 'B', 'Ü', '', null, 'x\u0000y'),
  to: fc.oneof(fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F', 'G'), fc.string()),
};
const frames = fc.array(fc.record(cell), { minLength: 12, maxLength: 60 });

const bounds = fc
  .uniqueArray(
    fc.float({ min: -5, max: 5, noNaN: true }).map((bound) => bound + 0),
    { minLength: 1, maxLength: 4 },
  )
  .map((values) => values.toSorted((a, b) => a - b));
const part: fc.Arbitrary<KeyPart> = fc.oneof(
  fc.constantFrom<KeyPart>('from', 'to', { hour: 'at' }, { weekday: 'at' }),
  bounds.map((edges) => ({ band: 'miles', bounds: edges })),
);
const keys = fc.array(part, { minLength: 1, maxLength: 3 });
const op: fc.Arbitrary<FeatureSpec> = fc.oneof(
  fc.constant<FeatureSpec>({ name: '', op: 'number', column: 'miles' }),
  fc.constant<FeatureSpec>({ name: '', op: 'hour', column: 'at' }),
  fc.constant<FeatureSpec>({ name: '', op: 'weekday', column: 'at' }),
  bounds.map((edges): FeatureSpec => ({ name: '', op: 'band', column: 'miles', bounds: edges })),
  fc
    .record({ keys, maxCategories: fc.integer({ min: 1, max: 9 }) })
    .map((c): FeatureSpec => ({ name: '', op: 'category', ...c })),
  fc
    .record({ keys, backOff: fc.boolean(), priorStrength: fc.constantFrom(0, 1, 20) })
    .map((rate): FeatureSpec => ({ name: '', op: 'rate', ...rate })),
);
const features = fc
  .array(op, { minLength: 1, maxLength: 6 })
  .map((specs) => specs.map((spec, i) => ({ ...spec, name: `feature ${i}` })));

async function modelOf(
  kind: string,
  frame: Frame,
  recipe: Predictor['recipe'],
  labels: readonly number[],
): Promise<Model> {
  const matrix = applyRecipe(recipe, frame);
  const values = labels.map((label, row) => label * 3 + row / 10);
  if (kind === 'logistic') return trainLogistic(matrix, labels);
  if (kind === 'linear') return trainLinear(matrix, values);
  if (kind === 'constant') return majority(matrix, labels);
  if (kind === 'feature') {
    const [feature = ''] = matrix.names;
    return { kind: 'feature', objective: 'regression', featureNames: matrix.names, feature };
  }
  const settings = { numIterations: 5, minDataInLeaf: 1, minDataPerGroup: 1, catSmooth: 1, numLeaves: 6 };
  if (kind === 'trees') return (await trainGbdt(matrix, labels, settings)).model;
  return (await trainGbdt(matrix, values, { ...settings, objective: 'regression' })).model;
}

describe('an exported predictor', () => {
  it.each(['trees', 'regression trees', 'logistic', 'linear', 'constant', 'feature'])(
    'answers as here, on any recipe, with missing values and ones never seen: %s',
    async (kind) => {
      await fc.assert(
        fc.asyncProperty(features, frames, frames, async (specs, learned, seen) => {
          const frame = frameFromRows(learned, TYPES);
          const labels = learned.map((row, i) => (i < 2 ? i : Number((row.miles ?? 1) > 0)));
          const recipe = fitRecipe({ features: specs }, frame, labels);
          const predictor: Predictor = { recipe, model: await modelOf(kind, frame, recipe, labels) };
          const onnx = await exportOnnx(predictor);
          for (const rows of [frame, frameFromRows(seen, TYPES)]) {
            const ours = predictProbabilities(predictor, rows);
            const { maxDifference, rows: compared } = await checkParity(onnx, rows, ours);
            expect(compared).toBe(rows.rowCount);
            // Features are equal bit by bit, missing ones too; sums of leaves and of slopes are float32 there.
            expect(maxDifference).toBeLessThanOrEqual(kind === 'feature' ? 0 : 1e-5 * scaleOf(kind, ours));
          }
        }),
        { numRuns: 40 },
      );
    },
  );

  it('names its output by what it answers, and its inputs by the raw columns', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({ at: i * 3_600_000, miles: i, from: 'A', to: 'B' }));
    const frame = frameFromRows(rows, TYPES);
    const specs = { features: [{ name: 'x', op: 'rate', keys: ['from', { hour: 'at' }] }] } as const;
    const recipe = fitRecipe(
      specs,
      frame,
      rows.map((_, i) => i % 2),
    );
    const session = await loadOnnx(
      await exportOnnx({
        recipe,
        model: await modelOf(
          'trees',
          frame,
          recipe,
          rows.map((_, i) => i % 2),
        ),
      }),
    );
    expect(session.inputs).toEqual([
      { name: 'from', type: 'string' },
      { name: 'at', type: 'int64' },
    ]);
    expect(session.outputs).toEqual([{ name: 'probability', type: 'float32' }]);
    await session.release();
    const value = await loadOnnx(
      await exportOnnx({
        recipe,
        model: await modelOf(
          'linear',
          frame,
          recipe,
          rows.map((_, i) => i % 2),
        ),
      }),
    );
    expect(value.outputs).toEqual([{ name: 'value', type: 'float32' }]);
    await value.release();
  });
});

describe('parity', () => {
  const rows = Array.from({ length: 30_000 }, (_, i) => ({ miles: i % 97 }));
  const frame = frameFromRows(rows, { miles: 'number' });
  const labels = rows.map(({ miles }) => Number(miles > 50));
  const recipe = fitRecipe({ features: [{ name: 'miles', op: 'number', column: 'miles' }] }, frame, labels);

  it('sees one wrong answer among thirty thousand', async () => {
    const model = (await trainGbdt(applyRecipe(recipe, frame), labels, { numIterations: 3 })).model;
    const onnx = await exportOnnx({ recipe, model });
    const ours = predictProbabilities({ recipe, model }, frame);
    expect((await checkParity(onnx, frame, ours)).maxDifference).toBeLessThan(1e-6);
    const last = ours.length - 1;
    ours[last] = (ours[last] ?? 0) + 0.25;
    expect((await checkParity(onnx, frame, ours)).maxDifference).toBeCloseTo(0.25, 5);
  });

  it('refuses what it cannot compare', async () => {
    const onnx = await exportOnnx({ recipe, model: majority(applyRecipe(recipe, frame), labels) });
    await expect(checkParity(onnx, frame, [1, 2])).rejects.toMatchObject({ code: 'LEARNING_LENGTHS_DIFFER' });
    const nothing = await checkParity(onnx, frame, new Float64Array(30_000).fill(NaN));
    expect(nothing.maxDifference).toBe(Number.POSITIVE_INFINITY);
    await expect(checkParity(new Uint8Array(3), frame, labels)).rejects.toMatchObject({ code: 'ONNX_MODEL_INVALID' });
    const times = frameFromRows([{ at: 0 }, { at: null }], { at: 'timestamp' });
    const hourly = fitRecipe({ features: [{ name: 'hour', op: 'hour', column: 'at' }] }, times, [0, 1]);
    const constant = majority(applyRecipe(hourly, times), [0, 1]);
    const refused = checkParity(await exportOnnx({ recipe: hourly, model: constant }), times, [0.5, 0.5]);
    await expect(refused).rejects.toMatchObject({
      code: 'LEARNING_TIMESTAMP_MISSING',
      message: expect.stringContaining('row 1'),
    });
  });
});

/** Values are compared relative to their size, probabilities as they are. */
function scaleOf(kind: string, answers: Float64Array): number {
  if (kind === 'trees' || kind === 'logistic' || kind === 'constant') return 1;
  return Math.max(1, ...answers.map(Math.abs));
}
