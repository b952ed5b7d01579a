import { radixSort } from './radix.ts';

const BYTES = 16;
const HEX = /^[0-9a-f]{32}$/;
const EMPTY = -1;

/**
 * Ids of runs by row and rows by id, in few bytes: of an id of 32 hex digits only its 16 bytes are kept, and a table of
 * hashes finds it again. A million take 24 MB, as texts in a map it would be 150.
 */
export class RunIds {
  #bytes = Buffer.alloc(64 * BYTES);
  /** Ids of another form, by row. */
  readonly #odd = new Map<number, string>();
  readonly #oddRows = new Map<string, number>();
  #slots = new Int32Array(256).fill(EMPTY);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get sizeBytes(): number {
    return this.#bytes.length + this.#slots.byteLength + this.#odd.size * 200;
  }

  /** @returns the row of the id, the next free one */
  add(id: string): number {
    const row = this.#count++;
    if ((row + 1) * BYTES > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
    if (!HEX.test(id)) {
      this.#odd.set(row, id);
      this.#oddRows.set(id, row);
      return row;
    }
    this.#bytes.write(id, row * BYTES, 'hex');
    if (this.#count * 2 > this.#slots.length) this.#grow();
    else this.#insert(row);
    return row;
  }

  get(row: number): string {
    return this.#odd.get(row) ?? this.#bytes.toString('hex', row * BYTES, (row + 1) * BYTES);
  }

  find(id: string): number | undefined {
    if (!HEX.test(id)) return this.#oddRows.get(id);
    const wanted = Buffer.from(id, 'hex');
    const mask = this.#slots.length - 1;
    for (let slot = hashOf(wanted, 0) & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot] as number;
      if (row === EMPTY) return undefined;
      if (wanted.compare(this.#bytes, row * BYTES, (row + 1) * BYTES) === 0) return row;
    }
  }

  /** Every row, in the order of the ids as texts. */
  sorted(): Int32Array {
    const rows = Int32Array.from({ length: this.#count }, (_, row) => row);
    if (this.#odd.size > 0) return rows.sort((a, b) => this.compare(a, b));
    const bytes = this.#bytes;
    return radixSort(rows, BYTES / 2, (row, n) => bytes.readUInt16BE((row + 1) * BYTES - 2 * (n + 1)));
  }

  /** The order of two ids as texts. */
  compare(a: number, b: number): number {
    if (this.#odd.size === 0) {
      return this.#bytes.compare(this.#bytes, b * BYTES, (b + 1) * BYTES, a * BYTES, (a + 1) * BYTES);
    }
    const [left, right] = [this.get(a), this.get(b)];
    return left === right ? 0 : left < right ? -1 : 1;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(EMPTY);
    for (let row = 0; row < this.#count; row++) if (!this.#odd.has(row)) this.#insert(row);
  }

  #insert(row: number): void {
    const mask = this.#slots.length - 1;
    let slot = hashOf(this.#bytes, row * BYTES) & mask;
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.#slots[slot] = row;
  }
}

/** Mixes all 16 bytes: ids that begin with a time share their first. */
function hashOf(bytes: Buffer, at: number): number {
  let hash = 0;
  for (let word = 0; word < BYTES; word += 4) {
    hash = Math.imul(hash ^ bytes.readInt32LE(at + word), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}
