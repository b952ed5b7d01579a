import { expect, it } from 'vitest';
import {
  applyRecipe,
  checkParity,
  comparePaired,
  evaluateBinary,
  evaluateSegments,
  exportOnnx,
  fitRateBaseline,
  fitRecipe,
  frameFromRows,
  gainImportance,
  majority,
  type Predictor,
  permutationImportance,
  predictProbabilities,
  type RecipeSpec,
  takeRows,
  trainGbdt,
  trainingMatrix,
  trainLinear,
  trainLogistic,
} from '#domains/learning';
import { seededRng } from '#platform/kernel';

const HOUR_MS = 3_600_000;
const SPEC: RecipeSpec = {
  features: [
    { name: 'hour', op: 'hour', column: 'at' },
    { name: 'miles', op: 'number', column: 'miles' },
    { name: 'route rate', op: 'rate', keys: ['from', 'to'], backOff: true },
    { name: 'from', op: 'category', keys: ['from'] },
  ],
};

/** Departures that are late more often in the evening, on some routes, and on either end of the distances. */
function departures(count: number) {
  const rng = seededRng(11);
  const airports = ['ATL', 'DFW', 'JFK', 'LAX', 'ORD', 'SEA'];
  const rows = Array.from({ length: count }, (_, i) => {
    const from = airports[rng.int(6)] ?? '';
    const to = airports[rng.int(6)] ?? '';
    return { at: i * 6 * 60_000, miles: rng.int(2500), from, to };
  });
  const labels = Uint8Array.from(rows, ({ at, miles, from, to }) => {
    const hour = Math.floor(at / HOUR_MS) % 24;
    const score = -2 + hour / 12 + Math.abs(miles - 1250) / 800 + (from === 'ORD' && to === 'JFK' ? 2 : 0);
    return rng.next() < 1 / (1 + Math.exp(-score)) ? 1 : 0;
  });
  return { frame: frameFromRows(rows, { at: 'timestamp', miles: 'number', from: 'string', to: 'string' }), labels };
}

it('leads from raw rows to a model in one file that beats the baselines, by way of the front door', async () => {
  const { frame, labels } = departures(12_000);
  const order = Array.from({ length: 12_000 }, (_, i) => i);
  const [learned, judged] = [takeRows(frame, order.slice(0, 8000)), takeRows(frame, order.slice(8000))];
  const [truth, later] = [labels.slice(0, 8000), labels.slice(8000)];

  const { recipe, matrix } = trainingMatrix(SPEC, learned, truth, { by: { time: 'at' } });
  expect(fitRecipe(SPEC, learned, truth)).toEqual(recipe);
  const { model } = await trainGbdt(matrix, truth, { numIterations: 60, numLeaves: 8, minDataInLeaf: 50 });
  const trees: Predictor = { recipe, model };
  const rivals: Record<string, Predictor> = {
    constant: { recipe, model: majority(matrix, truth) },
    rate: fitRateBaseline(learned, truth, { keys: ['from', 'to', { hour: 'at' }] }),
    logistic: { recipe, model: trainLogistic(matrix, truth) },
    linear: { recipe, model: trainLinear(matrix, truth) },
  };

  const probabilities = predictProbabilities(trees, judged);
  const evaluation = evaluateBinary(later, probabilities);
  const { error, errorByChance } = evaluation.calibration;
  expect(error.value).toBeLessThan(2 * errorByChance);
  for (const [name, rival] of Object.entries(rivals)) {
    const others = predictProbabilities(rival, judged).map((value) => Math.min(1, Math.max(0, value)));
    const { auc, logLoss } = comparePaired(later, probabilities, others);
    expect(logLoss.high, name).toBeLessThan(0);
    expect(auc?.low, name).toBeGreaterThan(0);
    const onnx = await exportOnnx(rival);
    expect((await checkParity(onnx, judged, predictProbabilities(rival, judged))).maxDifference).toBeLessThan(1e-5);
  }

  const by = { from: 'from', hour: { hour: 'at' } } as const;
  const segments = evaluateSegments({ frame: judged, by, labels: later, probabilities });
  expect(segments.filter(({ column }) => column === 'from')).toHaveLength(6);
  expect(segments.filter(({ column }) => column === 'hour')).toHaveLength(24);

  const shuffled = permutationImportance({ model, matrix: applyRecipe(recipe, judged), labels: later });
  const gains = gainImportance(model);
  expect(shuffled.miles?.low).toBeGreaterThan(0);
  expect(shuffled.hour?.low).toBeGreaterThan(0);
  expect(gains.miles).toBeGreaterThan(gains.from ?? 1);

  const parity = await checkParity(await exportOnnx(trees), judged, probabilities);
  expect(parity.rows).toBe(4000);
  expect(parity.maxDifference).toBeLessThan(1e-6);
});
