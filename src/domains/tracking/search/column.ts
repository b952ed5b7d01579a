import type { FieldValue } from '#platform/search';

/** What the runs of an experiment hold in one field, by row. */
export interface Column {
  /** The value, several of a field that may have several, undefined where there is none. */
  get(row: number): FieldValue | readonly FieldValue[] | undefined;
  readonly sizeBytes: number;
}

/** A column that is read from the database and kept up to date. */
export interface StoredColumn extends Column {
  /** Takes what a run has away. */
  clear(row: number): void;
  /** Sets the value; of a field that may have several it adds one. */
  put(row: number, value: FieldValue): void;
}

/** A column takes an array once one run of so many has a value; below, a map. */
const DENSE_FROM = 1 / 16;
const MIN_ROWS = 64;
const MAP_ENTRY_BYTES = 48;

const MISSING = 0;
const NUMBER = 1;
const NAN = 2;

/** Numbers, NaN among them. */
export class NumberColumn implements StoredColumn {
  /** Few values, until they become many. */
  #sparse: Map<number, number> | undefined = new Map();
  #values = new Float64Array(0);
  #states = new Uint8Array(0);
  #rows = 0;

  get sizeBytes(): number {
    return this.#sparse ? this.#sparse.size * MAP_ENTRY_BYTES : this.#values.byteLength + this.#states.byteLength;
  }

  get(row: number): number | undefined {
    if (this.#sparse) return this.#sparse.get(row);
    const state = this.#states[row];
    if (state === NUMBER) return this.#values[row];
    return state === NAN ? Number.NaN : undefined;
  }

  clear(row: number): void {
    if (this.#sparse) this.#sparse.delete(row);
    else if (row < this.#states.length) this.#states[row] = MISSING;
  }

  put(row: number, value: FieldValue): void {
    const number = Number(value);
    this.#rows = Math.max(this.#rows, row + 1);
    if (this.#sparse) {
      this.#sparse.set(row, number);
      if (this.#sparse.size >= MIN_ROWS && this.#sparse.size > this.#rows * DENSE_FROM) this.#makeDense();
      return;
    }
    if (row >= this.#values.length) this.#grow(row + 1);
    this.#values[row] = number;
    this.#states[row] = Number.isNaN(number) ? NAN : NUMBER;
  }

  /** Marks rows below `marks.length` whose number passes, which NaN does not; leaves the others. */
  mark(marks: Uint8Array, test: (value: number) => boolean): void {
    if (this.#sparse) {
      for (const [row, value] of this.#sparse) if (!Number.isNaN(value) && test(value)) marks[row] = 1;
      return;
    }
    const end = Math.min(marks.length, this.#values.length);
    for (let row = 0; row < end; row++) {
      if (this.#states[row] === NUMBER && test(this.#values[row] as number)) marks[row] = 1;
    }
  }

  #makeDense(): void {
    const sparse = this.#sparse ?? new Map<number, number>();
    this.#sparse = undefined;
    this.#grow(this.#rows);
    for (const [row, value] of sparse) this.put(row, value);
  }

  #grow(rows: number): void {
    const size = Math.max(MIN_ROWS, rows, Math.ceil(this.#values.length * 1.5));
    const values = new Float64Array(size);
    values.set(this.#values);
    const states = new Uint8Array(size);
    states.set(this.#states);
    this.#values = values;
    this.#states = states;
  }
}

const NO_CODE = -1;
const TEXT_BYTES = 90;

/** Texts, each kept once. */
export class TextColumn implements StoredColumn {
  #sparse: Map<number, number> | undefined = new Map();
  #codes = new Int32Array(0);
  #rows = 0;
  #textBytes = 0;
  readonly #texts: string[] = [];
  readonly #codeOf = new Map<string, number>();

  /** Every text that some run had, by code. */
  get texts(): readonly string[] {
    return this.#texts;
  }

  get sizeBytes(): number {
    const codes = this.#sparse ? this.#sparse.size * MAP_ENTRY_BYTES : this.#codes.byteLength;
    return codes + this.#textBytes;
  }

  get(row: number): string | undefined {
    const code = this.codeAt(row);
    return code === NO_CODE ? undefined : this.#texts[code];
  }

  /** -1 where there is none. */
  codeAt(row: number): number {
    if (this.#sparse) return this.#sparse.get(row) ?? NO_CODE;
    return row < this.#codes.length ? (this.#codes[row] as number) : NO_CODE;
  }

  clear(row: number): void {
    if (this.#sparse) this.#sparse.delete(row);
    else if (row < this.#codes.length) this.#codes[row] = NO_CODE;
  }

  put(row: number, value: FieldValue): void {
    const text = String(value);
    let code = this.#codeOf.get(text);
    if (code === undefined) {
      code = this.#texts.push(text) - 1;
      this.#codeOf.set(text, code);
      this.#textBytes += TEXT_BYTES + text.length;
    }
    this.#rows = Math.max(this.#rows, row + 1);
    if (this.#sparse) {
      this.#sparse.set(row, code);
      if (this.#sparse.size >= MIN_ROWS && this.#sparse.size > this.#rows * DENSE_FROM) this.#makeDense();
      return;
    }
    if (row >= this.#codes.length) this.#grow(row + 1);
    this.#codes[row] = code;
  }

  /** Marks rows whose text passes. Each text is tested once. */
  mark(marks: Uint8Array, test: (text: string) => boolean): void {
    if (this.#sparse && this.#sparse.size < this.#texts.length) {
      for (const [row, code] of this.#sparse) if (test(this.#texts[code] as string)) marks[row] = 1;
      return;
    }
    const passing = Uint8Array.from(this.#texts, (text) => (test(text) ? 1 : 0));
    if (this.#sparse) {
      for (const [row, code] of this.#sparse) if (passing[code] === 1) marks[row] = 1;
      return;
    }
    const end = Math.min(marks.length, this.#codes.length);
    for (let row = 0; row < end; row++) {
      const code = this.#codes[row] as number;
      if (code !== NO_CODE && passing[code] === 1) marks[row] = 1;
    }
  }

  #makeDense(): void {
    const sparse = this.#sparse ?? new Map<number, number>();
    this.#sparse = undefined;
    this.#grow(this.#rows);
    for (const [row, code] of sparse) this.#codes[row] = code;
  }

  #grow(rows: number): void {
    const codes = new Int32Array(Math.max(MIN_ROWS, rows, Math.ceil(this.#codes.length * 1.5))).fill(NO_CODE);
    codes.set(this.#codes);
    this.#codes = codes;
  }
}

/** Texts of a field of which a run may have several, such as the names of its data sets. */
export class TextsColumn implements StoredColumn {
  readonly #texts = new Map<number, string[]>();
  #size = 0;

  get sizeBytes(): number {
    return this.#size * TEXT_BYTES;
  }

  get(row: number): readonly string[] | undefined {
    return this.#texts.get(row);
  }

  clear(row: number): void {
    this.#size -= this.#texts.get(row)?.length ?? 0;
    this.#texts.delete(row);
  }

  put(row: number, value: FieldValue): void {
    const own = this.#texts.get(row);
    if (own) own.push(String(value));
    else this.#texts.set(row, [String(value)]);
    this.#size += 1;
  }
}
