import { learningErrors } from '../errors.ts';
import type { LinearModel, LinearTerm } from '../model.ts';
import { sigmoid } from './gbdt/model.ts';
import { assertLabels } from './labels.ts';
import { featureOf, type Matrix } from './matrix.ts';
import { solveSymmetric } from './solve.ts';

export interface LinearOptions {
  /** Weight of the penalty l2 / 2 * |w|² on standardised features, against the summed loss; default 1. */
  readonly l2?: number;
}

const MOST_STEPS = 100;

/**
 * Logistic regression by Newton's method with step halving: it converges from any start, also on separable data as long
 * as l2 is above 0. Features are standardised inside; a missing number counts as the mean plus a weight of its own; a
 * category has a weight a code.
 *
 * @throws LEARNING_DATA_EMPTY, LEARNING_LABEL_INVALID, LEARNING_LABELS_ONE_CLASS, LEARNING_PARAMETER_INVALID
 */
export function trainLogistic(matrix: Matrix, labels: ArrayLike<number>, options: LinearOptions = {}): LinearModel {
  return train(matrix, labels, 'binary', options);
}

/** Ridge regression; the same treatment of features. */
export function trainLinear(matrix: Matrix, labels: ArrayLike<number>, options: LinearOptions = {}): LinearModel {
  return train(matrix, labels, 'regression', options);
}

function train(
  matrix: Matrix,
  labels: ArrayLike<number>,
  objective: LinearModel['objective'],
  options: LinearOptions,
): LinearModel {
  const l2 = options.l2 ?? 1;
  if (!(l2 >= 0 && Number.isFinite(l2))) {
    throw learningErrors.LEARNING_PARAMETER_INVALID({ parameter: 'l2', value: l2, expected: '0 or more' });
  }
  assertLabels('The training data', labels, matrix.rowCount, objective);
  const design = designOf(matrix);
  let weights: Float64Array = new Float64Array(design.size);
  let current = evaluate(design, labels, weights, objective, l2);
  for (let step = 0; step < MOST_STEPS; step++) {
    const direction = solveSymmetric(current.hessian, current.gradient);
    const decrease = direction.reduce((sum, value, i) => sum + value * (current.gradient[i] as number), 0);
    if (decrease < 1e-10 * (1 + Math.abs(current.loss))) break;
    let scale = 1;
    let next = weights.map((weight, i) => weight - scale * (direction[i] as number));
    let evaluated = evaluate(design, labels, next, objective, l2);
    while (!(evaluated.loss <= current.loss - 1e-4 * scale * decrease) && scale > 1e-9) {
      scale /= 2;
      next = weights.map((weight, i) => weight - scale * (direction[i] as number));
      evaluated = evaluate(design, labels, next, objective, l2);
    }
    if (!(evaluated.loss < current.loss)) break;
    weights = next;
    current = evaluated;
  }
  return modelOf(matrix, design, weights, objective);
}

/** Where a feature's weights lie. Weight 0 is the intercept. */
type Block =
  | { readonly kind: 'number'; readonly at: number; readonly mean: number; readonly scale: number }
  | { readonly kind: 'category'; readonly at: number; readonly count: number };

interface Design {
  readonly matrix: Matrix;
  readonly blocks: readonly Block[];
  readonly size: number;
}

function designOf(matrix: Matrix): Design {
  let size = 1;
  const blocks = matrix.kinds.map((kind, feature): Block => {
    const column = featureOf(matrix, feature);
    const at = size;
    if (kind === 'category') {
      let count = 0;
      for (const code of column) if (code >= count) count = code + 1;
      size += count;
      return { kind, at, count };
    }
    size += 2;
    return { kind, at, ...momentsOf(column) };
  });
  return { matrix, blocks, size };
}

function momentsOf(column: Float32Array): { readonly mean: number; readonly scale: number } {
  let count = 0;
  let mean = 0;
  let squares = 0;
  for (const value of column) {
    if (Number.isNaN(value)) continue;
    count += 1;
    const off = value - mean;
    mean += off / count;
    squares += off * (value - mean);
  }
  const deviation = Math.sqrt(squares / Math.max(1, count));
  return { mean, scale: deviation > 0 ? 1 / deviation : 0 };
}

