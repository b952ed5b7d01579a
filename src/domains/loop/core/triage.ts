import type { DriftedFeature, Signal } from '../model.ts';

/** What monitors call the model's own answers. They follow from the inputs, so alone they convict no feed. */
const PREDICTION = '@prediction';

/** What a window of inputs tells before any label is known. */
export type Triage =
  | { readonly kind: 'clean' }
  | { readonly kind: 'shift'; readonly words: string }
  | { readonly kind: 'data-fault'; readonly words: string };

/**
 * A shift this large from one window to the next is not how the world changes: 0.25 is the usual mark of a major
 * shift of a population (Siddiqi, Credit Risk Scorecards, 2006), and one window's worth of it is taken for a fault.
 */
const ABRUPT_PSI = 0.25;

/**
 * Tells a broken feed from a world that changed, on inputs alone.
 *
 * A feed breaks at once and in a few columns; the world moves gradually and in many. So: failed integrity checks are
 * a fault; an abrupt, large shift of an input is one too, and when a single factor explains it the factor is named.
 * A smaller shift is noted: whether it costs quality will be seen in the labels.
 */
export function triage(signal: Extract<Signal, { kind: 'window' }>): Triage {
  if (signal.integrity === 'failed') {
    return { kind: 'data-fault', words: signal.problems.join('; ') || 'integrity checks failed' };
  }
  if (signal.drift !== 'failed') return { kind: 'clean' };
  const abrupt = signal.drifted.filter(({ feature, psi }) => feature !== PREDICTION && psi >= ABRUPT_PSI);
  if (abrupt.length > 0) return { kind: 'data-fault', words: abrupt.map(explainShift).join('; ') };
  const names = signal.drifted.map((feature) => feature.feature).join(', ');
  return { kind: 'shift', words: `the distribution of ${names} moved` };
}

/** The shift of a feature in words, with the factor that explains it when there is one. */
function explainShift(drifted: DriftedFeature): string {
  const q = drifted.qValue > 0 ? drifted.qValue.toExponential(0) : 'below 1e-300';
  const figure = `${drifted.feature} moved at once (PSI ${drifted.psi.toFixed(2)}, q ${q})`;
  const factor = drifted.quantiles && commonFactor(drifted.quantiles.reference, drifted.quantiles.window);
  if (factor === undefined) return figure;
  const unit = UNITS.find(([value]) => Math.abs(factor / value - 1) < UNIT_TOLERANCE);
  const times = `values are ${factor.toFixed(3)} times the usual ones`;
  return unit ? `${figure}: ${times}, as when ${unit[1]}` : `${figure}: ${times}`;
}

/** How far the factor of a few hundred rows may lie from the unit's own; no two units below are as near. */
const UNIT_TOLERANCE = 0.05;

/** Factors a mistaken unit leaves behind. */
const UNITS: readonly (readonly [number, string])[] = [
  [1.609344, 'miles arrive as kilometres'],
  [1 / 1.609344, 'kilometres arrive as miles'],
  [0.3048, 'feet arrive as metres'],
  [1 / 0.3048, 'metres arrive as feet'],
  [0.45359237, 'pounds arrive as kilograms'],
  [1 / 0.45359237, 'kilograms arrive as pounds'],
  [1000, 'a unit arrives in thousandths'],
  [0.001, 'thousandths arrive as whole units'],
  [100, 'fractions arrive as percentages'],
  [0.01, 'percentages arrive as fractions'],
  [60, 'minutes arrive as seconds, or hours as minutes'],
  [1 / 60, 'seconds arrive as minutes, or minutes as hours'],
];

/**
 * The one factor between two lists of quantiles taken at the same probabilities, or undefined when no single factor
 * explains them within a tenth at every quantile away from zero.
 */
export function commonFactor(reference: readonly number[], window: readonly number[]): number | undefined {
  const ratios = reference
    .map((value, index) => (window[index] ?? Number.NaN) / value)
    .filter((ratio) => Number.isFinite(ratio) && ratio !== 0)
    .sort((a, b) => a - b);
  const middle = ratios[Math.floor(ratios.length / 2)];
  if (ratios.length < 5 || middle === undefined) return undefined;
  const agreeing = ratios.filter((ratio) => Math.abs(ratio / middle - 1) < 0.1).length;
  const isFactor = agreeing >= 0.8 * ratios.length && Math.abs(Math.log(middle)) > Math.log(1.05);
  return isFactor ? middle : undefined;
}
