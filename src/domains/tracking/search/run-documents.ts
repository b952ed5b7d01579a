import type { Database } from '#platform/sql';
import type { Run } from '../model.ts';
import { ALL_COLUMNS, readRuns } from '../store/run-store.ts';

/** A way to write a run, e.g. as JSON of a protocol. What it writes must follow from the run alone, its experiment's name aside. */
export interface RunFormat {
  /** Unique: what is written is remembered under it. */
  readonly name: string;
  write(run: Run): string;
}

export interface RunKey {
  readonly id: string;
  readonly revision: number;
}

interface Remembered {
  readonly revision: number;
  readonly text: string;
}

/** Runs read at once: SQLite reads in this thread. */
const RUNS_A_READ = 250;
export const DEFAULT_DOCUMENT_BYTES = 64 * 1024 * 1024;
const ENTRY_BYTES = 200;

/** Runs as texts, remembered by id and revision; what was not asked for longest is forgotten when there is too much. */
export class RunDocuments {
  readonly #database: Database;
  readonly #limitBytes: number;
  readonly #byFormat = new Map<string, Map<string, Remembered>>();
  #sizeBytes = 0;

  constructor(database: Database, limitBytes: number = DEFAULT_DOCUMENT_BYTES) {
    this.#database = database;
    this.#limitBytes = limitBytes;
  }

  /** The texts of runs in their order, without those that are gone by now. */
  async write(keys: readonly RunKey[], format: RunFormat): Promise<string[]> {
    const own = this.#byFormat.get(format.name) ?? new Map<string, Remembered>();
    this.#byFormat.set(format.name, own);
    const texts: (string | undefined)[] = keys.map((key) => recall(own, key));
    const missing = keys.filter((_, i) => texts[i] === undefined);
    if (missing.length > 0) {
      const fresh = await this.#read(missing, own, format);
      keys.forEach(({ id }, i) => {
        texts[i] ??= fresh.get(id);
      });
    }
    return texts.filter((text) => text !== undefined);
  }

  async #read(
    keys: readonly RunKey[],
    own: Map<string, Remembered>,
    format: RunFormat,
  ): Promise<ReadonlyMap<string, string>> {
    const texts = new Map<string, string>();
    const revisions = new Map(keys.map(({ id, revision }) => [id, revision]));
    const ids = [...revisions.keys()];
    for (let start = 0; start < ids.length; start += RUNS_A_READ) {
      if (start > 0) await new Promise((resolve) => setImmediate(resolve));
      // A run may have changed since its revision was told: the text is then newer than the revision it is kept under,
      // and the next search, which sees the later revision, reads it again.
      for (const run of await readRuns(this.#database, ids.slice(start, start + RUNS_A_READ), ALL_COLUMNS)) {
        const text = format.write(run);
        texts.set(run.id, text);
        this.#remember(own, run.id, { revision: revisions.get(run.id) ?? -1, text });
      }
    }
    return texts;
  }

  #remember(own: Map<string, Remembered>, id: string, entry: Remembered): void {
    this.#sizeBytes += entry.text.length + ENTRY_BYTES - this.#forget(own, id);
    own.set(id, entry);
    for (const texts of this.#byFormat.values()) {
      for (const [oldest] of texts) {
        if (this.#sizeBytes <= this.#limitBytes) return;
        this.#sizeBytes -= this.#forget(texts, oldest);
      }
    }
  }

  /** @returns the bytes that are free now */
  #forget(texts: Map<string, Remembered>, id: string): number {
    const known = texts.get(id);
    texts.delete(id);
    return known ? known.text.length + ENTRY_BYTES : 0;
  }
}

function recall(own: Map<string, Remembered>, { id, revision }: RunKey): string | undefined {
  const known = own.get(id);
  if (known?.revision !== revision) return undefined;
  // The order of a map is that of insertion: at its end is what was asked for last.
  own.delete(id);
  own.set(id, known);
  return known.text;
}
