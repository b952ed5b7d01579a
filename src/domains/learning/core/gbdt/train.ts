import assert from 'node:assert';
import { type Rng, seededRng, shuffled } from '#platform/kernel';
import { learningErrors } from '../../errors.ts';
import { assertLabels } from '../labels.ts';
import type { Matrix } from '../matrix.ts';
import { binMatrix, type FeatureBins, findBins } from './binning.ts';
import { type GrownTree, growTree } from './grow.ts';
import type { HistogramMemory } from './histogram.ts';
import type { GbdtModel, Tree } from './model.ts';
import { OBJECTIVES } from './objective.ts';
import { type GbdtParameters, gbdtParameters } from './parameters.ts';
import { addTree, gbdtScores } from './score.ts';
import { histogramThreads } from './threads.ts';

export interface LabelledMatrix {
  readonly matrix: Matrix;
  readonly labels: ArrayLike<number>;
}

/** Losses after an iteration: log loss for `binary`, root mean squared error for `regression`. */
interface IterationLosses {
  /** Computed only when there is an `onIteration` to tell it to. */
  readonly train?: number;
  readonly validation?: number;
}

export interface GbdtOptions {
  /** Rows to watch the loss on; needed to stop early. */
  readonly validation?: LabelledMatrix;
  /** Called after every iteration, counted from 0; answering true ends the training there, as pruning does. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a callback that only looks answers nothing.
  readonly onIteration?: (iteration: number, losses: IterationLosses) => boolean | void | Promise<boolean | void>;
  /**
   * Start from this model's scores and keep its trees: what is learned are corrections. Of the same features; the numbers
   * of iterations count new trees alone.
   */
  readonly continueFrom?: GbdtModel;
  /** Threads for histograms, this one included; default 1. The model does not depend on it. */
  readonly threads?: number;
}

export interface GbdtTraining {
  /** When stopping early was asked for, cut back to the iterations of the lowest validation loss. */
  readonly model: GbdtModel;
  readonly losses: readonly IterationLosses[];
  /** Why it ended: all iterations done, no better for long, told to by `onIteration`, or no split gains anything. */
  readonly ended: 'complete' | 'early' | 'pruned' | 'exhausted';
}

/**
 * Trains boosted trees on histograms. The same matrix, labels and parameters give the same model on any number of threads.
 *
 * @throws LEARNING_PARAMETER_INVALID, LEARNING_DATA_EMPTY, LEARNING_LABEL_INVALID, LEARNING_LABELS_ONE_CLASS,
 *   LEARNING_FEATURES_DIFFER when it is to continue from a model of other features
 */
export async function trainGbdt(
  matrix: Matrix,
  labels: ArrayLike<number>,
  given: Partial<GbdtParameters> = {},
  options: GbdtOptions = {},
): Promise<GbdtTraining> {
  const parameters = gbdtParameters(given);
  assertLabels('The training data', labels, matrix.rowCount, parameters.objective);
  if (options.validation) {
    const { validation } = options;
    assertLabels('The validation data', validation.labels, validation.matrix.rowCount, parameters.objective, true);
  } else if (parameters.earlyStoppingRounds > 0) {
    const value = parameters.earlyStoppingRounds;
    const expected = '0 when there is no validation data to watch';
    throw learningErrors.LEARNING_PARAMETER_INVALID({ parameter: 'earlyStoppingRounds', value, expected });
  }
  if (options.continueFrom) assertContinues(options.continueFrom, matrix, parameters);
  const bins = findBins(matrix, parameters.maxBin);
  const { byRow, byFeature } = binMatrix(matrix, bins);
  const memory = allocate(byRow, bins, parameters.numLeaves);
  const threads = await histogramThreads(memory, options.threads ?? 1);
  try {
    return await boost({ matrix, labels, parameters, options, bins, byFeature, memory, build: threads.build });
  } finally {
    await threads.stop();
  }
}

function assertContinues({ featureNames, objective }: GbdtModel, matrix: Matrix, parameters: GbdtParameters): void {
  if (featureNames.join('\n') !== matrix.names.join('\n')) {
    throw learningErrors.LEARNING_FEATURES_DIFFER({ expected: featureNames, given: matrix.names });
  }
  assert(objective === parameters.objective, `a ${objective} model cannot continue as ${parameters.objective}`);
}

const LARGEST_HISTOGRAMS_BYTES = 2 ** 31;

function allocate(binned: Uint8Array, bins: readonly FeatureBins[], numLeaves: number): HistogramMemory {
  const featureCount = bins.length;
  const rowCount = binned.length / featureCount;
  const offsets = new Int32Array(new SharedArrayBuffer(4 * (featureCount + 1)));
  bins.forEach((feature, i) => {
    offsets[i + 1] = (offsets[i] as number) + 2 * (feature.count + 1);
  });
  const slotSize = offsets[featureCount] as number;
  const sizeBytes = 8 * slotSize * numLeaves;
  if (sizeBytes > LARGEST_HISTOGRAMS_BYTES) {
    const expected = `at most ${Math.floor(LARGEST_HISTOGRAMS_BYTES / (8 * slotSize))} for ${featureCount} features`;
    throw learningErrors.LEARNING_PARAMETER_INVALID({ parameter: 'numLeaves', value: numLeaves, expected });
  }
  return {
    binned,
    featureCount,
    offsets,
    rows: new Int32Array(new SharedArrayBuffer(4 * rowCount)),
    gradients: new Float32Array(new SharedArrayBuffer(8 * rowCount)),
    histograms: new Float64Array(new SharedArrayBuffer(sizeBytes)),
    slotSize,
  };
}

