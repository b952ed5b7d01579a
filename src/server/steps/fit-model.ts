import { writeFileSync } from 'node:fs';
import type { GateMeasurements, ModelSignature, NewModelVersion } from '#contract';
import {
  exportOnnx,
  type Frame,
  frameToRows,
  gainImportance,
  type Predictor,
  predictProbabilities,
  takeRows,
} from '#domains/learning';
import { type FrozenReference, freezeReference } from '#domains/monitoring';
import { digestOf } from '#platform/digest';
import { codeCommit } from './code-commit.ts';
import { crossFitted } from './cross-fit.ts';
import { type BestTrial, numbersIn } from './hyperparameter-search.ts';
import { championPredictor, learnTrees, PREDICTOR_FILE, type TreePredictor } from './learn.ts';
import { type LabelledRows, loadRows, preferRecent, sampleRows } from './load-rows.ts';
import { measure, opponentOf } from './measure-model.ts';
import { MetricLog } from './metric-log.ts';
import type { StepContext } from './step-context.ts';
import type { TrainingFacts } from './training-data.ts';
import { readTrainingPlan, type TrainingPlan } from './training-plan.ts';

/** Everything that is registered with the model. */
export interface FitReport {
  /** Id of the tracked run. */
  readonly run: string;
  readonly words: string;
  /** The data commit it learned from. */
  readonly commit: string;
  readonly codeCommit: string;
  readonly signature: ModelSignature;
  readonly golden: NonNullable<NewModelVersion['golden']>;
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly evaluation: unknown;
  readonly measurements: GateMeasurements;
}

const GOLDEN_ROWS = 8;
/** More rows make the frozen bins no better. */
const REFERENCE_ROWS = 300_000;
const DAY_MS = 86_400_000;

/**
 * Learns from the training and validation rows with the settings the search found, and measures the result on the test
 * rows, which neither saw: as a whole, by segment, against its opponent, as an ONNX file, and by the clock.
 */
export async function fitModel(step: StepContext): Promise<void> {
  const plan = readTrainingPlan(step.params);
  const facts = step.readJson('facts') as TrainingFacts;
  const best = step.readJson('best') as BestTrial;
  const groups = [['train', 'validation'], ['test'], ['train', 'validation', 'test']] as const;
  const [all, test, everything] = await loadRows(step, facts, groups);
  if (!all || !test || !everything) throw new Error('there are no rows to learn from');
  const learned = preferRecent(all, plan);
  const code = await codeCommit();
  const run = await startRun(step, plan, facts, best, code);
  try {
    await fitAndMeasure(step, plan, facts, { best, learned, test, everything, run, code });
  } catch (error) {
    await step.client.tracking.updateRun({ params: { run }, body: { status: 'failed' } });
    throw error;
  }
}

interface Fit {
  readonly best: BestTrial;
  readonly learned: LabelledRows;
  readonly test: LabelledRows;
  readonly everything: LabelledRows;
  readonly run: string;
  readonly code: string;
}

async function fitAndMeasure(step: StepContext, plan: TrainingPlan, facts: TrainingFacts, fit: Fit): Promise<void> {
  const { best, learned, test, everything, run, code } = fit;
  const start = await championPredictor(step, plan);
  const predictor = await fitTrees(step, plan, best, learned, { run, start });
  const onnx = await exportOnnx(predictor, { description: `${plan.model}: boosted trees with their features` });
  writeFileSync(step.outputFile('model'), onnx);

  const probabilities = predictProbabilities(predictor, test.frame);
  const opponent = await opponentOf(step, plan, learned, test);
  const measured = await measure(plan, facts, { test, probabilities, opponent, onnx });
  const importance = gainImportance(predictor.model);
  const evaluation = { ...measured.evaluation, importance, opponent: opponent.name };
  const metrics = { ...measured.metrics, 'train.rows': learned.frame.rowCount };
  const report: FitReport = {
    run,
    words: wordsOf(plan, best, learned, start),
    commit: facts.commit,
    codeCommit: code,
    signature: signatureOf(predictor),
    golden: goldenOf(test.frame, measured.onnxPredictions),
    metrics,
    evaluation,
    measurements: measured.measurements,
  };
  writeFileSync(step.outputFile('reference'), JSON.stringify(await referenceOf(plan, best, everything, start)));
  await finishRun(step, run, metrics, { evaluation, onnx, predictor });
  step.writeJson('report', report);
}

function wordsOf(plan: TrainingPlan, best: BestTrial, learned: LabelledRows, start: TreePredictor | undefined): string {
  const rows = `${learned.frame.rowCount} rows`;
  return start
    ? `${plan.champion} with ${best.iterations} more trees, learned from ${rows}.`
    : `${best.iterations} boosted trees, learned from ${rows}.`;
}

