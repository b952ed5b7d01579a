import { mkdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { readColumns } from './columns.ts';
import { tableErrors } from './errors.ts';
import type { Frame } from './frame.ts';
import { describeSource, openSource, type TableDescription } from './inspect.ts';
import { createSession, type Parameter, type Row, type Session } from './session.ts';
import type { TableSource } from './source.ts';
import { loadFrame, type ParquetOptions, type WrittenFile, writeParquet } from './write.ts';

export interface TablesOptions {
  /** What all queries together may hold in memory, MB; beyond it they write to the scratch folder. */
  readonly memoryMb: number;
  /** Where queries put what does not fit in memory; made when missing. */
  readonly scratchFolder: string;
  /** Threads that queries share; default 2. */
  readonly threads?: number;
}

/** A session that can also write what it holds in temporary tables. */
export interface TableSession extends Session {
  writeParquet(sql: string, file: string, options?: ParquetOptions): Promise<WrittenFile>;
}

/**
 * Tables in files, through DuckDB. The library is loaded and the engine started on first use. Calls may overlap; each
 * runs on a connection of its own, off the event loop.
 */
export interface Tables {
  /** Where temporary files may be put; made when first used. */
  readonly scratchFolder: string;
  /** Rows as plain values, see {@link Session.query}. */
  query(sql: string, parameters?: readonly Parameter[]): Promise<readonly Row[]>;
  /** A query's answer as typed arrays. @throws TABLE_COLUMN_UNSUPPORTED */
  columns(sql: string): Promise<Frame>;
  /** Several statements on one connection, which is closed when `work` ends. Temporary tables go with it. */
  session<Result>(work: (session: TableSession) => Promise<Result>): Promise<Result>;
  /**
   * A table expression for a file.
   *
   * @param name what the file is called where it comes from, when the path does not say; its extension counts
   * @throws TABLE_FILE_INVALID when it is no table, by its name or its first bytes
   * @example await tables.query(`select count(*) as n from ${(await tables.from(file)).sql}`)
   */
  from(path: string, name?: string): Promise<TableSource>;
  /** What a file holds; undefined when it does not claim to be a table. @throws TABLE_FILE_INVALID, TABLE_EMPTY */
  describeFile(path: string, name?: string): Promise<TableDescription | undefined>;
  /** Writes a query's answer as Parquet, compressed with zstd; the file appears whole or not at all. */
  writeParquet(sql: string, file: string, options?: ParquetOptions): Promise<WrittenFile>;
  /** Writes a frame as Parquet: numbers as DOUBLE, times as TIMESTAMP, text as VARCHAR. */
  writeFrame(frame: Frame, file: string, options?: ParquetOptions): Promise<WrittenFile>;
  close(): Promise<void>;
}

export function openTables(options: TablesOptions): Tables {
  let opening: Promise<DuckDBInstance> | undefined;

  async function open(): Promise<DuckDBInstance> {
    const { DuckDBInstance: Instance } = await import('@duckdb/node-api');
    mkdirSync(options.scratchFolder, { recursive: true });
    return Instance.create(':memory:', {
      memory_limit: `${options.memoryMb}MB`,
      threads: String(options.threads ?? 2),
      temp_directory: options.scratchFolder,
      // What is needed ships in the package; nothing is ever downloaded.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
  }

  async function connected<Result>(work: (session: Session, connection: DuckDBConnection) => Promise<Result>) {
    opening ??= open();
    const connection = await (await opening).connect();
    try {
      const session = createSession(connection, options.memoryMb);
      await session.run("set TimeZone = 'UTC'");
      return await work(session, connection);
    } finally {
      connection.closeSync();
    }
  }

  return {
    scratchFolder: options.scratchFolder,
    query: (sql, parameters) => connected((session) => session.query(sql, parameters)),
    columns: (sql) => connected((session) => readColumns(session, sql)),
    session: (work) =>
      connected((session) =>
        work({ ...session, writeParquet: (sql, file, parquet) => writeParquet(session, sql, file, parquet) }),
      ),
    from: async (path, name = basename(path)) => {
      const source = await openSource(path, name);
      if (source) return source;
      const problem = 'its name ends in none of .parquet, .csv, .tsv, .jsonl, and it is no JSON list';
      throw tableErrors.TABLE_FILE_INVALID({ file: name, problem });
    },
    describeFile: async (path, name = basename(path)) => {
      const source = await openSource(path, name);
      return source && connected((session) => describeSource(session, source, path, name));
    },
    writeParquet: (sql, file, parquet) => connected((session) => writeParquet(session, sql, file, parquet)),
    writeFrame: (frame, file, parquet) =>
      connected(async (session, connection) => {
        const sql = await loadFrame(connection, session, frame);
        return writeParquet(session, sql, file, parquet);
      }),
    close: async () => {
      const instance = await opening;
      opening = undefined;
      instance?.closeSync();
    },
  };
}
