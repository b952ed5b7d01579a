import type { Direction } from '#contract';
import type { Report } from '../model.ts';
import type { PruneRequest, Pruner, Verdict } from './pruner.ts';

export interface MedianOptions {
  readonly startupTrials: number;
  readonly warmupSteps: number;
  readonly intervalSteps: number;
  readonly minTrials: number;
}

/**
 * Ends a trial whose best value so far is worse than the median of what the complete trials reported at the same step
 * (the median rule of Golovin et al., Google Vizier, 2017, with the details of Optuna's MedianPruner).
 */
export function createMedianPruner(options: MedianOptions): Pruner {
  return {
    refusal: ({ directions }) => (directions.length === 1 ? undefined : 'it compares values of one objective only'),
    judge: (request) => judge(options, request),
  };
}

function judge(options: MedianOptions, { directions, reports, trials }: PruneRequest): Verdict {
  const [direction = 'minimize'] = directions;
  const last = reports.at(-1);
  if (!last) return goOn('Nothing was reported yet.');
  const complete = trials.filter(({ state }) => state === 'complete');
  const { startupTrials, warmupSteps, minTrials } = options;
  if (complete.length === 0 || complete.length < startupTrials) {
    return goOn(`${complete.length} trials are complete; pruning starts with ${Math.max(startupTrials, 1)}.`);
  }
  if (last.step < warmupSteps) return goOn(`Pruning starts at step ${warmupSteps}.`);
  if (!isFirstOfInterval(options, reports)) {
    return goOn(`Judged every ${options.intervalSteps} steps; not at step ${last.step}.`);
  }
  const best = bestOf(direction, reports);
  if (best === undefined) return { prune: true, words: `Every value up to step ${last.step} is NaN.` };
  const others = complete.flatMap(({ reports: own }) => valueAt(own, last.step) ?? []);
  if (others.length < minTrials || others.length === 0) {
    return goOn(`${others.length} complete trials have a value at step ${last.step}; ${minTrials} are needed.`);
  }
  const median = medianOf(others);
  const worse = direction === 'maximize' ? best < median : best > median;
  const figures = `best value so far ${shown(best)}, median of ${others.length} trials at step ${last.step} ${shown(median)}`;
  return { prune: worse, words: worse ? `Worse than the median: ${figures}.` : `As good as the median: ${figures}.` };
}

function goOn(words: string): Verdict {
  return { prune: false, words };
}

/** True when no earlier report lies in the same interval after the warm-up. */
function isFirstOfInterval({ warmupSteps, intervalSteps }: MedianOptions, reports: readonly Report[]): boolean {
  const step = reports.at(-1)?.step ?? 0;
  const start = Math.floor((step - warmupSteps) / intervalSteps) * intervalSteps + warmupSteps;
  const before = reports.at(-2);
  return before === undefined || before.step < start;
}

function bestOf(direction: Direction, reports: readonly Report[]): number | undefined {
  const values = reports.map(({ value }) => value).filter((value) => !Number.isNaN(value));
  if (values.length === 0) return undefined;
  return values.reduce((best, value) => (direction === 'maximize' ? Math.max(best, value) : Math.min(best, value)));
}

function valueAt(reports: readonly Report[], step: number): number | undefined {
  let low = 0;
  let high = reports.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((reports[middle]?.step ?? 0) < step) low = middle + 1;
    else high = middle;
  }
  const found = reports[low];
  return found?.step === step && !Number.isNaN(found.value) ? found.value : undefined;
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  if (sorted.length % 2 === 1) return upper;
  const lower = sorted[(sorted.length >> 1) - 1] ?? Number.NaN;
  return lower === upper ? upper : lower / 2 + upper / 2;
}

function shown(value: number): string {
  return String(Number(value.toPrecision(6)));
}
