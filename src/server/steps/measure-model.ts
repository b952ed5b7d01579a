import type { GateMeasurements } from '#contract';
import {
  checkParity,
  comparePaired,
  evaluateBinary,
  evaluateSegments,
  predictProbabilities,
  trainingMatrix,
  trainLogistic,
} from '#domains/learning';
import type { LabelledRows } from './load-rows.ts';
import { onnxPredictions, timeSingleRows } from './score-onnx.ts';
import type { StepContext } from './step-context.ts';
import type { TrainingFacts } from './training-data.ts';
import type { TrainingPlan } from './training-plan.ts';
import { versionParams } from './version-params.ts';

const MIN_SEGMENT_ROWS = 50;

/** Whom a new model is compared with. */
export interface Opponent {
  /** version:<model>/<number>, or `baseline`. */
  readonly name: string;
  readonly probabilities: ArrayLike<number>;
}

/**
 * The champion as it is served, or, before there is one, the baseline: a logistic regression on the historical rates of
 * its keys, each by itself.
 */
export async function opponentOf(
  step: StepContext,
  plan: TrainingPlan,
  learned: LabelledRows,
  test: LabelledRows,
): Promise<Opponent> {
  if (plan.champion === null) {
    const features = Object.entries(plan.baseline).map(([name, keys]) => ({ name, op: 'rate' as const, keys }));
    const { recipe, matrix } = trainingMatrix({ features }, learned.frame, learned.labels, { by: 'hash' });
    const baseline = { recipe, model: trainLogistic(matrix, learned.labels) };
    return { name: 'baseline', probabilities: predictProbabilities(baseline, test.frame) };
  }
  const params = await versionParams(step.client, plan.champion);
  const response = await step.client.registry.readModelFile({ params });
  const onnx = new Uint8Array(await response.arrayBuffer());
  return { name: plan.champion, probabilities: await onnxPredictions(onnx, test.frame) };
}

/** Measures a model on the test rows: as a whole, by segment, against its opponent, as an ONNX file, and by the clock. */
export async function measure(
  plan: TrainingPlan,
  facts: TrainingFacts,
  measured: {
    readonly test: LabelledRows;
    readonly probabilities: Float64Array;
    readonly opponent: Opponent;
    readonly onnx: Uint8Array;
  },
) {
  const { test, probabilities, opponent, onnx } = measured;
  const { labels } = test;
  const overall = evaluateBinary(labels, probabilities);
  const opposed = evaluateBinary(labels, opponent.probabilities);
  const paired = comparePaired(labels, probabilities, opponent.probabilities);
  const segments = evaluateSegments({
    frame: test.frame,
    by: plan.segments,
    labels,
    probabilities,
    baseline: opponent.probabilities,
    minRows: MIN_SEGMENT_ROWS,
  });
  const parity = await checkParity(onnx, test.frame, probabilities);
  const latency = await timeSingleRows(onnx, test.frame);
  const measurements: GateMeasurements = {
    comparison: {
      opponent: opponent.name,
      rows: labels.length,
      candidateLogLoss: overall.logLoss.value,
      opponentLogLoss: opposed.logLoss.value,
      candidateAuc: overall.auc.value,
      opponentAuc: opposed.auc.value,
      difference: paired.logLoss.value,
      low: paired.logLoss.low,
      high: paired.logLoss.high,
      data: facts.commit,
    },
    segments: segments.flatMap(({ column, value, rows, logLoss, comparison }) =>
      comparison
        ? [
            {
              column,
              value,
              rows,
              candidateLogLoss: logLoss.value,
              opponentLogLoss: logLoss.value - comparison.value,
              difference: comparison.value,
              low: comparison.low,
              high: comparison.high,
            },
          ]
        : [],
    ),
    onnx: { rows: parity.rows, maxDifference: parity.maxDifference },
    latency,
  };
  const metrics = {
    'test.rows': labels.length,
    'test.rate': overall.rate.value,
    'test.auc': overall.auc.value,
    'test.logLoss': overall.logLoss.value,
    'test.brier': overall.brier.value,
    'opponent.auc': opposed.auc.value,
    'opponent.logLoss': opposed.logLoss.value,
    'onnx.maxDifference': parity.maxDifference,
    'latency.p99Ms': latency.p99Ms,
  };
  const onnxScores = await onnxPredictions(onnx, test.frame);
  return { measurements, metrics, evaluation: { overall, segments }, onnxPredictions: onnxScores };
}
