/** Probabilities are kept this far from 0 and 1, so that one sure mistake has a finite loss: 34.5 nats at most. */
const CLIP = 1e-15;

/** Loss of one probability, in nats: minus the logarithm of what it gave to what happened. */
export function logLossOf(label: number, probability: number): number {
  const p = Math.min(1 - CLIP, Math.max(CLIP, probability));
  return label === 1 ? -Math.log(p) : -Math.log1p(-p);
}

/** Mean log loss in nats of labels (0 or 1) and probabilities of 1; NaN without rows. */
export function logLoss(labels: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  return meanOver(labels, probabilities, logLossOf);
}

/** Mean squared difference of labels (0 or 1) and probabilities; NaN without rows. */
export function brier(labels: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  return meanOver(labels, probabilities, (label, p) => (label - p) ** 2);
}

function meanOver(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  loss: (label: number, p: number) => number,
): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum += loss(labels[i] ?? Number.NaN, probabilities[i] ?? Number.NaN);
  return sum / labels.length;
}
