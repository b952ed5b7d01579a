import type { Trial } from '#contract';
import { applyRecipe, type GbdtModel, gbdtSearchSpace, type LabelledMatrix, trainGbdt } from '#domains/learning';
import { codeCommit } from './code-commit.ts';
import { championPredictor, featuresOf } from './learn.ts';
import { type LabelledRows, loadRows, preferRecent, sampleRows } from './load-rows.ts';
import { MetricLog } from './metric-log.ts';
import type { StepContext } from './step-context.ts';
import type { TrainingFacts } from './training-data.ts';
import { readTrainingPlan, type TrainingPlan } from './training-plan.ts';

/** What the search found, for the step that fits the model. */
export interface BestTrial {
  readonly study: string;
  readonly trial: number;
  readonly params: Trial['params'];
  /** Iterations at which the validation loss was lowest. */
  readonly iterations: number;
  /** Mean log loss of the validation rows, nats. */
  readonly validationLogLoss: number;
}

const EARLY_STOPPING_ROUNDS = 20;
/** Iterations between two reports, after each of which a trial may be pruned. */
const REPORT_EVERY = 10;

/** Tries settings of the boosted trees: each trial is a tracked run, judged on the validation rows. */
export async function hyperparameterSearch(step: StepContext): Promise<void> {
  const plan = readTrainingPlan(step.params);
  const facts = step.readJson('facts') as TrainingFacts;
  const [train, validation] = await loadRows(step, facts, [['train'], ['validation']]);
  if (!train || !validation) throw new Error('train and validation are missing');
  const recent = preferRecent(train, plan);
  const learned = sampleRows(recent, plan.search.rows, plan.seed);
  const judged = sampleRows(validation, Math.ceil(plan.search.rows / 2), plan.seed + 1);
  const bench = await openBench(step, plan, facts, learned, judged);
  const study = `${plan.model}-${step.run.slice(-12)}`;
  await step.client.tuning.createStudy({
    body: {
      name: study,
      directions: ['minimize'],
      space: gbdtSearchSpace,
      sampler: { name: 'tpe', seed: plan.seed, startupTrials: Math.max(2, Math.floor(plan.search.trials / 2)) },
      pruner: { name: 'median', startupTrials: 2, warmupSteps: REPORT_EVERY },
      experiment: plan.experiment,
    },
  });
  let best: BestTrial | undefined;
  for (let number = 0; number < plan.search.trials; number++) {
    const found = await tryOnce(bench, study, number);
    if (found && (!best || found.validationLogLoss < best.validationLogLoss)) best = found;
  }
  if (!best) throw new Error('No trial came to its end.');
  step.say(
    `best: trial ${best.trial}, log loss ${best.validationLogLoss.toFixed(5)} after ${best.iterations} iterations`,
  );
  step.writeJson('best', best);
}

interface Bench {
  readonly step: StepContext;
  readonly plan: TrainingPlan;
  readonly facts: TrainingFacts;
  readonly code: string;
  readonly train: LabelledMatrix;
  readonly validation: LabelledMatrix;
  /** The champion's trees, which a retraining corrects where this pipeline made them. */
  readonly continueFrom: GbdtModel | undefined;
}

async function openBench(
  step: StepContext,
  plan: TrainingPlan,
  facts: TrainingFacts,
  learned: LabelledRows,
  judged: LabelledRows,
): Promise<Bench> {
  const champion = await championPredictor(step, plan);
  const { recipe, matrix } = featuresOf(plan, learned, champion);
  return {
    step,
    plan,
    facts,
    code: await codeCommit(),
    train: { matrix, labels: learned.labels },
    validation: { matrix: applyRecipe(recipe, judged.frame), labels: judged.labels },
    continueFrom: champion?.model,
  };
}

async function tryOnce(bench: Bench, study: string, attempt: number): Promise<BestTrial | undefined> {
  const { step, plan } = bench;
  const trial = await step.client.tuning.ask({ params: { study }, body: { key: String(attempt) } });
  if (trial.state !== 'running') return earlierOutcome(bench, study, trial);
  const { number } = trial;
  const metrics = trial.run === null ? undefined : await trackTrial(bench, trial.run);
  let pruned: string | undefined;
  let lowest = { iterations: 0, loss: Number.POSITIVE_INFINITY };
  const { train, validation, continueFrom } = bench;
  await trainGbdt(
    train.matrix,
    train.labels,
    {
      ...numbersIn(trial.params),
      numIterations: plan.iterations,
      earlyStoppingRounds: EARLY_STOPPING_ROUNDS,
      seed: plan.seed,
    },
    {
      validation,
      threads: 2,
      ...(continueFrom ? { continueFrom } : {}),
      async onIteration(iteration, losses) {
        const { train, validation } = losses;
        if (validation === undefined) return false;
        metrics?.add(iteration, { 'train.logLoss': train, 'validation.logLoss': validation });
        if (validation < lowest.loss) lowest = { iterations: iteration + 1, loss: validation };
        if ((iteration + 1) % REPORT_EVERY !== 0) return false;
        const body = { step: iteration + 1, value: validation };
        const { prune, words } = await step.client.tuning.report({ params: { study, number }, body });
        if (prune) pruned = words;
        return prune;
      },
    },
  );
  await metrics?.flush();
  const told = pruned === undefined ? { values: [lowest.loss] } : { state: 'pruned' as const, words: pruned };
  await step.client.tuning.tell({ params: { study, number }, body: told });
  step.say(`trial ${number}: ${pruned === undefined ? `log loss ${lowest.loss.toFixed(5)}` : `pruned, ${pruned}`}`);
  if (pruned !== undefined) return undefined;
  return { study, trial: number, params: trial.params, iterations: lowest.iterations, validationLogLoss: lowest.loss };
}

/** What a trial of an earlier attempt of the step came to; the iterations are those of its best report. */
async function earlierOutcome({ step, plan }: Bench, study: string, trial: Trial): Promise<BestTrial | undefined> {
  const { number, params, state, values } = trial;
  const validationLogLoss = Number(values?.[0]);
  if (state !== 'complete' || !Number.isFinite(validationLogLoss)) return undefined;
  const { reports } = await step.client.tuning.getTrial({ params: { study, number } });
  const best = reports.toSorted((a, b) => Number(a.value) - Number(b.value))[0];
  return { study, trial: number, params, iterations: best?.step ?? plan.iterations, validationLogLoss };
}

async function trackTrial({ step, facts, code }: Bench, run: string): Promise<MetricLog> {
  const inputs = (['train', 'validation'] as const).map((role) => {
    return { ref: facts.commit, path: facts.parts[role].path, role: role === 'train' ? ('training' as const) : role };
  });
  await step.client.tracking.addInputs({ params: { run }, body: { inputs } });
  await step.client.tracking.updateRun({ params: { run }, body: { codeCommit: code } });
  return new MetricLog(step.client, run);
}

/** The params of a trial that are settings of the learner: all of its space are numbers. */
export function numbersIn(params: Trial['params']): Record<string, number> {
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : [])),
  );
}
