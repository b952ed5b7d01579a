import { createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { OpenFile } from '#platform/blob';
import { type Clock, isTrimtabError, newId, type Rng } from '#platform/kernel';
import type { Tables } from '#platform/table';
import { cellOf, type TablePreview } from '../core/json-look.ts';

interface TablePreviewOptions {
  readonly tables: Pick<Tables, 'scratchFolder' | 'from' | 'session'>;
  readonly clock: Clock;
  readonly rng: Rng;
}

/** Of text this much is read; Parquet says at its end what it holds, so it is fetched whole. */
const HEAD_BYTES = 4 * 1024 * 1024;
const MAX_PARQUET_BYTES = 256 * 1024 * 1024;

/** The first rows of a table in a file; undefined for what is none, or too large to look into. */
export function createTablePreview({ tables, clock, rng }: TablePreviewOptions) {
  return async (opened: OpenFile, maxRows: number): Promise<TablePreview | undefined> => {
    const { path, sizeBytes } = opened.file;
    const whole = /\.(parquet|pq)$/i.test(path);
    if (whole && sizeBytes > MAX_PARQUET_BYTES) return undefined;
    const ending = /\.[A-Za-z0-9]+$/.exec(path)?.[0] ?? '';
    const local = join(tables.scratchFolder, `preview-${newId(clock, rng)}${ending}`);
    await mkdir(tables.scratchFolder, { recursive: true });
    try {
      const complete = whole || sizeBytes <= HEAD_BYTES;
      if (complete) await pipeline(await opened.read(), createWriteStream(local));
      else await writeFile(local, await headOf(opened));
      return await readRows(local, maxRows, complete);
    } catch (error) {
      // A file that its name calls a table need not be one.
      if (isTrimtabError(error, 'TABLE_FILE_INVALID') || isQueryError(error)) return undefined;
      throw error;
    } finally {
      await rm(local, { force: true });
    }
  };

  async function readRows(file: string, maxRows: number, complete: boolean): Promise<TablePreview> {
    const { sql } = await tables.from(file);
    return tables.session(async (session) => {
      const columns = await session.describe(`select * from ${sql}`);
      const rows = await session.query(`select * from ${sql} limit ${maxRows}`);
      const [count] = complete ? await session.query(`select count(*) as n from ${sql}`) : [];
      return {
        columns: columns.map(({ name, type }) => ({ name, type: typeOf(type) })),
        rows: rows.map((row) => columns.map(({ name }) => cellOf(row[name]))),
        totalRows: count === undefined ? null : Number(count.n),
      };
    });
  }
}

/** The start of a file up to the last whole line. */
async function headOf(opened: OpenFile): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of await opened.read({ start: 0, end: HEAD_BYTES })) parts.push(part as Uint8Array);
  const head = Buffer.concat(parts);
  return head.subarray(0, head.lastIndexOf('\n') + 1);
}

function typeOf(type: string): TablePreview['columns'][number]['type'] {
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|REAL|DECIMAL)/.test(type) && !type.endsWith(']'))
    return 'number';
  if (type === 'VARCHAR') return 'text';
  return type === 'BOOLEAN' ? 'flag' : 'other';
}

/** DuckDB tells of a file that it cannot read in its own words. */
function isQueryError(error: unknown): boolean {
  return error instanceof Error && /^(Invalid Input|Conversion|Binder|Parser|Invalid|IO) Error/.test(error.message);
}
