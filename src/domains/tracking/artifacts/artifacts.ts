import type { BlobStore, ByteRange, FileTree, TreeFile } from '#platform/blob';
import type { Clock } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { touchRun } from '../batch-writer.ts';
import { assertPath } from '../core/checks.ts';
import { contentTypeOf } from '../core/content-type.ts';
import { trackingErrors } from '../errors.ts';
import type { Artifact, Run } from '../model.ts';
import type { RunNews } from '../run-news.ts';
import { findRunRow } from '../store/run-store.ts';
import type { ArtifactSpace } from './artifact-space.ts';
import { createUploads } from './uploads.ts';

interface ArtifactsOptions {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly news: RunNews;
  readonly space: ArtifactSpace;
  readonly getRun: (run: string) => Promise<Run>;
}

/** `<experiment>/<run>/artifacts/…`: where clients of MLflow put files of runs. */
const OF_RUN = /^[^/]+\/([^/]+)\/artifacts\//;

/** Files of runs, wherever they are kept. */
export function createArtifacts({ database, blobs, clock, news, space, getRun }: ArtifactsOptions) {
  const filesOf = async (run: string): Promise<FileTree> => space.treeAt((await getRun(run)).artifactUri);
  const touch = (run: string) => database.transaction((tx) => touchRun(tx, run, clock.now()));

  /** Changes files of a run. It is looked at before gigabytes are taken in, and again where it counts. */
  async function change<Result>(run: string, work: (files: FileTree) => Promise<Result>): Promise<Result> {
    await touch(run);
    const result = await work(await filesOf(run));
    await touch(run);
    news.logged(run);
    return result;
  }

  /** Stores a file for a client of MLflow, at a path below `mlflow-artifacts:/`. */
  async function putFile(path: string, data: AsyncIterable<Uint8Array>): Promise<void> {
    await space.treeAt('mlflow-artifacts:/').put(path, data);
    const run = OF_RUN.exec(path)?.[1];
    if (run !== undefined && (await findRunRow(database, run))) news.logged(run);
  }

  return {
    async putArtifact(run: string, path: string, data: Uint8Array | AsyncIterable<Uint8Array>): Promise<Artifact> {
      assertPath(path);
      return change(run, async (files) => artifactOf(await files.put(path, data)));
    },

    /** Deletes a file or a folder; one that is not there is no mistake. */
    async deleteArtifact(run: string, path: string): Promise<void> {
      assertPath(path);
      await change(run, (files) => files.remove(path));
    },

    /** All files of a run by path, or those below a folder. */
    async listArtifacts(run: string, folder?: string): Promise<readonly Artifact[]> {
      if (folder !== undefined) assertPath(folder);
      const files = await filesOf(run);
      const found = await Array.fromAsync(files.walk(folder ?? ''), artifactOf);
      return found.sort((a, b) => (a.path < b.path ? -1 : 1));
    },

    async getArtifact(run: string, path: string) {
      assertPath(path);
      const opened = await (await filesOf(run)).open(path);
      if (!opened) throw trackingErrors.TRACKING_ARTIFACT_NOT_FOUND({ run, path });
      return { artifact: artifactOf(opened.file), read: (range?: ByteRange) => opened.read(range) };
    },

    /** Whether this server keeps files at `mlflow-artifacts:`. */
    servesFiles: space.serves,

    /** The files below a URI, e.g. of a logged model. @throws TRACKING_ARTIFACT_ROOT_FOREIGN */
    filesAt: (uri: string): FileTree => space.treeAt(uri),

    putFile,
    ...createUploads({ blobs, clock, putFile }),
  };
}

export type Artifacts = ReturnType<typeof createArtifacts>;

function artifactOf(file: TreeFile): Artifact {
  const { path, sizeBytes, digest, modifiedAtMs } = file;
  return { path, sizeBytes, digest, contentType: contentTypeOf(path), createdAtMs: modifiedAtMs };
}
