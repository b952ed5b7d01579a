import { type BlobStore, type FileTree, subtree } from '#platform/blob';
import type { Clock } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { ownPathIn } from '../core/artifact-uri.ts';
import { trackingErrors } from '../errors.ts';
import type { ForeignFiles } from '../ports.ts';
import { createOwnTree, type OwnTree } from './own-tree.ts';

export interface ArtifactSpaceOptions {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly foreignFiles: ForeignFiles;
}

/** All places where files of runs and logged models lie, by URI. */
export interface ArtifactSpace {
  /** The files below a URI. @throws TRACKING_ARTIFACT_ROOT_FOREIGN */
  treeAt(uri: string): FileTree;
  /** The path of a URI in the tree whose rows this server has; undefined when they lie elsewhere. */
  pathInRows(uri: string): string | undefined;
  /** True for what this server's operator gave it to keep files in, so that it may delete there. */
  isOurs(uri: string): boolean;
  /** Whether this server keeps files at `mlflow-artifacts:`. */
  readonly serves: boolean;
  readonly rows: OwnTree;
}

export function createArtifactSpace(options: ArtifactSpaceOptions): ArtifactSpace {
  const { foreignFiles } = options;
  const { destination } = foreignFiles;
  const rows = createOwnTree(options);
  return {
    rows,
    serves: foreignFiles.serves,
    treeAt(uri) {
      const own = ownPathIn(uri);
      if (own !== undefined && foreignFiles.serves) return subtree(destination ?? rows, own);
      const tree = own === undefined ? foreignFiles.open(uri) : undefined;
      if (tree) return tree;
      throw trackingErrors.TRACKING_ARTIFACT_ROOT_FOREIGN({ uri: uri.slice(0, 200) });
    },
    pathInRows: (uri) => (destination ? undefined : ownPathIn(uri)),
    isOurs: (uri) => ownPathIn(uri) !== undefined || foreignFiles.isOurs(uri),
  };
}
