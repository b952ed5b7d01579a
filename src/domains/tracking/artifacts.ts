import { type BlobStore, putContent } from '#platform/blob';
import type { Clock } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { touchRun } from './batch-writer.ts';
import { assertPath } from './core/checks.ts';
import { contentTypeOf } from './core/content-type.ts';
import { trackingErrors } from './errors.ts';
import type { Artifact } from './model.ts';
import type { RunNews } from './run-news.ts';
import { findArtifact, readArtifacts, writeArtifact } from './store/artifact-store.ts';
import { findRunRow } from './store/run-store.ts';

const PREFIX = 'artifacts';

interface ArtifactsOptions {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly news: RunNews;
}

/** Files of runs: their bytes by digest in the object storage, their paths in the database. */
export function createArtifacts({ database, blobs, clock, news }: ArtifactsOptions) {
  async function assertRun(run: string): Promise<void> {
    if (!(await findRunRow(database, run))) throw trackingErrors.TRACKING_RUN_NOT_FOUND({ run });
  }

  return {
    async put(run: string, path: string, data: Uint8Array | AsyncIterable<Uint8Array>): Promise<Artifact> {
      assertPath(path);
      // Refused before gigabytes are taken in; checked again where it counts.
      await database.transaction((tx) => touchRun(tx, run, clock.now()));
      const { digest, sizeBytes } = await putContent(blobs, PREFIX, data);
      const createdAtMs = clock.now();
      const artifact = { path, digest, sizeBytes, contentType: contentTypeOf(path), createdAtMs };
      await database.transaction(async (tx) => {
        await touchRun(tx, run, createdAtMs);
        await writeArtifact(tx, run, artifact);
      });
      news.logged(run);
      return artifact;
    },

    async list(run: string, folder?: string): Promise<readonly Artifact[]> {
      if (folder !== undefined) assertPath(folder);
      await assertRun(run);
      return readArtifacts(database, run, folder);
    },

    async get(run: string, path: string) {
      assertPath(path);
      await assertRun(run);
      const artifact = await findArtifact(database, run, path);
      if (!artifact) throw trackingErrors.TRACKING_ARTIFACT_NOT_FOUND({ run, path });
      return { artifact, read: () => blobs.read(`${PREFIX}/${artifact.digest}`) };
    },
  };
}
