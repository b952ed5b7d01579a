import type { Direction, Trial } from '#contract';
import { drawable } from '../../format/metrics.ts';

interface HistoryPoint {
  readonly x: number;
  readonly y: number;
}

export interface History {
  readonly complete: readonly HistoryPoint[];
  readonly pruned: readonly HistoryPoint[];
  /** The best complete value up to each trial. */
  readonly best: readonly HistoryPoint[];
}

/** How a search went in one objective, by the number of the trial. Trials without a finite value are left out. */
export function historyOf(trials: readonly Trial[], objective: number, direction: Direction): History {
  const better = direction === 'minimize' ? Math.min : Math.max;
  const [complete, pruned, best]: [HistoryPoint[], HistoryPoint[], HistoryPoint[]] = [[], [], []];
  let leading: number | undefined;
  for (const trial of trials.toSorted((a, b) => a.number - b.number)) {
    const y = objectiveValue(trial, objective);
    if (y === null) continue;
    const point = { x: trial.number, y };
    if (trial.state === 'pruned') pruned.push(point);
    if (trial.state !== 'complete') continue;
    complete.push(point);
    leading = leading === undefined ? y : better(leading, y);
    best.push({ x: trial.number, y: leading });
  }
  return { complete, pruned, best };
}

/** The value of a trial in one objective; null when it has none that can be drawn. */
export function objectiveValue(trial: Trial, objective: number): number | null {
  const value = trial.values?.[objective];
  return value === undefined ? null : drawable(value);
}
