import type { DuckDBConnection, DuckDBResult, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { tableErrors } from './errors.ts';

/** A value as JSON and JavaScript know it, but for NaN and infinities, which stay numbers. */
export type Cell = null | boolean | number | string | readonly Cell[] | { readonly [key: string]: Cell };

export type Row = Readonly<Record<string, Cell>>;

export type Parameter = string | number | boolean | null;

/** One connection: temporary tables live as long as it does. */
export interface Session {
  /** Runs statements without looking at what they answer. */
  run(sql: string, parameters?: readonly Parameter[]): Promise<void>;
  /**
   * Rows as plain values: whole numbers beyond 2^53 as text, times and dates as ISO 8601 text in UTC, bytes as base64,
   * lists and structures likewise inside. Parameters are `$1`, `$2`, …
   */
  query(sql: string, parameters?: readonly Parameter[]): Promise<readonly Row[]>;
  /** Names and SQL types of the columns a query answers with, without running it. */
  describe(sql: string): Promise<readonly { readonly name: string; readonly type: string }[]>;
  /** The answer in pieces of some thousand rows, for reading by column. */
  stream(sql: string): Promise<DuckDBResult>;
}

/** A session on a connection. @param limitMb the memory limit, for the error that names it */
export function createSession(connection: DuckDBConnection, limitMb: number): Session {
  const guarded = <Result>(work: Promise<Result>): Promise<Result> =>
    work.catch((error: unknown) => {
      if (error instanceof Error && /^Out of Memory Error/.test(error.message)) {
        throw tableErrors.TABLE_MEMORY_EXCEEDED({ limitMb }, error);
      }
      throw error;
    });
  const read = (sql: string, parameters?: readonly Parameter[]) =>
    guarded(connection.runAndReadAll(sql, parameters === undefined ? undefined : [...parameters]));
  return {
    run: async (sql, parameters) => {
      await guarded(connection.run(sql, parameters === undefined ? undefined : [...parameters]));
    },
    query: async (sql, parameters) => {
      const reader = await read(sql, parameters);
      const names = reader.columnNames();
      const types = reader.columnTypes();
      return reader
        .getRows()
        .map((row) => Object.fromEntries(row.map((value, i) => [names[i] ?? '', toCell(value, types[i])])));
    },
    describe: async (sql) => {
      const rows = await read(`describe ${sql}`);
      return rows.getRows().map((row) => ({ name: String(row[0]), type: String(row[1]) }));
    },
    stream: (sql) => guarded(connection.stream(sql)),
  };
}

function toCell(value: DuckDBValue, type?: DuckDBType): Cell {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value;
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  if ('micros' in value && typeof value.micros === 'bigint' && !('offset' in value) && !('months' in value)) {
    return isTimeOfDay(type) ? value.toString() : instant(value.micros / 1000n, value);
  }
  if ('days' in value && typeof value.days === 'number' && !('months' in value)) {
    return instant(BigInt(value.days) * 86_400_000n, value, 10);
  }
  if ('millis' in value && typeof value.millis === 'bigint') return instant(value.millis, value);
  if ('seconds' in value && typeof value.seconds === 'bigint') return instant(value.seconds * 1000n, value);
  if ('nanos' in value && typeof value.nanos === 'bigint') {
    return isTimeOfDay(type) ? value.toString() : instant(value.nanos / 1_000_000n, value);
  }
  if ('scale' in value && 'toDouble' in value) return value.toDouble();
  if ('bytes' in value && value.bytes instanceof Uint8Array) return Buffer.from(value.bytes).toString('base64');
  if ('items' in value) return value.items.map((item) => toCell(item));
  if ('entries' in value && !Array.isArray(value.entries)) {
    const fields = value.entries as Readonly<Record<string, DuckDBValue>>;
    return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, toCell(field)]));
  }
  return String(value);
}

function isTimeOfDay(type: DuckDBType | undefined): boolean {
  return type !== undefined && /^TIME($|_NS|TZ| )/.test(type.toString());
}

/** ISO 8601 text of ms since the epoch; what no calendar holds, such as infinity, as DuckDB writes it. */
function instant(ms: bigint, value: { toString(): string }, length?: number): string {
  const number = Number(ms);
  return Math.abs(number) <= 8.64e15 ? new Date(number).toISOString().slice(0, length) : value.toString();
}
