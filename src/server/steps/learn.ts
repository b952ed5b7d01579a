import {
  applyRecipe,
  type GbdtModel,
  type GbdtOptions,
  type Matrix,
  type Predictor,
  type Recipe,
  trainGbdt,
  trainingMatrix,
} from '#domains/learning';
import type { LabelledRows } from './load-rows.ts';
import type { StepContext } from './step-context.ts';
import type { TrainingPlan } from './training-plan.ts';
import { versionParams } from './version-params.ts';

/** Boosted trees with their features: what this pipeline makes, and what it can correct. */
export interface TreePredictor extends Predictor {
  readonly model: GbdtModel;
}

/** File of a run that holds its predictor as JSON, for a later retraining to continue from. */
export const PREDICTOR_FILE = 'predictor.json';

/**
 * The champion, to be corrected instead of replaced; undefined without a champion, or when this pipeline did not make it.
 */
export async function championPredictor(step: StepContext, plan: TrainingPlan): Promise<TreePredictor | undefined> {
  if (plan.champion === null) return undefined;
  const params = await versionParams(step.client, plan.champion);
  const { run } = await step.client.registry.getVersion({ params });
  if (run === null) return undefined;
  const id = run.slice('run:'.length);
  const { artifacts } = await step.client.tracking.listArtifacts({ params: { run: id }, query: {} });
  if (!artifacts.some(({ path }) => path === PREDICTOR_FILE)) return undefined;
  const response = await step.client.tracking.getArtifact({ params: { run: id, path: PREDICTOR_FILE } });
  const predictor = (await response.json()) as TreePredictor;
  const sameFeatures = predictor.model.featureNames.join() === plan.features.map(({ name }) => name).join();
  return predictor.model.kind === 'gbdt' && sameFeatures ? predictor : undefined;
}

/** The features to learn from: the champion's, with its rates as they are, or fitted anew without looking at a row's own label. */
export function featuresOf(
  plan: TrainingPlan,
  rows: LabelledRows,
  start: TreePredictor | undefined,
): { readonly recipe: Recipe; readonly matrix: Matrix } {
  if (start) return { recipe: start.recipe, matrix: applyRecipe(start.recipe, rows.frame) };
  return trainingMatrix({ features: plan.features }, rows.frame, rows.labels, { by: 'hash' });
}

/** Learns trees from rows, from nothing or as corrections of a start. */
export async function learnTrees(
  plan: TrainingPlan,
  rows: LabelledRows,
  settings: Readonly<Record<string, number>>,
  start: TreePredictor | undefined,
  onIteration?: GbdtOptions['onIteration'],
): Promise<TreePredictor> {
  const { recipe, matrix } = featuresOf(plan, rows, start);
  const options = {
    threads: 2,
    ...(start ? { continueFrom: start.model } : {}),
    ...(onIteration ? { onIteration } : {}),
  };
  const { model } = await trainGbdt(matrix, rows.labels, settings, options);
  return { recipe, model };
}
