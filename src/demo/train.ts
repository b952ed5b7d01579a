import type { PipelineRunDetail } from '#contract';
import type { Client } from '#sdk';
import { type DemoPlan, LATE_MINUTES } from './plan.ts';
import { type CleanData, count, REPOSITORY } from './prepare.ts';
import type { Story } from './story.ts';

export const MODEL = 'delays';
export const PIPELINE = 'delays-training';
const EXPERIMENT = 'delays';
const POLL_MS = 250;

/** What the last step of the pipeline answers. */
export interface Verdict {
  readonly version: string;
  readonly passed: boolean;
  readonly words: string;
  readonly checks: readonly { readonly name: string; readonly passed: boolean; readonly words: string }[];
}

/**
 * What is learned: how likely a flight is to arrive more than 15 minutes late. The rate of route and hour together is left out
 * on purpose: it learns the timetable of one season by heart (docs/decisions/demo-features.md).
 */
function trainingParams(plan: DemoPlan, data: CleanData) {
  const route = ['origin', 'destination'];
  const bands = { band: 'distance', bounds: [250, 500, 750, 1000, 1500, 2000] };
  return {
    model: MODEL,
    experiment: EXPERIMENT,
    repository: REPOSITORY,
    data: { ref: data.commit, path: data.path, time: 'date', label: { column: 'delay', above: LATE_MINUTES } },
    window: null,
    champion: null,
    split: { train: 0.7, validation: 0.15 },
    recentSplit: { validationDays: 1, testDays: 2 },
    features: [
      { name: 'hour', op: 'hour', column: 'date' },
      { name: 'weekday', op: 'weekday', column: 'date' },
      { name: 'distance', op: 'number', column: 'distance' },
      { name: 'distance_band', op: 'band', column: 'distance', bounds: bands.bounds },
      { name: 'origin_rate', op: 'rate', keys: ['origin'] },
      { name: 'destination_rate', op: 'rate', keys: ['destination'] },
      { name: 'route_rate', op: 'rate', keys: route, backOff: true },
      { name: 'hour_rate', op: 'rate', keys: [{ hour: 'date' }] },
      { name: 'origin_hour_rate', op: 'rate', keys: ['origin', { hour: 'date' }], backOff: true },
      { name: 'destination_hour_rate', op: 'rate', keys: ['destination', { hour: 'date' }], backOff: true },
    ],
    baseline: { route_rate: route, hour_rate: [{ hour: 'date' }] },
    segments: { origin: 'origin', hour: { hour: 'date' }, 'distance band': bands },
    watch: [
      { name: 'distance' },
      { name: 'origin' },
      { name: 'destination' },
      { name: 'hour', from: 'date', derive: 'hour' },
    ],
    search: { trials: plan.trials, rows: plan.searchRows },
    iterations: 100,
    halfLifeDays: 2,
    expectedDays: 7,
    gate: { maxSegmentLoss: 0.02, minSegmentRows: 200, latencyBudgetMs: 25 },
    seed: plan.seed,
  };
}

/** Registers the training pipeline: four steps, each a process that outlives the server. */
export async function putPipeline(client: Client, plan: DemoPlan, data: CleanData): Promise<void> {
  const params = trainingParams(plan, data);
  const named = Object.fromEntries(Object.keys(params).map((name) => [name, `{{params.${name}}}`]));
  const from = (step: string, ...outputs: string[]) =>
    Object.fromEntries(outputs.map((output) => [output, { step, output }]));
  const retries = { max: 2, backoffMs: 500, on: ['signal' as const, 'lost' as const] };
  const file = (name: string) => ({ name, kind: 'file' as const });
  const json = (name: string) => ({ name, kind: 'json' as const });
  const rows = from('data', 'train', 'validation', 'test', 'facts');
  await client.pipelines.putPipeline({
    body: {
      name: PIPELINE,
      description: 'Learns how likely a flight is to be late, and has a gate judge the result.',
      params,
      steps: [
        {
          name: 'data',
          entrypoint: 'training-data',
          params: named,
          outputs: [file('train'), file('validation'), file('test'), json('facts')],
          retries,
        },
        {
          name: 'search',
          entrypoint: 'hyperparameter-search',
          inputs: from('data', 'train', 'validation', 'facts'),
          params: named,
          outputs: [json('best')],
          cache: 'readwrite',
          retries,
        },
        {
          name: 'fit',
          entrypoint: 'fit-model',
          inputs: { ...rows, ...from('search', 'best') },
          params: named,
          outputs: [file('model'), json('report'), file('reference')],
          cache: 'readwrite',
          retries,
        },
        {
          name: 'register',
          entrypoint: 'register-version',
          inputs: from('fit', 'model', 'report', 'reference'),
          params: named,
          outputs: [json('verdict')],
          retries,
        },
      ],
    },
  });
}

/** Runs the pipeline and tells what each step found. */
export async function train(client: Client, story: Story): Promise<Verdict> {
  const run = await client.pipelines.startRun({
    params: { pipeline: PIPELINE },
    body: { trigger: { kind: 'manual', reason: 'First training' }, idempotencyKey: 'demo/first-training' },
  });
  const detail = await finished(client, run.id, story);
  const verdict = verdictOf(detail);
  if (detail.run.status !== 'succeeded' || !verdict) throw new Error(`The training ended badly: ${detail.run.words}`);
  await tellTraining(client, story, verdict);
  return verdict;
}

async function finished(client: Client, run: string, story: Story): Promise<PipelineRunDetail> {
  const told = new Set<string>();
  for (;;) {
    const detail = await client.pipelines.getRun({ params: { run } });
    for (const step of detail.steps) {
      if (step.finishedAtMs === null || told.has(step.name)) continue;
      told.add(step.name);
      const seconds = ((step.finishedAtMs - (step.startedAtMs ?? step.finishedAtMs)) / 1000).toFixed(1);
      story.tell(`step ${step.name} ${step.status} after ${seconds} s`);
    }
    if (detail.run.finishedAtMs !== null) return detail;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function verdictOf(detail: PipelineRunDetail): Verdict | undefined {
  const outputs = detail.steps.flatMap((step) => step.outputs);
  // Written by the register step of this program, whose type it has.
  return outputs.find(({ name }) => name === 'verdict')?.value as Verdict | undefined;
}

async function tellTraining(client: Client, story: Story, verdict: Verdict): Promise<void> {
  const [, version = ''] = verdict.version.split('/');
  const { metrics } = await client.registry.getVersion({ params: { model: MODEL, version } });
  const figure = (name: string) => metrics[name]?.toFixed(4) ?? 'unknown';
  story.tell(
    `${count(metrics['test.rows'] ?? 0)} test rows: AUC ${figure('test.auc')}, log loss ${figure('test.logLoss')} nats (baseline ${figure('opponent.logLoss')})`,
  );
  for (const check of verdict.checks)
    story.tell(`gate ${check.passed ? 'passed' : 'FAILED'}: ${check.name}: ${check.words}`);
}
