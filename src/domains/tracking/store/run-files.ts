import { sql as raw } from 'kysely';
import type { BlobStore } from '#platform/blob';
import type { Database, Sql } from '#platform/sql';
import type { TrackingTables } from './schema.ts';

interface FilesGone {
  readonly files: number;
  readonly bytes: number;
}

/** Files of runs and logged models as a whole. */
export interface RunFiles {
  /** Makes the files of one run those of another as well; no bytes are stored again. */
  copy(tx: Sql, from: string, to: string): Promise<void>;
  /** What the owner has, a run or a logged model by its reference. */
  count(owner: string): Promise<FilesGone>;
  /** Deletes the files of an owner for good; content that others use as well stays. */
  remove(owner: string, root: string): Promise<FilesGone>;
}

const PREFIX = 'artifacts';

export function createRunFiles(database: Database, blobs: BlobStore): RunFiles {
  const read = (sql: Sql, run: string) =>
    sql
      .tables<TrackingTables>()
      .selectFrom('tracking_artifact')
      .select(['digest', 'size_bytes'])
      .where('run', '=', run)
      .execute();

  return {
    async copy(tx, from, to) {
      await raw`insert into tracking_artifact (run, path, digest, size_bytes, content_type, created_at)
        select ${to}, path, digest, size_bytes, content_type, created_at from tracking_artifact where run = ${from}
        `.execute(tx.tables());
    },

    count: async (owner) => sumOf(await read(database, runIn(owner))),

    async remove(owner) {
      const run = runIn(owner);
      const rows = await read(database, run);
      const free = await database.transaction(async (tx) => {
        const tables = tx.tables<TrackingTables>();
        await tables.deleteFrom('tracking_artifact').where('run', '=', run).execute();
        const free: string[] = [];
        for (const digest of new Set(rows.map((row) => row.digest))) {
          const other = tables.selectFrom('tracking_artifact').select('run').where('digest', '=', digest).limit(1);
          if (!(await other.executeTakeFirst())) free.push(digest);
        }
        return free;
      });
      for (const digest of free) await blobs.delete(`${PREFIX}/${digest}`);
      return sumOf(rows);
    },
  };
}

function sumOf(rows: readonly { readonly size_bytes: number }[]): FilesGone {
  return { files: rows.length, bytes: rows.reduce((sum, { size_bytes }) => sum + size_bytes, 0) };
}

function runIn(owner: string): string {
  return owner.slice(owner.indexOf(':') + 1);
}
