import { sigmoid } from './model.ts';

/** A loss: where boosting starts, and the slope and curvature of each row's loss at its score. */
export interface Objective {
  initialScore(labels: ArrayLike<number>): number;
  /** Writes gradient and hessian of row i to `2i` and `2i + 1`. */
  gradients(scores: Float64Array, labels: ArrayLike<number>, into: Float32Array): void;
  /** Mean over the rows: log loss, or the root of the mean squared error. */
  loss(scores: Float64Array, labels: ArrayLike<number>): number;
}

const binary: Objective = {
  initialScore(labels) {
    const rate = mean(labels);
    return Math.log(rate / (1 - rate));
  },
  gradients(scores, labels, into) {
    for (let i = 0; i < scores.length; i++) {
      const probability = sigmoid(scores[i] as number);
      into[2 * i] = probability - (labels[i] as number);
      into[2 * i + 1] = probability * (1 - probability);
    }
  },
  loss(scores, labels) {
    let sum = 0;
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i] as number;
      // log(1 + e^s) - y s, written so that no large s overflows.
      sum += Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - (labels[i] as number) * score;
    }
    return sum / scores.length;
  },
};

const regression: Objective = {
  initialScore: mean,
  gradients(scores, labels, into) {
    for (let i = 0; i < scores.length; i++) {
      into[2 * i] = (scores[i] as number) - (labels[i] as number);
      into[2 * i + 1] = 1;
    }
  },
  loss(scores, labels) {
    let sum = 0;
    for (let i = 0; i < scores.length; i++) sum += ((scores[i] as number) - (labels[i] as number)) ** 2;
    return Math.sqrt(sum / scores.length);
  },
};

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}

export const OBJECTIVES: Readonly<Record<'binary' | 'regression', Objective>> = { binary, regression };
