import type { Database } from '#platform/sql';
import { SEAL_FROM, sealSeries } from './store/point-store.ts';

/** After packing it rests for so many times as long, so that it never takes more than a tenth of the time. */
const REST = 9;
const MIN_REST_MS = 20;
/** Series whose points are counted; of others it is not known how many came, until they are read. */
const MAX_COUNTED = 50_000;

/**
 * Packs long histories in the background: a series is handed over when it was given many points, and when somebody reads
 * one that has many open ones. What a process leaves unpacked is as good to read, only slower.
 */
export class Sealing {
  readonly #database: Database;
  readonly #written = new Map<number, number>();
  readonly #waiting = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Notes that points of a series were written. */
  wrote(series: number, points: number): void {
    const count = (this.#written.get(series) ?? 0) + points;
    if (count >= SEAL_FROM) {
      this.#written.delete(series);
      this.seal(series);
      return;
    }
    this.#written.set(series, count);
    if (this.#written.size <= MAX_COUNTED) return;
    for (const [oldest] of this.#written) {
      this.#written.delete(oldest);
      break;
    }
  }

  /** Packs a series soon. */
  seal(series: number): void {
    this.#waiting.add(series);
    this.#wake(MIN_REST_MS);
  }

  /** Packs everything that waits, now. */
  async settle(): Promise<void> {
    for (;;) {
      await this.#running;
      if (this.#waiting.size === 0) return;
      await this.#sealNext();
    }
  }

  /** Packs nothing more, and waits for what is being packed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #wake(afterMs: number): void {
    if (this.#stopped) return;
    this.#timer ??= setTimeout(() => {
      const startedMs = performance.now();
      this.#running = this.#sealNext()
        // The points are where they were; the series is handed over again when it is written or read.
        .catch(() => undefined)
        .then(() => {
          this.#timer = undefined;
          const tookMs = performance.now() - startedMs;
          if (this.#waiting.size > 0) this.#wake(Math.max(MIN_REST_MS, REST * tookMs));
        });
    }, afterMs).unref();
  }

  async #sealNext(): Promise<void> {
    const [series] = this.#waiting;
    if (series === undefined) return;
    this.#waiting.delete(series);
    await sealSeries(this.#database, series);
  }
}
