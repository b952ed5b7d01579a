import { encodeOnnx, loadOnnx, type OnnxFeed } from '#platform/onnx';
import { predictorGraph } from './core/export/graph.ts';
import { columnOf, type Frame, takeRows } from './core/frame.ts';
import { learningErrors } from './errors.ts';
import type { Predictor } from './model.ts';

export interface ExportOptions {
  /** Free text in the file. */
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes features and model as one ONNX file. Inputs are the raw columns, one each, shape [N, 1]: STRING (missing is ''),
 * FLOAT (missing is NaN) or INT64 (ms since the epoch, UTC). The output is `probability` or `value`, FLOAT [N, 1].
 */
export function exportOnnx(predictor: Predictor, options: ExportOptions = {}): Promise<Uint8Array> {
  return encodeOnnx(predictorGraph(predictor), options);
}

export interface Parity {
  /** Rows compared. */
  readonly rows: number;
  /** Largest absolute difference of two answers to the same row; infinite where only one of them is a number. */
  readonly maxDifference: number;
}

const BATCH_ROWS = 20_000;

/**
 * Runs an exported model in ONNX Runtime and compares its answers with ours.
 *
 * @throws ONNX_MODEL_INVALID, LEARNING_COLUMN_UNKNOWN, LEARNING_COLUMN_TYPE, LEARNING_LENGTHS_DIFFER,
 *   LEARNING_TIMESTAMP_MISSING: a timestamp that is missing cannot be fed
 */
export async function checkParity(onnx: Uint8Array, frame: Frame, predictions: ArrayLike<number>): Promise<Parity> {
  if (predictions.length !== frame.rowCount) {
    const values = predictions.length;
    throw learningErrors.LEARNING_LENGTHS_DIFFER({ what: 'The data to compare on', rows: frame.rowCount, values });
  }
  const session = await loadOnnx(onnx);
  try {
    let maxDifference = 0;
    for (let start = 0; start < frame.rowCount; start += BATCH_ROWS) {
      const length = Math.min(BATCH_ROWS, frame.rowCount - start);
      const rows = Int32Array.from({ length }, (_, i) => start + i);
      const result = await session.run(feedsOf(session.inputs, takeRows(frame, rows)));
      const answers = (result.probability ?? result.value)?.data as ArrayLike<number>;
      for (let i = 0; i < length; i++) {
        maxDifference = Math.max(maxDifference, differenceOf(answers[i] as number, predictions[start + i] as number));
      }
    }
    return { rows: frame.rowCount, maxDifference };
  } finally {
    await session.release();
  }
}

function differenceOf(a: number, b: number): number {
  if (Number.isNaN(a) && Number.isNaN(b)) return 0;
  const difference = Math.abs(a - b);
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
}

/** The inputs of an exported model, filled from a frame. */
function feedsOf(inputs: readonly { readonly name: string }[], frame: Frame): Record<string, OnnxFeed> {
  return Object.fromEntries(inputs.map(({ name }) => [name, feedOf(frame, name)]));
}

function feedOf(frame: Frame, name: string): OnnxFeed {
  const column = columnOf(frame, name);
  const dims = [frame.rowCount, 1];
  if (column.type === 'string') {
    return { type: 'string', data: Array.from(column.codes, (code) => column.categories[code] ?? ''), dims };
  }
  if (column.type === 'number') return { type: 'float32', data: Float32Array.from(column.values), dims };
  const missing = column.values.findIndex(Number.isNaN);
  if (missing >= 0) throw learningErrors.LEARNING_TIMESTAMP_MISSING({ column: name, row: missing });
  return { type: 'int64', data: BigInt64Array.from(column.values, (at) => BigInt(Math.floor(at))), dims };
}
