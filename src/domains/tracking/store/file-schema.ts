import { sql as raw } from 'kysely';
import type { Migration, Sql } from '#platform/sql';

export interface FileTables {
  /**
   * Every file that the server keeps itself, by its path below `mlflow-artifacts:/`. Paths are compared by their bytes
   * on both databases, so what lies in a folder is one stretch of the index.
   */
  tracking_file: { path: string; digest: string; size_bytes: number; stored_at: number };
}

export const fileMigrations: readonly Migration[] = [
  {
    id: 'tracking-005-files',
    up: async (sql) => {
      const { schema } = sql.tables<FileTables>();
      const sqlite = sql.dialect === 'sqlite';
      await schema
        .createTable('tracking_file')
        .addColumn('path', sqlite ? 'text' : raw`text collate "C"`, (c) => c.primaryKey().notNull())
        .addColumn('digest', 'text', (c) => c.notNull())
        .addColumn('size_bytes', 'bigint', (c) => c.notNull())
        .addColumn('stored_at', 'bigint', (c) => c.notNull())
        .modifyEnd(sqlite ? raw`without rowid` : raw``)
        .execute();
      await schema.createIndex('tracking_file_by_digest').on('tracking_file').column('digest').execute();
      await takeOverArtifacts(sql);
      await schema.dropTable('tracking_artifact').execute();
    },
  },
];

/**
 * Files lay by run. Where a run names no place for its files, or another than this server while the server has some,
 * this server is the place from now on. Files of runs deleted for good that are still there stay so, under `deleted/`.
 */
async function takeOverArtifacts(sql: Sql): Promise<void> {
  const run = (statement: ReturnType<typeof raw>) => statement.execute(sql.tables());
  await run(raw`update tracking_run set artifact_uri = coalesce(
      (select e.artifact_location from tracking_experiment e where e.id = tracking_run.experiment),
      'mlflow-artifacts:/' || experiment) || '/' || id || '/artifacts'
    where artifact_uri is null`);
  await run(raw`update tracking_run set artifact_uri = 'mlflow-artifacts:/' || experiment || '/' || id || '/artifacts'
    where id in (select run from tracking_artifact)
      and (artifact_uri not like 'mlflow-artifacts:/%' or artifact_uri like 'mlflow-artifacts://%')`);
  await run(raw`update tracking_erased_files set root = 'mlflow-artifacts:/deleted/' || substr(owner, 5) || '/artifacts'
    where owner like 'run:%'`);
  await run(raw`insert into tracking_file (path, digest, size_bytes, stored_at)
    select coalesce(substr(r.artifact_uri, length('mlflow-artifacts:/') + 1), 'deleted/' || a.run || '/artifacts')
        || '/' || a.path, a.digest, a.size_bytes, a.created_at
    from tracking_artifact a left join tracking_run r on r.id = a.run`);
}
