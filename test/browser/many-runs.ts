import { type Rng, seededRng } from '#platform/kernel';
import { openDatabase, type SqlValue } from '#platform/sql';
import type { Client } from '#sdk';

const FIRST_MS = Date.UTC(2026, 0, 5);
const BATCH = 2000;
const OPTIMIZERS = ['adam', 'sgd', 'lion'];
const STATUSES = ['finished', 'finished', 'finished', 'finished', 'failed', 'killed'];
/** Every so many runs one is the parent of those that follow. */
const FAMILY = 50;
const PARENTS = 20;

export interface ManyRuns {
  readonly experiment: string;
  /** How many runs, the newest is the last. */
  readonly runs: number;
}

/**
 * Runs of a search for hyperparameters, written straight into the tables: 4 metrics, 5 params and a tag each. The first
 * thousand come in families: one is the parent of those that follow.
 */
export async function seedManyRuns(client: Client, database: string, { experiment, runs }: ManyRuns): Promise<void> {
  const { id } = await client.tracking.createExperiment({
    body: { name: experiment, description: 'What a search over learning rates, depths and optimisers came to.' },
  });
  const rng = seededRng(7);
  await bulk(database, async (insert) => {
    let parent: string | null = null;
    for (let start = 0; start < runs; start += BATCH) {
      const made = Array.from({ length: Math.min(BATCH, runs - start) }, (_, i) => runOf(rng, start + i));
      const rows = made.map(({ id: run, number, status, atMs, tookMs }) => {
        const isParent = number < FAMILY * PARENTS && number % FAMILY === 0;
        if (isParent || number >= FAMILY * PARENTS) parent = null;
        const row = [run, Number(id), `trial ${number}`, status, parent, atMs, atMs + tookMs, atMs + tookMs];
        if (isParent) parent = run;
        return [...row, 'user:ann', 'ann', 'active'];
      });
      await insert('tracking_run', RUN_COLUMNS, rows);
      await insert(
        'tracking_param',
        ['run', 'key', 'value', 'number_value'],
        made.flatMap(({ id: run, params }) =>
          Object.entries(params).map(([key, value]) => [run, key, String(value), asNumber(value)]),
        ),
      );
      await insert(
        'tracking_tag',
        ['run', 'key', 'value'],
        made.map(({ id: run, number }) => [run, 'stage', number % 3 === 0 ? 'nightly' : 'by hand']),
      );
      await insert('tracking_series', SERIES_COLUMNS, made.flatMap(seriesOf));
    }
  });
}

/** A few runs with thousands of metrics each, as layers of a network log them. */
export async function seedManyKeys(client: Client, database: string, experiment: string, keys: number): Promise<void> {
  const { id } = await client.tracking.createExperiment({ body: { name: experiment } });
  const rng = seededRng(8);
  await bulk(database, async (insert) => {
    const ids = [0, 1, 2].map((number) => idOf(rng, number));
    await insert(
      'tracking_run',
      RUN_COLUMNS,
      ids.map((run, i) => [
        ...[run, Number(id), `network ${i}`, 'finished', null, FIRST_MS + i, FIRST_MS + 1000, FIRST_MS + 1000],
        ...['user:ann', 'ann', 'active'],
      ]),
    );
    for (const run of ids) {
      const rows = Array.from({ length: keys }, (_, key) => {
        const layer = String(Math.floor(key / 10)).padStart(4, '0');
        const value = rng.next();
        return [run, `layer_${layer}/gradient_${key % 10}`, 10, FIRST_MS, value, 0, value, value];
      });
      await insert('tracking_series', SERIES_COLUMNS, rows);
    }
  });
}

const RUN_COLUMNS = [
  ...['id', 'experiment', 'name', 'status', 'parent', 'started_at', 'ended_at', 'changed_at'],
  ...['created_by', 'user_id', 'lifecycle'],
];
const SERIES_COLUMNS = ['run', 'key', 'step', 'at_ms', 'value', 'is_nan', 'min_value', 'max_value'];

type Insert = (table: string, columns: readonly string[], rows: readonly (readonly SqlValue[])[]) => Promise<unknown>;

async function bulk(url: string, write: (insert: Insert) => Promise<void>): Promise<void> {
  const database = await openDatabase(url);
  try {
    await database.transaction((tx) => write((table, columns, rows) => tx.insertRows(table, columns, rows)));
  } finally {
    await database.close();
  }
}

function runOf(rng: Rng, number: number) {
  const params = {
    depth: 2 + rng.int(9),
    rate: Number((10 ** (-4 + 3 * rng.next())).toPrecision(4)),
    optimizer: OPTIMIZERS[rng.int(OPTIMIZERS.length)] ?? '',
    batch_size: 16 * 2 ** rng.int(4),
    dropout: Number((0.5 * rng.next()).toFixed(3)),
  };
  // Best near depth 7 and a rate of 0.003; the optimiser matters a little.
  const distance = Math.abs(params.depth - 7) / 9 + Math.abs(Math.log10(params.rate) + 2.5) / 3;
  const auc = 0.9 - 0.2 * distance - 0.02 * OPTIMIZERS.indexOf(params.optimizer) + 0.03 * (rng.next() - 0.5);
  return {
    id: idOf(rng, number),
    number,
    params,
    auc,
    status: STATUSES[rng.int(STATUSES.length)] ?? 'finished',
    atMs: FIRST_MS + number * 60_000,
    tookMs: 60_000 + rng.int(3_600_000),
  };
}

function seriesOf({ id, auc, atMs, tookMs }: ReturnType<typeof runOf>): SqlValue[][] {
  const values = { 'valid.auc': auc, 'valid.loss': 1.2 - auc, 'train.loss': 1.1 - auc, seconds: tookMs / 1000 };
  return Object.entries(values).map(([key, value]) => [id, key, 100, atMs, value, 0, value, value]);
}

function asNumber(value: string | number): number | null {
  return typeof value === 'number' ? value : null;
}

function idOf(rng: Rng, number: number): string {
  const word = () =>
    rng
      .int(2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return number.toString(16).padStart(8, '0') + word() + word() + word();
}
