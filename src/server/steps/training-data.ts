import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SplitResult } from '#contract';
import type { StepContext } from './step-context.ts';
import { readTrainingPlan, type TrainingPlan } from './training-plan.ts';

/** What the later steps know of the rows: where they come from, and how the label is read. */
export interface TrainingFacts {
  /** The commit of the three parts, commit:<repository>/<id>. */
  readonly commit: string;
  readonly parts: Readonly<
    Record<'train' | 'validation' | 'test', { path: string; rows: number; fromMs: number; toMs: number }>
  >;
  readonly time: string;
  readonly label: { readonly column: string; readonly above: number };
}

/** Column and limit of the labels that a committed window of live traffic carries. */
const LIVE_LABEL = { column: 'label', above: 0.5 };
const BRANCH = 'main';
const ATTEMPTS = 5;
const DAY_MS = 86_400_000;

/**
 * Brings the rows to learn from: a committed file, or the labelled traffic of an endpoint, which becomes a commit first.
 * They are split by time, so that no row of a later part is known to an earlier one.
 */
export async function trainingData(step: StepContext): Promise<void> {
  const plan = readTrainingPlan(step.params);
  const source = plan.window ? await commitWindow(step, plan, plan.window) : { ...plan.data };
  const split = await splitRows(step, plan, source);
  for (const part of split.parts) {
    await download(step, plan, { commit: split.commit, path: part.path, to: step.outputFile(part.name) });
    step.say(`${part.name}: ${part.rows} rows, ${day(part.fromMs)} to ${day(part.toMs)}`);
  }
  const parts = Object.fromEntries(
    split.parts.map(({ name, path, rows, fromMs, toMs }) => [name, { path, rows, fromMs, toMs }]),
  ) as TrainingFacts['parts'];
  const facts: TrainingFacts = { commit: split.ref, parts, time: plan.data.time, label: source.label };
  step.writeJson('facts', facts);
}

async function commitWindow(step: StepContext, plan: TrainingPlan, window: NonNullable<TrainingPlan['window']>) {
  const { endpoint, fromMs, toMs, excluded } = window;
  const path = `live/${endpoint}/${day(fromMs)}_${day(toMs)}.parquet`;
  const { commit, rows } = await step.client.server.commitLabelledRows({
    params: { endpoint },
    body: {
      repository: plan.repository,
      branch: BRANCH,
      path,
      fromMs,
      toMs,
      excluded,
      idempotencyKey: `${step.run}/window`,
    },
  });
  step.say(`${rows} labelled rows of ${endpoint} became ${commit}`);
  return { ref: commit.slice(commit.lastIndexOf('/') + 1), path, label: LIVE_LABEL };
}

/** Another commit may move the branch at the same moment; then the split is asked for again. */
async function splitRows(
  step: StepContext,
  plan: TrainingPlan,
  source: { readonly ref: string; readonly path: string },
): Promise<SplitResult> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await step.client.data.splitByTime({
        params: { repository: plan.repository },
        body: {
          ref: source.ref,
          path: source.path,
          timeColumn: plan.data.time,
          ...partsOf(plan),
          branch: BRANCH,
          outPrefix: `splits/${step.run}`,
          idempotencyKey: `${step.run}/split`,
        },
      });
    } catch (error) {
      if ((error as { code?: string }).code !== 'DATA_BRANCH_MOVED' || attempt === ATTEMPTS) throw error;
    }
  }
}

function partsOf({ window, split, recentSplit }: TrainingPlan) {
  if (!window) return { shares: split };
  const days = soundDays(window);
  const fromEnd = (count: number) => days.at(-count) ?? window.fromMs;
  const { validationDays, testDays } = recentSplit;
  return { boundaries: { validationFrom: fromEnd(validationDays + testDays), testFrom: fromEnd(testDays) } };
}

/** Starts of the days of a window that no excluded span touches, in order. */
function soundDays({ fromMs, toMs, excluded }: NonNullable<TrainingPlan['window']>): readonly number[] {
  const days = Array.from({ length: Math.floor((toMs - fromMs) / DAY_MS) }, (_, n) => fromMs + n * DAY_MS);
  return days.filter((day) => !excluded.some(({ startMs, endMs }) => startMs < day + DAY_MS && day < endMs));
}

async function download(
  step: StepContext,
  plan: TrainingPlan,
  file: { readonly commit: string; readonly path: string; readonly to: string },
): Promise<void> {
  // The server may be restarted in the middle of a download: the whole file is asked for again.
  for (let attempt = 1; ; attempt++) {
    const query = { ref: file.commit, path: file.path };
    const response = await step.client.data.readFile({ params: { repository: plan.repository }, query });
    if (!response.body) throw new Error(`${file.path} came without a body`);
    try {
      // The platform's stream type and Node's are the same object under two declarations.
      await pipeline(Readable.fromWeb(response.body as never), createWriteStream(file.to));
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

export function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
