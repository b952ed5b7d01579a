import { loadOnnx, type OnnxSession } from '#platform/onnx';
import type { ColumnType } from './model.ts';
import type { ColumnBatch, InferenceRuntime, InferenceSession } from './ports.ts';

const COLUMN_TYPE: Readonly<Record<string, ColumnType>> = { string: 'string', float32: 'number', int64: 'timestamp' };

/**
 * ONNX Runtime in this process, one thread a session. A run blocks the event loop while it computes: about 10 µs for a
 * row through a hundred trees, far less than a hop to another thread would cost.
 */
export const onnxRuntime: InferenceRuntime = {
  async load(onnx) {
    const session = await loadOnnx(onnx, { threads: 1 });
    return new OnnxInferenceSession(session);
  },
};

class OnnxInferenceSession implements InferenceSession {
  readonly inputs: InferenceSession['inputs'];
  readonly outputs: readonly string[];
  readonly #session: OnnxSession;

  constructor(session: OnnxSession) {
    this.#session = session;
    this.outputs = session.outputs.map(({ name }) => name);
    this.inputs = session.inputs.map(({ name, type }) => {
      const column = COLUMN_TYPE[type];
      if (!column)
        throw new Error(`input "${name}" is ${type}, expected one of ${Object.keys(COLUMN_TYPE).join(', ')}`);
      return { name, type: column };
    });
  }

  async run(columns: readonly ColumnBatch[], rowCount: number, output: string): Promise<ArrayLike<number>> {
    const dims = [rowCount, 1];
    const feeds = Object.fromEntries(columns.map((column) => [column.name, { ...tensorOf(column), dims }]));
    const result = (await this.#session.run(feeds))[output];
    if (!(result?.data instanceof Float32Array)) throw new Error(`output "${output}" is ${result?.type}, not float32`);
    return result.data;
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

function tensorOf(column: ColumnBatch) {
  if (column.type === 'string') return { type: 'string', data: column.values } as const;
  if (column.type === 'number') return { type: 'float32', data: column.values } as const;
  return { type: 'int64', data: column.values } as const;
}
