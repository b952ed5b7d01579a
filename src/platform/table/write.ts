import { rename, rm, stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Frame, FrameColumn } from './frame.ts';
import type { Session } from './session.ts';
import { quoteName, quoteText } from './source.ts';

export interface ParquetOptions {
  /** Rows a row group, a multiple of 2048; default 122,880. Smaller ones let versions share more, and read slower. */
  readonly rowGroupRows?: number;
}

export interface WrittenFile {
  readonly rowCount: number;
  readonly sizeBytes: number;
}

/** Writes a query's answer as Parquet; the file appears whole or not at all. */
export async function writeParquet(
  session: Session,
  sql: string,
  file: string,
  options: ParquetOptions = {},
): Promise<WrittenFile> {
  const unfinished = `${file}.unfinished`;
  try {
    const size = options.rowGroupRows === undefined ? '' : `, row_group_size ${options.rowGroupRows}`;
    const [copied] = await session.query(
      `copy (${sql}) to ${quoteText(unfinished)} (format parquet, compression zstd${size})`,
    );
    await rename(unfinished, file);
    return { rowCount: Number(copied?.Count ?? 0), sizeBytes: (await stat(file)).size };
  } finally {
    await rm(unfinished, { force: true });
  }
}

const CHUNK_ROWS = 2048;

/** Makes a temporary table of a frame, in its order, and returns a query for it. */
export async function loadFrame(connection: DuckDBConnection, session: Session, frame: Frame): Promise<string> {
  const { DOUBLE, DuckDBDataChunk, INTEGER, LIST, VARCHAR, listValue } = await import('@duckdb/node-api');
  const columns = Object.entries(frame.columns);
  const held = columns.map(([, column], i) => `c${i} ${column.type === 'string' ? 'integer' : 'double'}`);
  await session.run(`create or replace temp table frame_in (${held.join(', ')})`);
  const appender = await connection.createAppender('frame_in', 'main', 'temp');
  const types = columns.map(([, column]) => (column.type === 'string' ? INTEGER : DOUBLE));
  for (let start = 0; start < frame.rowCount; start += CHUNK_ROWS) {
    const end = Math.min(start + CHUNK_ROWS, frame.rowCount);
    const chunk = DuckDBDataChunk.create(types, end - start);
    for (const [i, [, column]] of columns.entries()) chunk.setColumnValues(i, slice(column, start, end));
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
  const selected: string[] = [];
  for (const [i, [name, column]] of columns.entries()) {
    if (column.type !== 'string') {
      const value = column.type === 'timestamp' ? `make_timestamp(cast(round(c${i} * 1000) as bigint))` : `c${i}`;
      selected.push(`${value} as ${quoteName(name)}`);
      continue;
    }
    // A variable holds the categories, so that a row's text is looked up by position and the order of rows is kept.
    await connection.run(`set variable frame_text_${i} = $1`, [listValue([...column.categories])], [LIST(VARCHAR)]);
    selected.push(`getvariable('frame_text_${i}')[c${i} + 1] as ${quoteName(name)}`);
  }
  return `select ${selected.join(', ')} from frame_in`;
}

function slice(column: FrameColumn, start: number, end: number): (number | null)[] {
  if (column.type === 'string') return Array.from(column.codes.subarray(start, end), (c) => (c < 0 ? null : c));
  return Array.from(column.values.subarray(start, end), (v) => (Number.isNaN(v) ? null : v));
}
