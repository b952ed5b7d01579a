import type { Sql } from '#platform/sql';
import type { Artifact } from '../model.ts';
import type { TrackingTables } from './schema.ts';

export async function writeArtifact(tx: Sql, run: string, artifact: Artifact): Promise<void> {
  const row = {
    digest: artifact.digest,
    size_bytes: artifact.sizeBytes,
    content_type: artifact.contentType,
    created_at: artifact.createdAtMs,
  };
  await tx
    .tables<TrackingTables>()
    .insertInto('tracking_artifact')
    .values({ run, path: artifact.path, ...row })
    .onConflict((conflict) => conflict.columns(['run', 'path']).doUpdateSet(row))
    .execute();
}

export async function findArtifact(sql: Sql, run: string, path: string): Promise<Artifact | undefined> {
  const row = await sql
    .tables<TrackingTables>()
    .selectFrom('tracking_artifact')
    .selectAll()
    .where('run', '=', run)
    .where('path', '=', path)
    .executeTakeFirst();
  return row && toArtifact(row);
}

/** Artifacts of a run by path; only those inside the folder if given. */
export async function readArtifacts(sql: Sql, run: string, folder?: string): Promise<readonly Artifact[]> {
  let query = sql.tables<TrackingTables>().selectFrom('tracking_artifact').selectAll().where('run', '=', run);
  if (folder !== undefined) {
    // Every path inside sorts between the folder with a slash and the folder with the sign after the slash; the
    // comparison below is exact where a database's collation is not.
    query = query.where((e) => e(e.fn('substr', ['path', e.val(1), e.val(folder.length + 1)]), '=', `${folder}/`));
  }
  const artifacts = (await query.execute()).map(toArtifact);
  return artifacts.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function toArtifact(row: TrackingTables['tracking_artifact']): Artifact {
  return {
    path: row.path,
    sizeBytes: row.size_bytes,
    digest: row.digest,
    contentType: row.content_type,
    createdAtMs: row.created_at,
  };
}
