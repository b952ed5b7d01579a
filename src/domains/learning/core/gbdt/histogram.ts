/**
 * Histograms of gradients, the hot part of the learner: for every feature and bin the sums of gradient and hessian over
 * the rows of a leaf. Sums are float64: with float32 sums the loop is slower (each add converts) and less exact.
 */

/** What histograms are built from and where they go; all buffers are shared with the threads. */
export interface HistogramMemory {
  /** Bins row by row: feature f of row i is `binned[i * featureCount + f]`. */
  readonly binned: Uint8Array;
  readonly featureCount: number;
  /** Where a feature starts in a histogram; one entry more than features. Bin b takes places `+ 2b` and `+ 2b + 1`. */
  readonly offsets: Int32Array;
  /** The rows of the tree, grouped by leaf. */
  readonly rows: Int32Array;
  /** Gradient and hessian of row i at `2i` and `2i + 1`. */
  readonly gradients: Float32Array;
  /** Slot after slot, each of `slotSize` numbers. */
  readonly histograms: Float64Array;
  readonly slotSize: number;
}

/** Builds one leaf's histogram and gets its sibling's by subtraction. */
export interface HistogramTask {
  /** The leaf's rows are `rows[begin]` to `rows[end - 1]`. */
  readonly begin: number;
  readonly end: number;
  readonly slot: number;
  /** A slot that holds the parent's histogram and is turned into the sibling's; -1 for none. */
  readonly parentSlot: number;
}

/** Does the task for features `first` to `last - 1`. Each feature's sums are the same however features are shared out. */
export function buildHistograms(memory: HistogramMemory, task: HistogramTask, first: number, last: number): void {
  const { offsets, histograms, slotSize } = memory;
  const from = task.slot * slotSize + (offsets[first] as number);
  const to = task.slot * slotSize + (offsets[last] as number);
  histograms.fill(0, from, to);
  let feature = first;
  for (; feature + 4 <= last; feature += 4) addFour(memory, task, feature);
  for (; feature < last; feature++) addOne(memory, task, feature);
  if (task.parentSlot < 0) return;
  const shift = (task.parentSlot - task.slot) * slotSize;
  for (let i = from; i < to; i++) {
    histograms[i + shift] = (histograms[i + shift] as number) - (histograms[i] as number);
  }
}

/** Four features in one pass over the rows: a row's bins lie together, and its gradient is read once. */
function addFour(memory: HistogramMemory, task: HistogramTask, feature: number): void {
  const { binned, featureCount, rows, gradients, histograms, offsets } = memory;
  const base = task.slot * memory.slotSize;
  const o0 = base + (offsets[feature] as number);
  const o1 = base + (offsets[feature + 1] as number);
  const o2 = base + (offsets[feature + 2] as number);
  const o3 = base + (offsets[feature + 3] as number);
  const { begin, end } = task;
  for (let i = begin; i < end; i++) {
    const row = rows[i] as number;
    const gradient = gradients[2 * row] as number;
    const hessian = gradients[2 * row + 1] as number;
    const cell = row * featureCount + feature;
    let at = o0 + ((binned[cell] as number) << 1);
    histograms[at] = (histograms[at] as number) + gradient;
    histograms[at + 1] = (histograms[at + 1] as number) + hessian;
    at = o1 + ((binned[cell + 1] as number) << 1);
    histograms[at] = (histograms[at] as number) + gradient;
    histograms[at + 1] = (histograms[at + 1] as number) + hessian;
    at = o2 + ((binned[cell + 2] as number) << 1);
    histograms[at] = (histograms[at] as number) + gradient;
    histograms[at + 1] = (histograms[at + 1] as number) + hessian;
    at = o3 + ((binned[cell + 3] as number) << 1);
    histograms[at] = (histograms[at] as number) + gradient;
    histograms[at + 1] = (histograms[at + 1] as number) + hessian;
  }
}

function addOne(memory: HistogramMemory, task: HistogramTask, feature: number): void {
  const { binned, featureCount, rows, gradients, histograms, offsets } = memory;
  const offset = task.slot * memory.slotSize + (offsets[feature] as number);
  const { begin, end } = task;
  for (let i = begin; i < end; i++) {
    const row = rows[i] as number;
    const at = offset + ((binned[row * featureCount + feature] as number) << 1);
    histograms[at] = (histograms[at] as number) + (gradients[2 * row] as number);
    histograms[at + 1] = (histograms[at + 1] as number) + (gradients[2 * row + 1] as number);
  }
}
