import type { StartedRun } from '#sdk/tracking';

/** The first part is sent after so long; later ones after this share of the time that has passed. */
const FIRST_MS = 2000;
const SHARE = 0.01;
const PART_BYTES = 256 * 1024;
const MAX_PARTS = 10_000;

/**
 * Keeps what a command writes as numbered parts below `output/`, so that it can be followed while it runs and nothing is
 * sent twice. Parts grow further apart with time: a run of a day has some hundreds of them.
 */
export class OutputLog {
  readonly #run: StartedRun;
  readonly #stream: 'stdout' | 'stderr';
  #waiting: Buffer[] = [];
  #bytes = 0;
  #parts = 0;
  #startedMs = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(run: StartedRun, stream: 'stdout' | 'stderr') {
    this.#run = run;
    this.#stream = stream;
  }

  add(part: Buffer): void {
    this.#waiting.push(part);
    this.#bytes += part.byteLength;
    if (this.#bytes >= PART_BYTES) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), this.#pauseMs());
  }

  /** Sends the rest. @throws what the server refused, if anything */
  async end(): Promise<void> {
    this.#send();
    await this.#sending;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #pauseMs(): number {
    return Math.max(FIRST_MS, (performance.now() - this.#startedMs) * SHARE);
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // Whoever writes more than this into his terminal is told what was kept, by the number of the last part.
    if (this.#bytes === 0 || this.#parts >= MAX_PARTS) return;
    const part = Buffer.concat(this.#waiting);
    [this.#waiting, this.#bytes] = [[], 0];
    const path = `output/${this.#stream}/${String(++this.#parts).padStart(5, '0')}.txt`;
    this.#sending = this.#sending
      .then(() => this.#run.file(path, part))
      .catch((error: unknown) => {
        this.#failure ??= error;
      });
  }
}