interface Evaluated {
  readonly loss: number;
  readonly gradient: Float64Array;
  readonly hessian: Float64Array[];
}

/** Penalised loss with its derivatives. A row touches one weight a feature, so the cost does not grow with categories. */
function evaluate(
  { matrix, blocks, size }: Design,
  labels: ArrayLike<number>,
  weights: Float64Array,
  objective: LinearModel['objective'],
  l2: number,
): Evaluated {
  const gradient = new Float64Array(size);
  const hessian = Array.from({ length: size }, () => new Float64Array(size));
  const places = new Int32Array(blocks.length + 1);
  const values = new Float64Array(blocks.length + 1).fill(1);
  let loss = 0;
  for (let row = 0; row < matrix.rowCount; row++) {
    let used = 1;
    let score = weights[0] as number;
    for (let feature = 0; feature < blocks.length; feature++) {
      const block = blocks[feature] as Block;
      const raw = matrix.values[feature * matrix.rowCount + row] as number;
      const missing = Number.isNaN(raw);
      if (missing && block.kind === 'category') continue;
      const place = block.kind === 'category' ? block.at + raw : block.at + (missing ? 1 : 0);
      const value = block.kind === 'category' || missing ? 1 : (raw - block.mean) * block.scale;
      places[used] = place;
      values[used] = value;
      score += (weights[place] as number) * value;
      used += 1;
    }
    const label = labels[row] as number;
    const probability = sigmoid(score);
    const residual = objective === 'binary' ? probability - label : score - label;
    const curvature = objective === 'binary' ? probability * (1 - probability) : 1;
    loss +=
      objective === 'binary'
        ? Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - label * score
        : residual ** 2 / 2;
    for (let i = 0; i < used; i++) {
      const place = places[i] as number;
      const value = values[i] as number;
      gradient[place] = (gradient[place] as number) + residual * value;
      const line = hessian[place] as Float64Array;
      const weighted = curvature * value;
      for (let j = 0; j < used; j++) {
        line[places[j] as number] = (line[places[j] as number] as number) + weighted * (values[j] as number);
      }
    }
  }
  for (let i = 1; i < size; i++) {
    const weight = weights[i] as number;
    loss += (l2 / 2) * weight ** 2;
    gradient[i] = (gradient[i] as number) + l2 * weight;
    const line = hessian[i] as Float64Array;
    line[i] = (line[i] as number) + l2;
  }
  return { loss, gradient, hessian };
}

/** Takes the standardisation into weights and intercept. */
function modelOf(
  matrix: Matrix,
  { blocks }: Design,
  weights: Float64Array,
  objective: LinearModel['objective'],
): LinearModel {
  let intercept = weights[0] as number;
  const terms = blocks.map((block): LinearTerm => {
    if (block.kind === 'category') {
      return { kind: 'category', weights: Array.from(weights.subarray(block.at, block.at + block.count)) };
    }
    const weight = (weights[block.at] as number) * block.scale;
    intercept -= weight * block.mean;
    return { kind: 'number', weight, missing: weight * block.mean + (weights[block.at + 1] as number) };
  });
  return { kind: 'linear', objective, featureNames: matrix.names, intercept, terms };
}

/** Scores of rows, before the sigmoid. */
export function linearScores(model: LinearModel, matrix: Matrix): Float64Array {
  const scores = new Float64Array(matrix.rowCount).fill(model.intercept);
  model.terms.forEach((term, feature) => {
    const column = featureOf(matrix, feature);
    for (let row = 0; row < column.length; row++) {
      scores[row] = (scores[row] as number) + termOf(term, column[row] as number);
    }
  });
  return scores;
}

function termOf(term: LinearTerm, value: number): number {
  if (term.kind === 'category') return term.weights[value] ?? 0;
  return Number.isNaN(value) ? term.missing : term.weight * value;
}
