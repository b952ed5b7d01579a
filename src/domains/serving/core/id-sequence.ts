import { type Clock, newId, type Rng } from '#platform/kernel';

/** Ids drawn before the random part is drawn anew. */
const IDS_PER_SEED = 36 ** 4;

/**
 * Inference ids: a fresh random id, whose first half is the time, followed by a counter of four letters. As unique as
 * the random ids of the kernel, but one addition instead of a dozen draws, and they sort by time, so that they are
 * written at the end of the log's index.
 */
export class IdSequence {
  readonly #clock: Clock;
  readonly #rng: Rng;
  #seed = '';
  #next = IDS_PER_SEED;

  constructor(clock: Clock, rng: Rng) {
    this.#clock = clock;
    this.#rng = rng;
  }

  take(count: number): string[] {
    const ids: string[] = [];
    for (let i = 0; i < count; i++) ids.push(this.#take());
    return ids;
  }

  #take(): string {
    if (this.#next >= IDS_PER_SEED) {
      this.#seed = newId(this.#clock, this.#rng);
      this.#next = 0;
    }
    return this.#seed + (this.#next++ + IDS_PER_SEED).toString(36).slice(1);
  }
}
