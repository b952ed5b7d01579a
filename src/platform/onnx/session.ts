import { onnxErrors } from './errors.ts';

interface OnnxValueInfo {
  readonly name: string;
  readonly type: string;
}

/** A tensor that is fed in: values in row-major order. */
export type OnnxFeed = { readonly dims: readonly number[] } & (
  | { readonly type: 'string'; readonly data: readonly string[] }
  | { readonly type: 'float32'; readonly data: Float32Array }
  | { readonly type: 'int64'; readonly data: BigInt64Array }
);

/** A tensor that came out. */
interface OnnxResult {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];
}

/** A model ready to run. Feeds are only read. `run` may be called while another call is under way. */
export interface OnnxSession {
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  /** All outputs, by name. @throws the runtime's own error when the feeds do not fit the model */
  run(feeds: Readonly<Record<string, OnnxFeed>>): Promise<Readonly<Record<string, OnnxResult>>>;
  /** Frees the native memory; call it once, after the last run has ended. */
  release(): Promise<void>;
}

interface OnnxOptions {
  /** Threads inside one run. 1, the default, is fastest for models that take microseconds. */
  readonly threads?: number;
}

/**
 * Loads an ONNX file into ONNX Runtime. The native library is loaded by the first call.
 *
 * @throws ONNX_MODEL_INVALID when the bytes are no model that this runtime can run
 */
export async function loadOnnx(bytes: Uint8Array, options: OnnxOptions = {}): Promise<OnnxSession> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(bytes, {
    intraOpNumThreads: options.threads ?? 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  }).catch((cause: unknown) => {
    throw onnxErrors.ONNX_MODEL_INVALID({ sizeBytes: bytes.length, problem: messageOf(cause) }, cause);
  });
  const infoOf = (metadata: (typeof session.inputMetadata)[number]): OnnxValueInfo => ({
    name: metadata.name,
    type: metadata.isTensor ? metadata.type : 'other',
  });
  return {
    inputs: session.inputMetadata.map(infoOf),
    outputs: session.outputMetadata.map(infoOf),
    async run(feeds) {
      const tensors: Record<string, InstanceType<typeof Tensor>> = {};
      for (const name in feeds) {
        const feed = feeds[name];
        if (feed) tensors[name] = tensorOf(Tensor, feed);
      }
      return session.run(tensors);
    },
    release: () => session.release(),
  };
}

type TensorConstructor = typeof import('onnxruntime-node').Tensor;

function tensorOf(Tensor: TensorConstructor, feed: OnnxFeed): InstanceType<TensorConstructor> {
  // The runtime reads text from a mutable array type, but does not write to it.
  if (feed.type === 'string') return new Tensor('string', feed.data as string[], feed.dims);
  if (feed.type === 'float32') return new Tensor('float32', feed.data, feed.dims);
  return new Tensor('int64', feed.data, feed.dims);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
