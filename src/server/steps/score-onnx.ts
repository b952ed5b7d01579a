import type { Column, Frame } from '#domains/learning';
import { loadOnnx, type OnnxSession } from '#platform/onnx';

const OUTPUT = 'probability';
const BATCH_ROWS = 8192;
const TIMED_REQUESTS = 1000;
const WARM_UP = 100;

/** What an ONNX file answers for every row of a frame. */
export async function onnxPredictions(onnx: Uint8Array, frame: Frame): Promise<Float32Array> {
  const session = await loadOnnx(onnx, { threads: 2 });
  try {
    const answers = new Float32Array(frame.rowCount);
    for (let start = 0; start < frame.rowCount; start += BATCH_ROWS) {
      answers.set(await scoresOf(session, frame, start, Math.min(frame.rowCount, start + BATCH_ROWS)), start);
    }
    return answers;
  } finally {
    await session.release();
  }
}

/** How long a prediction of a single row takes, one thread, as an endpoint asks for it. */
export async function timeSingleRows(onnx: Uint8Array, frame: Frame) {
  const session = await loadOnnx(onnx, { threads: 1 });
  try {
    const timesMs: number[] = [];
    for (let i = -WARM_UP; i < TIMED_REQUESTS; i++) {
      const row = (i + WARM_UP) % frame.rowCount;
      const startedMs = performance.now();
      await scoresOf(session, frame, row, row + 1);
      if (i >= 0) timesMs.push(performance.now() - startedMs);
    }
    timesMs.sort((a, b) => a - b);
    const at = (share: number) => timesMs[Math.min(timesMs.length - 1, Math.floor(share * timesMs.length))] as number;
    return { requests: timesMs.length, p50Ms: at(0.5), p99Ms: at(0.99) };
  } finally {
    await session.release();
  }
}

async function scoresOf(session: OnnxSession, frame: Frame, from: number, to: number): Promise<Float32Array> {
  const dims = [to - from, 1];
  const feeds = Object.fromEntries(
    session.inputs.map(({ name }) => {
      const column = frame.columns[name];
      if (!column) throw new Error(`the rows have no column "${name}", which the model needs`);
      return [name, { ...tensorOf(column, from, to), dims }];
    }),
  );
  const answer = (await session.run(feeds))[OUTPUT];
  if (!(answer?.data instanceof Float32Array)) throw new Error(`the model has no output "${OUTPUT}" of numbers`);
  return answer.data;
}

function tensorOf(column: Column, from: number, to: number) {
  if (column.type === 'string') {
    const data = Array.from(column.codes.subarray(from, to), (code) => column.categories[code] ?? '');
    return { type: 'string' as const, data };
  }
  const values = column.values.subarray(from, to);
  if (column.type === 'number') return { type: 'float32' as const, data: Float32Array.from(values) };
  return { type: 'int64' as const, data: BigInt64Array.from(values, BigInt) };
}
