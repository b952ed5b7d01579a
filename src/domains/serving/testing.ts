import { createEvents, eventsMigrations } from '#platform/events';
import { type Clock, ManualClock, seededRng, type VersionRef } from '#platform/kernel';
import { type Database, type Migration, migrate, openDatabase } from '#platform/sql';
import type { Signature } from './model.ts';
import type {
  ColumnBatch,
  InferenceRuntime,
  InferenceSession,
  ModelSource,
  PointerLog,
  ServableModel,
} from './ports.ts';
import { createServing, type Serving, type ServingOptions } from './serving.ts';
import { servingMigrations } from './store/schema.ts';

export const SERVING_TEST_MIGRATIONS: readonly Migration[] = [...eventsMigrations, ...servingMigrations];

/** A small model as JSON: bias + sum of weight times value; a string counts its characters, a timestamp its hours. */
export interface LinearModel {
  readonly signature: Signature;
  readonly weights: readonly number[];
  readonly bias: number;
}

/** A runtime of {@link LinearModel}s that counts what it holds, for tests without native code. */
export class LinearRuntime implements InferenceRuntime {
  /** Sessions that were loaded and not yet released. */
  open = 0;
  runs = 0;

  async load(bytes: Uint8Array): Promise<InferenceSession> {
    const { signature, weights, bias } = JSON.parse(new TextDecoder().decode(bytes)) as LinearModel;
    this.open++;
    let released = false;
    return {
      inputs: signature.inputs,
      outputs: [signature.output],
      run: async (columns, rowCount) => {
        // As a real runtime: the work is done in a later turn of the event loop.
        await new Promise((resolve) => setImmediate(resolve));
        if (released) throw new Error('the session was released');
        this.runs++;
        return Float32Array.from({ length: rowCount }, (_, row) => bias + weighted(columns, weights, row));
      },
      release: async () => {
        if (released) throw new Error('the session was released twice');
        released = true;
        this.open--;
      },
    };
  }
}

export function linearModel(model: LinearModel, golden?: ServableModel['golden']): ServableModel {
  return { onnx: new TextEncoder().encode(JSON.stringify(model)), signature: model.signature, golden };
}

function weighted(columns: readonly ColumnBatch[], weights: readonly number[], row: number): number {
  return columns.reduce((sum, column, index) => sum + (weights[index] ?? 0) * numberOf(column, row), 0);
}

function numberOf(column: ColumnBatch, row: number): number {
  if (column.type === 'string') return column.values[row]?.length ?? 0;
  if (column.type === 'number') return column.values[row] as number;
  return Number(column.values[row]) / 3_600_000;
}

/** A model source over a list in memory; an unknown version throws. */
export class MemoryModelSource implements ModelSource {
  readonly models = new Map<VersionRef, ServableModel>();

  async load(version: VersionRef): Promise<ServableModel> {
    const model = this.models.get(version);
    if (!model) throw new Error(`there is no ${version}`);
    return model;
  }
}

/** A pointer log that keeps moves in memory. */
export class MemoryPointerLog implements PointerLog {
  readonly moves: Parameters<PointerLog['record']>[1][] = [];

  async record(...[, move]: Parameters<PointerLog['record']>): Promise<void> {
    this.moves.push(move);
  }
}

export const FLIGHT_SIGNATURE: Signature = {
  inputs: [
    { name: 'date', type: 'timestamp' },
    { name: 'distance', type: 'number' },
    { name: 'origin', type: 'string' },
  ],
  output: 'value',
};

/** Models that answer `distance + bias`, so that an answer tells which version gave it. */
export function biasModel(bias: number, golden?: ServableModel['golden']): ServableModel {
  return linearModel({ signature: FLIGHT_SIGNATURE, weights: [0, 1, 0], bias }, golden);
}

export const FLIGHT = { date: '2001-03-01T10:30:00Z', distance: 500, origin: 'ATL' };

export interface ServingBench {
  readonly database: Database;
  readonly serving: Serving;
  readonly runtime: LinearRuntime;
  readonly source: MemoryModelSource;
  readonly pointerLog: MemoryPointerLog;
  readonly clock: ManualClock;
}

/** Serving over a database with `version:flights/1` to `version:flights/9` (bias 1000 to 9000), started. */
export async function setUpServing(
  database?: Database,
  overrides: Partial<ServingOptions> & { machineClock?: Clock } = {},
): Promise<ServingBench> {
  const opened = database ?? (await openDatabase('sqlite::memory:'));
  if (!database) await migrate(opened, SERVING_TEST_MIGRATIONS);
  const clock = new ManualClock(Date.UTC(2001, 2, 1, 12));
  const runtime = new LinearRuntime();
  const source = new MemoryModelSource();
  for (let n = 1; n <= 9; n++) source.models.set(`version:flights/${n}`, biasModel(n * 1000));
  const pointerLog = new MemoryPointerLog();
  const serving = createServing({
    database: opened,
    clock,
    rng: seededRng(7),
    events: createEvents({ database: opened, clock }),
    pointerLog,
    modelSource: source,
    runtime,
    ...overrides,
  });
  await serving.start();
  return { database: opened, serving, runtime, source, pointerLog, clock };
}
