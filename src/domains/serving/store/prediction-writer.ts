import { isTrimtabError } from '#platform/kernel';
import type { Database, Sql, SqlValue } from '#platform/sql';
import { servingErrors } from '../errors.ts';
import type { ServingTables } from './schema.ts';

/** The columns of a row handed to {@link PredictionWriter.write}, in order. */
const PREDICTION_COLUMNS = [
  'endpoint',
  'inference_id',
  'at_ms',
  'received_ms',
  'version',
  'variant',
  'features',
  'prediction',
  'latency_us',
  'flagged',
] as const;

const [INFERENCE_ID, FEATURES] = [1, 6];
/** Rows of one transaction; more wait for the next. */
const MAX_GROUP_ROWS = 10_000;
const LOOK_UP_IDS = 400;

/** What was answered to a row when its inference id was first used. */
interface EarlierAnswer {
  readonly version: string;
  readonly variant: string;
  readonly prediction: number;
}

/** Answers that were given before, by inference id. */
export type EarlierAnswers = ReadonlyMap<string, EarlierAnswer>;

interface Entry {
  readonly endpoint: string;
  readonly rows: readonly (readonly SqlValue[])[];
  readonly resolve: (earlier: EarlierAnswers | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes predictions so that `write` returns when they are committed. Requests that arrive while a transaction runs
 * share the next one (group commit): one commit serves them all, and an idle log commits at once.
 *
 * An inference id is logged once. A request that repeats rows under their ids gets the earlier answers; one that
 * reuses an id for another row is refused and logs nothing.
 */
export class PredictionWriter {
  readonly #database: Database;
  #waiting: Entry[] = [];
  #running: Promise<void> | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * @returns the earlier answers when some of the rows were logged before, else undefined
   * @throws SERVING_INFERENCE_ID_REUSED, SERVING_LOG_UNAVAILABLE
   */
  write(endpoint: string, rows: readonly (readonly SqlValue[])[]): Promise<EarlierAnswers | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ endpoint, rows, resolve, reject });
      // Node runs next ticks when the promises that are ready have run: everything that one batch of the model
      // answered is in the group, and no turn of the event loop is lost.
      this.#running ??= new Promise<void>((done) => process.nextTick(done)).then(() => this.#drain());
    });
  }

  /** Waits until everything handed over is committed or refused. */
  async settle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#commit(this.#take());
    } finally {
      this.#running = undefined;
    }
  }

  #take(): Entry[] {
    let rows = 0;
    let count = 0;
    for (const entry of this.#waiting) {
      rows += entry.rows.length;
      if (count > 0 && rows > MAX_GROUP_ROWS) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #commit(group: readonly Entry[]): Promise<void> {
    const rows: (readonly SqlValue[])[] = [];
    for (const entry of group) for (const row of entry.rows) rows.push(row);
    try {
      await this.#database.transaction(async (tx) => {
        if ((await insert(tx, rows)) !== rows.length) throw new Repeated();
      });
    } catch {
      // Some id is known, or the group failed: each request on its own, so that one cannot fail its neighbours.
      for (const entry of group) await this.#commitAlone(entry);
      return;
    }
    for (const { resolve } of group) resolve(undefined);
  }

  async #commitAlone(entry: Entry): Promise<void> {
    try {
      entry.resolve(await this.#database.transaction((tx) => writeOrRecall(tx, entry)));
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      const known = isTrimtabError(error, 'SERVING_INFERENCE_ID_REUSED');
      entry.reject(known ? error : servingErrors.SERVING_LOG_UNAVAILABLE({ endpoint: entry.endpoint, problem }, error));
    }
  }
}

class Repeated extends Error {}

function insert(tx: Sql, rows: readonly (readonly SqlValue[])[]): Promise<number> {
  return tx.insertRows('serving_prediction', PREDICTION_COLUMNS, rows, { onConflict: 'ignore' });
}

async function writeOrRecall(tx: Sql, { endpoint, rows }: Entry): Promise<EarlierAnswers | undefined> {
  const written = await insert(tx, rows);
  if (written === rows.length) return undefined;
  const logged = await lookUp(
    tx,
    endpoint,
    rows.map((row) => String(row[INFERENCE_ID])),
  );
  for (const row of rows) {
    const inferenceId = String(row[INFERENCE_ID]);
    if (logged.get(inferenceId)?.features !== row[FEATURES]) {
      throw servingErrors.SERVING_INFERENCE_ID_REUSED({ endpoint, inferenceId });
    }
  }
  return logged;
}

async function lookUp(tx: Sql, endpoint: string, ids: readonly string[]) {
  const found = new Map<string, EarlierAnswer & { readonly features: string }>();
  for (let start = 0; start < ids.length; start += LOOK_UP_IDS) {
    const rows = await tx
      .tables<ServingTables>()
      .selectFrom('serving_prediction')
      .select(['inference_id', 'version', 'variant', 'prediction', 'features'])
      .where('endpoint', '=', endpoint)
      .where('inference_id', 'in', ids.slice(start, start + LOOK_UP_IDS))
      .execute();
    for (const { inference_id, ...answer } of rows) found.set(inference_id, answer);
  }
  return found;
}
