import type { Dimension, Direction, Trial } from '#contract';
import { objectiveValue } from './history.ts';

const BEST_PART = 0.1;

/**
 * The numbers of the trials to look at first: the best tenth of the complete ones of a search for one value, at least
 * one.
 */
export function leading(trials: readonly Trial[], direction: Direction | undefined): ReadonlySet<number> {
  const sign = direction === 'maximize' ? -1 : 1;
  const complete = trials.flatMap((trial) => {
    const value = objectiveValue(trial, 0);
    return trial.state === 'complete' && value !== null ? [{ number: trial.number, value }] : [];
  });
  const ranked = complete.toSorted((a, b) => sign * (a.value - b.value));
  return new Set(ranked.slice(0, Math.ceil(ranked.length * BEST_PART)).map(({ number }) => number));
}

/** What a trial was given for a param, as its axis needs it; null when it was given none. */
export function paramOf(trial: Trial, param: string, dimension: Dimension): number | string | null {
  const given = trial.params[param];
  if (given === undefined) return null;
  return dimension.kind !== 'categorical' && typeof given === 'number' ? given : String(given);
}