/** A second attempt of the step gets the run of the first. */
async function startRun(
  step: StepContext,
  plan: TrainingPlan,
  facts: TrainingFacts,
  best: BestTrial,
  code: string,
): Promise<string> {
  const role = { train: 'training', validation: 'validation', test: 'test' } as const;
  const inputs = (['train', 'validation', 'test'] as const).map((part) => {
    return { ref: facts.commit, path: facts.parts[part].path, role: role[part] };
  });
  const params = Object.entries({ ...best.params, numIterations: best.iterations }).map(([key, value]) => {
    return { key, value: String(value) };
  });
  const id = digestOf({ run: step.run, step: 'fit' }).slice(0, 32);
  await step.client.tracking.createExperiment({ body: { name: plan.experiment } });
  const run = await step.client.tracking.createRun({
    body: {
      id,
      experiment: plan.experiment,
      name: plan.window ? `retraining ${step.run.slice(-6)}` : `training ${step.run.slice(-6)}`,
      params,
      tags: { 'pipeline-run': step.run, study: best.study, trial: String(best.trial) },
      codeCommit: code,
      inputs,
    },
  });
  return run.id;
}

async function fitTrees(
  step: StepContext,
  plan: TrainingPlan,
  best: BestTrial,
  rows: LabelledRows,
  { run, start }: { readonly run: string; readonly start: TreePredictor | undefined },
): Promise<TreePredictor> {
  const metrics = new MetricLog(step.client, run);
  const predictor = await learnTrees(plan, rows, settingsOf(plan, best), start, (iteration, { train }) =>
    metrics.add(iteration, { 'train.logLoss': train }),
  );
  await metrics.flush();
  const how = start ? `as corrections of ${plan.champion}` : 'from nothing';
  step.say(`learned ${best.iterations} trees ${how} on ${rows.frame.rowCount} rows`);
  return predictor;
}

function signatureOf({ recipe }: Predictor): ModelSignature {
  return {
    inputs: recipe.inputs.map(({ name, type }) => ({ name, type, nullable: type !== 'timestamp' })),
    output: 'probability',
  };
}

/**
 * What monitors compare live windows with. After a retraining only the last days tell what performance is to be expected:
 * those before may be of a world that is gone.
 */
async function referenceOf(
  plan: TrainingPlan,
  best: BestTrial,
  everything: LabelledRows,
  start: TreePredictor | undefined,
): Promise<FrozenReference> {
  const rows = sampleRows(everything, REFERENCE_ROWS, plan.seed);
  const { frame, labels, timesMs } = rows;
  const newest = timesMs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const expectedFromMs = plan.window ? newest - plan.expectedDays * DAY_MS : Number.NEGATIVE_INFINITY;
  return freezeReference({
    columns: frame.columns,
    times: timesMs,
    features: plan.watch,
    predictions: await crossFitted(plan, rows, settingsOf(plan, best), start),
    labels: labels.map((label, row) => ((timesMs[row] as number) < expectedFromMs ? Number.NaN : label)),
  });
}

function settingsOf(plan: TrainingPlan, best: BestTrial) {
  return { ...numbersIn(best.params), numIterations: best.iterations, seed: plan.seed };
}

/** Rows with the answers of the ONNX file: a server that answers otherwise does not put it in service. */
function goldenOf(frame: Frame, predictions: ArrayLike<number>): FitReport['golden'] {
  const rows = Math.min(GOLDEN_ROWS, frame.rowCount);
  const chosen = Array.from({ length: rows }, (_, i) => Math.floor((i * frame.rowCount) / rows));
  return {
    rows: frameToRows(takeRows(frame, chosen)),
    predictions: chosen.map((row) => predictions[row] as number),
  };
}

async function finishRun(
  step: StepContext,
  run: string,
  metrics: Readonly<Record<string, number | null>>,
  artifacts: { readonly evaluation: unknown; readonly onnx: Uint8Array; readonly predictor: TreePredictor },
): Promise<void> {
  const log = new MetricLog(step.client, run);
  log.add(0, Object.fromEntries(Object.entries(metrics).map(([key, value]) => [key, value ?? undefined])));
  await log.flush();
  const put = (path: string, body: Uint8Array<ArrayBuffer> | string) =>
    step.client.tracking.putArtifact({ params: { run, path }, body });
  await put('evaluation.json', JSON.stringify(artifacts.evaluation));
  await put(PREDICTOR_FILE, JSON.stringify(artifacts.predictor));
  await put('model.onnx', Uint8Array.from(artifacts.onnx));
  await step.client.tracking.updateRun({ params: { run }, body: { status: 'finished' } });
}
