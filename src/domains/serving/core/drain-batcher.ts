/** Predicts rows together: one number a row. */
export type RunBatch<Row> = (rows: readonly Row[]) => Promise<ArrayLike<number>>;

interface Job<Row> {
  readonly rows: readonly Row[];
  readonly resolve: (values: ArrayLike<number>) => void;
  readonly reject: (error: unknown) => void;
}

/** Turns of the event loop that a batch waits for company at most, where jobs come several at a time. */
const MOST_TURNS = 4;
/** With so many jobs a batch is worth running: more of them would hardly make each cheaper. */
const ENOUGH_JOBS = 24;

/**
 * Work-conserving micro-batching, as NVIDIA Triton's dynamic batcher with its default delay of zero: an idle model
 * runs at once; while it is busy, jobs wait and are then run together, up to `maxRows`. Nothing waits for company, but
 * as long as jobs come several at a time, the requests whose bytes are already here are read before the next batch.
 *
 * Jobs are checked before they come here. When a batch fails all the same, its halves are run again on their own, so
 * that a job which cannot be predicted fails alone and not with its neighbours.
 */
export class DrainBatcher<Row> {
  readonly #run: RunBatch<Row>;
  readonly #maxRows: number;
  #waiting: Job<Row>[] = [];
  #waitingRows = 0;
  #draining = false;
  /** Whether the last batch held several jobs, so that the next one probably has company on its way. */
  #shared = false;

  constructor(options: { readonly run: RunBatch<Row>; readonly maxRows: number }) {
    this.#run = options.run;
    this.#maxRows = options.maxRows;
  }

  /** Rows that wait or run. */
  get pendingRows(): number {
    return this.#waitingRows;
  }

  /** One number a row. A job larger than `maxRows` is cut, so that others get their turn in between. */
  submit(rows: readonly Row[]): Promise<ArrayLike<number>> {
    if (rows.length <= this.#maxRows) return this.#enqueue(rows);
    const parts: Promise<ArrayLike<number>>[] = [];
    for (let start = 0; start < rows.length; start += this.#maxRows) {
      parts.push(this.#enqueue(rows.slice(start, start + this.#maxRows)));
    }
    return Promise.all(parts).then((lists) => lists.flatMap((list) => Array.from(list)));
  }

  #enqueue(rows: readonly Row[]): Promise<ArrayLike<number>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ rows, resolve, reject });
      this.#waitingRows += rows.length;
      if (!this.#draining) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.#waiting.length > 0) {
      if (this.#shared) await this.#company();
      const batch = this.#take();
      this.#shared = batch.length > 1;
      await this.#runBatch(batch);
      for (const { rows } of batch) this.#waitingRows -= rows.length;
    }
    this.#draining = false;
  }

  /** Reads what has arrived meanwhile: microseconds a turn, and a batch costs much the same for one job or many. */
  async #company(): Promise<void> {
    for (let turn = 0; turn < MOST_TURNS && this.#waiting.length < ENOUGH_JOBS; turn++) await turnOfTheLoop();
  }

  #take(): Job<Row>[] {
    let rows = 0;
    let count = 0;
    for (const job of this.#waiting) {
      rows += job.rows.length;
      if (count > 0 && rows > this.#maxRows) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #runBatch(batch: readonly Job<Row>[]): Promise<void> {
    const rows: Row[] = [];
    for (const job of batch) for (const row of job.rows) rows.push(row);
    try {
      const values = await this.#run(rows);
      if (values.length !== rows.length) {
        throw new Error(`the model answered ${values.length} values for ${rows.length} rows`);
      }
      settle(batch, values);
    } catch (error) {
      const [only] = batch;
      if (batch.length === 1 && only) {
        only.reject(error);
        return;
      }
      const half = batch.length >> 1;
      await this.#runBatch(batch.slice(0, half));
      await this.#runBatch(batch.slice(half));
    }
  }
}

/** Until all input that has arrived is read. */
function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function settle<Row>(batch: readonly Job<Row>[], values: ArrayLike<number>): void {
  const [only] = batch;
  if (batch.length === 1 && only) {
    only.resolve(values);
    return;
  }
  let start = 0;
  for (const { rows, resolve } of batch) {
    const own: number[] = [];
    for (let i = 0; i < rows.length; i++) own.push(values[start + i] as number);
    start += rows.length;
    resolve(own);
  }
}
