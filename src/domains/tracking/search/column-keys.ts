import type { Database } from '#platform/sql';
import { countKeys } from '../store/search.ts';
import type { RunSearch } from './run-search.ts';
import { columnName } from './vocabulary.ts';

export interface ColumnKeysRequest {
  readonly experiments?: readonly string[];
  /** Only keys that hold each of its words, in any case. */
  readonly search?: string;
  readonly kind?: ColumnKind;
  readonly offset?: number;
  readonly limit?: number;
}

export type ColumnKind = 'metrics' | 'params' | 'tags';

export interface ColumnKeys {
  readonly total: number;
  readonly keys: readonly {
    readonly kind: ColumnKind;
    readonly key: string;
    /** As a filter spells it. */
    readonly column: string;
    /** Active runs that have it. */
    readonly runs: number;
  }[];
}

type KeyCounts = ReadonlyMap<string, number>;

interface Counted {
  readonly version: string;
  readonly counts: KeyCounts;
  /** Until when it may be told though runs changed, on the clock of `performance.now`. */
  readonly freshUntilMs: number;
}

const KINDS: readonly ColumnKind[] = ['metrics', 'params', 'tags'];
const RUNS_A_READ = 1000;
const DEFAULT_LIMIT = 100;
/** A count that took so long is told again for this many times as long, while runs change. */
const REST = 10;

/** Which keys the runs of an experiment have. Counted once, and anew when runs changed. */
export class KeyCounter {
  readonly #database: Database;
  readonly #search: RunSearch;
  readonly #counted = new Map<string, Counted>();
  readonly #counting = new Map<string, Promise<KeyCounts>>();

  constructor(database: Database, search: RunSearch) {
    this.#database = database;
    this.#search = search;
  }

  async find(request: ColumnKeysRequest): Promise<ColumnKeys> {
    const { offset = 0, limit = DEFAULT_LIMIT } = request;
    const words = (request.search ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    const experiments = await this.#search.experimentsOf(request.experiments);
    const found: ColumnKeys['keys'][number][] = [];
    for (const kind of request.kind ? [request.kind] : KINDS) {
      const counts = new Map<string, number>();
      for (const experiment of experiments.keys()) {
        for (const [key, runs] of await this.#counts(experiment, kind)) counts.set(key, (counts.get(key) ?? 0) + runs);
      }
      for (const [key, runs] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const folded = key.toLowerCase();
        if (words.every((word) => folded.includes(word)))
          found.push({ kind, key, column: columnName(kind, key), runs });
      }
    }
    return { total: found.length, keys: found.slice(offset, offset + limit) };
  }

  async #counts(experiment: number, kind: ColumnKind): Promise<KeyCounts> {
    const name = `${experiment}.${kind}`;
    const version = await this.#versionOf(experiment);
    const known = this.#counted.get(name);
    if (known && (known.version === version || performance.now() < known.freshUntilMs)) return known.counts;
    const counting = this.#counting.get(name) ?? this.#count(name, experiment, kind);
    this.#counting.set(name, counting);
    return counting;
  }

  #versionOf(experiment: number): Promise<string> {
    return this.#search.look(new Map([[experiment, '']]), [], ([table]) => `${table?.born}.${table?.version}`);
  }

  async #count(name: string, experiment: number, kind: ColumnKind): Promise<KeyCounts> {
    try {
      const startedMs = performance.now();
      const { version, ids } = await this.#search.look(new Map([[experiment, '']]), [], ([table]) => {
        const marks = table?.marks('active') ?? new Uint8Array(0);
        const active: string[] = [];
        marks.forEach((mark, row) => {
          if (mark === 1) active.push(table?.ids.get(row) ?? '');
        });
        return { version: `${table?.born}.${table?.version}`, ids: active };
      });
      const counts = new Map<string, number>();
      for (let start = 0; start < ids.length; start += RUNS_A_READ) {
        if (start > 0) await new Promise((resolve) => setImmediate(resolve));
        for (const { key, runs } of await countKeys(this.#database, ids.slice(start, start + RUNS_A_READ), kind)) {
          counts.set(key, (counts.get(key) ?? 0) + runs);
        }
      }
      const endedMs = performance.now();
      this.#counted.set(name, { version, counts, freshUntilMs: endedMs + REST * (endedMs - startedMs) });
      return counts;
    } finally {
      this.#counting.delete(name);
    }
  }
}
