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
    1,
  );
}

export function aucDeviation(figures: PerformanceFigures, reference: FrozenPerformance): Deviation {
  return deviation(
    { value: figures.auc, variance: figures.aucVariance },
    reference.windows.map(({ auc, aucVariance }) => ({ value: auc, variance: aucVariance })),
    -1,
  );
}

interface Estimate {
  readonly value: number;
  /** Of sampling alone. */
  readonly variance: number;
}

/**
 * How much worse a window is than those of the reference, `sign` telling which way is worse. Its variance is that of its
 * own sampling and that of windows from one another. The usual mean is known only to its standard error; the same error
 * would push every window the same way and be summed up as if it were evidence, so as much is forgiven. As the variance
 * is estimated from few windows, the score is read from Student's distribution and given as that of a normal variate of
 * the same chance.
 */
function deviation(own: Estimate, usual: readonly Estimate[], sign: 1 | -1): Deviation {
  const { mean, variance } = moments(usual.map(({ value }) => value));
  const known = { observed: own.value, usual: mean };
  if (usual.length < LEAST_REFERENCE_WINDOWS || !Number.isFinite(own.value + own.variance))
    return { ...known, z: null };
  const sampling = moments(usual.map((window) => window.variance)).mean;
  const between = Math.max(0, variance - sampling);
  const error = Math.sqrt((between + sampling) / usual.length);
  const worse = sign * (own.value - mean) - error;
  return { ...known, z: normalScore(worse / Math.sqrt(own.variance + between), usual.length - 1) };
}

/** The normal score with the same tail as a score of Student's distribution. */
function normalScore(t: number, degrees: number): number {
  const tail = studentTwoSided(t, degrees) / 2;
  const z = tail > 0 ? -normalQuantile(tail) : MOST_DEVIATION;
  return Math.sign(t) * Math.min(MOST_DEVIATION, z);
}
