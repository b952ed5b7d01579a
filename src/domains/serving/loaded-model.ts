import { isTrimtabError, type VersionRef } from '#platform/kernel';
import { DrainBatcher } from './core/drain-batcher.ts';
import { exampleRow, type RowReader, rowReader } from './core/row-reader.ts';
import { servingErrors } from './errors.ts';
import type { ModelRow, Signature, SignatureColumn } from './model.ts';
import type { ColumnBatch, InferenceRuntime, InferenceSession, ModelSource, ServableModel } from './ports.ts';

/** Rows a model is given at once; larger requests are cut so that small ones are not held up. */
const MAX_BATCH_ROWS = 1024;
const WARM_UP_RUNS = 20;
/** ONNX computes in float32: its rounding, absolute and relative, and no more than that may differ. */
const GOLDEN_TOLERANCE = 1e-5;

/** A version in memory that is warm and has answered its golden rows. */
export interface LoadedModel {
  readonly version: VersionRef;
  readonly signature: Signature;
  readonly rows: RowReader;
  /** A row it accepts: its first golden one, or one made up from the signature. */
  readonly example: Readonly<Record<string, unknown>>;
  /** One number a row. @throws SERVING_MODEL_FAILED */
  predict(rows: readonly ModelRow[]): Promise<ArrayLike<number>>;
  /** Rows that wait or run. */
  readonly pendingRows: number;
  release(): Promise<void>;
}

/**
 * Loads, warms and checks a version.
 *
 * @throws SERVING_MODEL_UNFIT, SERVING_GOLDEN_FAILED, or what the source throws for an unknown version
 */
export async function loadModel(
  version: VersionRef,
  source: ModelSource,
  runtime: InferenceRuntime,
): Promise<LoadedModel> {
  const servable = await source.load(version);
  const { signature } = servable;
  const session = await openSession(version, servable, runtime);
  const predict = (rows: readonly ModelRow[]) =>
    session.run(columnsOf(signature.inputs, rows), rows.length, signature.output);
  try {
    const reader = rowReader(signature);
    await warmUp(version, reader, signature, predict);
    await checkGolden(version, reader, servable, predict);
    const batcher = new DrainBatcher<ModelRow>({ run: predict, maxRows: MAX_BATCH_ROWS });
    const failed = failure(version);
    const checked = (values: ArrayLike<number>) => assertNumbers(version, values);
    return {
      version,
      signature,
      rows: reader,
      example: servable.golden?.rows[0] ?? exampleRow(signature),
      predict: (rows) => batcher.submit(rows).then(checked, failed),
      get pendingRows() {
        return batcher.pendingRows;
      },
      release: () => session.release(),
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function openSession(version: VersionRef, servable: ServableModel, runtime: InferenceRuntime) {
  const session = await runtime.load(servable.onnx).catch((error: unknown) => {
    throw servingErrors.SERVING_MODEL_UNFIT({ version, problem: `it does not load: ${messageOf(error)}` }, error);
  });
  const problem = misfit(servable.signature, session);
  if (!problem) return session;
  await session.release();
  throw servingErrors.SERVING_MODEL_UNFIT({ version, problem });
}

function misfit({ inputs, output }: Signature, session: InferenceSession): string | undefined {
  for (const { name, type } of inputs) {
    const input = session.inputs.find((candidate) => candidate.name === name);
    if (!input) return `its signature has a column "${name}" that its file does not take`;
    if (input.type !== type) return `column "${name}" is a ${type} in its signature and a ${input.type} in its file`;
  }
  const extra = session.inputs.find(({ name }) => !inputs.some((column) => column.name === name));
  if (extra) return `its file needs an input "${extra.name}" that its signature lacks`;
  return session.outputs.includes(output) ? undefined : `its file has no output "${output}"`;
}

async function warmUp(
  version: VersionRef,
  reader: RowReader,
  signature: Signature,
  predict: (rows: readonly ModelRow[]) => Promise<ArrayLike<number>>,
): Promise<void> {
  const { values } = reader.read(exampleRow(signature), 0);
  for (let i = 0; i < WARM_UP_RUNS; i++) {
    await predict([values]).catch((error: unknown) => {
      throw servingErrors.SERVING_MODEL_UNFIT({ version, problem: `it fails on a row: ${messageOf(error)}` }, error);
    });
  }
}

async function checkGolden(
  version: VersionRef,
  reader: RowReader,
  { golden }: ServableModel,
  predict: (rows: readonly ModelRow[]) => Promise<ArrayLike<number>>,
): Promise<void> {
  if (!golden || golden.rows.length === 0) return;
  const answers = await predict(golden.rows.map((row, index) => reader.read(row, index).values));
  golden.predictions.forEach((expected, row) => {
    const actual = answers[row] ?? Number.NaN;
    if (!(Math.abs(actual - expected) <= GOLDEN_TOLERANCE * (1 + Math.abs(expected)))) {
      throw servingErrors.SERVING_GOLDEN_FAILED({ version, row, expected, actual });
    }
  });
}

function columnsOf(inputs: readonly SignatureColumn[], rows: readonly ModelRow[]): ColumnBatch[] {
  // The reader has checked each value against its column's type, hence the casts.
  return inputs.map(({ name, type }, index) => {
    if (type === 'string') return { name, type, values: rows.map((row) => row[index] as string) };
    if (type === 'number') {
      const values = new Float32Array(rows.length);
      for (let i = 0; i < rows.length; i++) values[i] = (rows[i] as ModelRow)[index] as number;
      return { name, type, values };
    }
    const values = new BigInt64Array(rows.length);
    for (let i = 0; i < rows.length; i++) values[i] = BigInt((rows[i] as ModelRow)[index] as number);
    return { name, type, values };
  });
}

/** JSON has no NaN, and nobody could act on one. */
function assertNumbers(version: VersionRef, values: ArrayLike<number>): ArrayLike<number> {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw servingErrors.SERVING_MODEL_FAILED({ version, problem: `it answered ${values[i]} for row ${i}` });
    }
  }
  return values;
}

function failure(version: VersionRef) {
  return (error: unknown): never => {
    if (isTrimtabError(error)) throw error;
    throw servingErrors.SERVING_MODEL_FAILED({ version, problem: messageOf(error) }, error);
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
