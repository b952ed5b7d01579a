import { moments, normalQuantile, studentTwoSided } from '#platform/stats';
import { type FrozenPerformance, LEAST_REFERENCE_WINDOWS, type PerformanceFigures } from '../model.ts';
import { MOST_DEVIATION } from './cusum.ts';

/**
 * Realised performance against what the windows of the reference showed, made comparable first.
 *
 * Log loss follows the rate of the label: a day of bad weather, with twice as many late flights, has a far higher loss
 * though the model is as good as ever. But for a fixed model the mean loss of the late flights and that of the punctual
 * ones hardly hang on how many are late (label shift: Saerens, Latinne and Decaestecker, 2002). So each window's two
 * means are weighted with the rate of the reference: the loss *at the usual rate*. It rises only when the model tells the
 * two apart less well, and its spread over days is a tenth of that of the plain loss on the flights.
 */
export function lossAtRate(
  figures: PerformanceFigures,
  rate: number,
): { readonly loss: number; readonly variance: number } {
  return {
    loss: rate * figures.positiveLoss + (1 - rate) * figures.negativeLoss,
    variance: rate ** 2 * figures.positiveVariance + (1 - rate) ** 2 * figures.negativeVariance,
  };
}

/** A figure of one window beside its usual value. */
export interface Deviation {
  readonly observed: number;
  readonly usual: number;
  /** Standard score, positive for the worse; null with too few windows in the reference. */
  readonly z: number | null;
}

export function lossDeviation(figures: PerformanceFigures, reference: FrozenPerformance): Deviation {
  const own = lossAtRate(figures, reference.rate);
  const usual = reference.windows.map((window) => lossAtRate(window, reference.rate));
  return deviation(
    { value: own.loss, variance: own.variance },
    usual.map(({ loss, variance }) => ({ value: loss, variance })),
  );
}

export function aucDeviation(figures: PerformanceFigures, reference: FrozenPerformance): Deviation {
  const found = deviation(
    { value: figures.auc, variance: figures.aucVariance },
    reference.windows.map(({ auc, aucVariance }) => ({ value: auc, variance: aucVariance })),
  );
  return { ...found, z: found.z === null ? null : -found.z };
}

interface Estimate {
  readonly value: number;
  /** Of sampling alone. */
  readonly variance: number;
}

/**
 * How far a window is from those of the reference. Its variance is that of its own sampling and that of windows from
 * one another, and the error of the usual mean; as it is estimated from few windows, the score is read from Student's
 * distribution and given as that of a normal variate of the same chance.
 */
function deviation(own: Estimate, usual: readonly Estimate[]): Deviation {
  const values = usual.map(({ value }) => value);
  const { mean, variance } = moments(values);
  const known = { observed: own.value, usual: mean };
  if (usual.length < LEAST_REFERENCE_WINDOWS || !Number.isFinite(own.value + own.variance))
    return { ...known, z: null };
  const sampling = moments(usual.map((window) => window.variance)).mean;
  const between = Math.max(0, variance - sampling);
  const spread = Math.sqrt(own.variance + between + (between + sampling) / usual.length);
  return { ...known, z: normalScore((own.value - mean) / spread, usual.length - 1) };
}

/** The normal score with the same tail as a score of Student's distribution. */
export function normalScore(t: number, degrees: number): number {
  const tail = studentTwoSided(t, degrees) / 2;
  const z = tail > 0 ? -normalQuantile(tail) : MOST_DEVIATION;
  return Math.sign(t) * Math.min(MOST_DEVIATION, z);
}