interface Boosting {
  readonly matrix: Matrix;
  readonly labels: ArrayLike<number>;
  readonly parameters: GbdtParameters;
  readonly options: GbdtOptions;
  readonly bins: readonly FeatureBins[];
  readonly byFeature: readonly Uint8Array[];
  readonly memory: HistogramMemory;
  readonly build: Parameters<typeof growTree>[0]['build'];
}

async function boost(boosting: Boosting): Promise<GbdtTraining> {
  const { matrix, labels, parameters, options, memory } = boosting;
  const objective = OBJECTIVES[parameters.objective];
  const rng = seededRng(parameters.seed);
  const { continueFrom, validation } = options;
  const initialScore = continueFrom?.initialScore ?? Math.fround(objective.initialScore(labels));
  const start = (rows: Matrix) =>
    continueFrom ? gbdtScores(continueFrom, rows) : new Float64Array(rows.rowCount).fill(initialScore);
  const scores = start(matrix);
  const validationScores = validation ? start(validation.matrix) : new Float64Array();
  const samples = parameters.baggingFraction < 1 || parameters.featureFraction < 1;
  const trees: Tree[] = [];
  const losses: IterationLosses[] = [];
  // No correction at all is a choice too, where there is a model to correct.
  const startLoss = continueFrom && validation ? objective.loss(validationScores, validation.labels) : undefined;
  let best = { iterations: 0, loss: startLoss ?? Number.POSITIVE_INFINITY };
  let ended: GbdtTraining['ended'] = 'complete';

  for (let iteration = 0; iteration < parameters.numIterations; iteration++) {
    objective.gradients(scores, labels, memory.gradients);
    const features = drawFeatures(boosting.bins, parameters.featureFraction, rng);
    const rowCount = drawRows(memory.rows, parameters.baggingFraction, rng);
    const grown = growTree({ ...boosting, features, rowCount });
    if (grown.tree.feature.length === 0 && !samples) {
      ended = 'exhausted';
      break;
    }
    trees.push(grown.tree);
    if (rowCount === matrix.rowCount) addGrown(scores, grown, memory.rows);
    else addTree(scores, grown.tree, matrix);
    if (validation) addTree(validationScores, grown.tree, validation.matrix);
    const loss: IterationLosses = {
      ...(options.onIteration ? { train: objective.loss(scores, labels) } : {}),
      ...(validation ? { validation: objective.loss(validationScores, validation.labels) } : {}),
    };
    losses.push(loss);
    if (loss.validation !== undefined && loss.validation < best.loss) {
      best = { iterations: trees.length, loss: loss.validation };
    }
    if ((await options.onIteration?.(iteration, loss)) === true) {
      ended = 'pruned';
      break;
    }
    if (parameters.earlyStoppingRounds > 0 && trees.length - best.iterations >= parameters.earlyStoppingRounds) {
      ended = 'early';
      break;
    }
  }
  const model: GbdtModel = {
    kind: 'gbdt',
    objective: parameters.objective,
    featureNames: matrix.names,
    initialScore,
    trees: [
      ...(continueFrom?.trees ?? []),
      ...(parameters.earlyStoppingRounds > 0 ? trees.slice(0, best.iterations) : trees),
    ],
  };
  return { model, losses, ended };
}

function drawFeatures(bins: readonly FeatureBins[], fraction: number, rng: Rng): number[] {
  const all = bins.map((_, feature) => feature);
  if (fraction >= 1) return all;
  const count = Math.max(1, Math.round(fraction * all.length));
  return shuffled(all, rng)
    .slice(0, count)
    .sort((a, b) => a - b);
}

/** Fills `rows` with the rows of the next tree, ascending, and tells how many there are. */
function drawRows(rows: Int32Array, fraction: number, rng: Rng): number {
  if (fraction >= 1) {
    for (let row = 0; row < rows.length; row++) rows[row] = row;
    return rows.length;
  }
  // Selection sampling (Knuth, 3.4.2): exactly so many, each subset as likely.
  const wanted = Math.max(1, Math.round(fraction * rows.length));
  let taken = 0;
  for (let row = 0; taken < wanted; row++) {
    if (rng.next() * (rows.length - row) < wanted - taken) rows[taken++] = row;
  }
  return wanted;
}

function addGrown(scores: Float64Array, { tree, begin, end }: GrownTree, rows: Int32Array): void {
  tree.leafValue.forEach((value, leaf) => {
    const last = end[leaf] as number;
    for (let i = begin[leaf] as number; i < last; i++) {
      const row = rows[i] as number;
      scores[row] = (scores[row] as number) + value;
    }
  });
}
