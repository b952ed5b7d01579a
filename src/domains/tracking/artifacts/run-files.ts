import type { Removed } from '#platform/blob';
import { isTrimtabError } from '#platform/kernel';
import type { Sql } from '#platform/sql';
import type { ArtifactSpace } from './artifact-space.ts';
import { copyFiles } from './file-store.ts';

const NOTHING: Removed = { files: 0, bytes: 0 };

/** Files of runs and logged models as a whole, by the URI of the folder they lie in. */
export interface RunFiles {
  /** Makes files of one folder those of another as well, where no bytes need to be stored again for it. */
  copy(tx: Sql, from: string, to: string): Promise<void>;
  /** Copies files that {@link copy} cannot; done before the transaction that makes them the copy's. */
  carry(from: string, to: string): Promise<void>;
  count(root: string): Promise<Removed>;
  /** Deletes the files of an owner for good, where they lie in a folder of his own that this server keeps. */
  remove(owner: string, root: string): Promise<Removed>;
}

export function createRunFiles(space: ArtifactSpace): RunFiles {
  return {
    async copy(tx, from, to) {
      const [source, target] = [space.pathInRows(from), space.pathInRows(to)];
      if (source !== undefined && target !== undefined) await copyFiles(tx, source, target);
    },

    async carry(from, to) {
      if (space.pathInRows(from) !== undefined && space.pathInRows(to) !== undefined) return;
      const [source, target] = [space.treeAt(from), space.treeAt(to)];
      for await (const { path } of source.walk('')) {
        const opened = await source.open(path);
        if (opened) await target.put(path, await opened.read());
      }
    },

    async count(root) {
      if (!space.isOurs(root)) return NOTHING;
      const path = space.pathInRows(root);
      if (path !== undefined) return space.rows.count(path);
      let sum = NOTHING;
      for await (const { sizeBytes } of space.treeAt(root).walk('')) {
        sum = { files: sum.files + 1, bytes: sum.bytes + sizeBytes };
      }
      return sum;
    },

    async remove(owner, root) {
      const id = owner.slice(owner.indexOf(':') + 1);
      if (!space.isOurs(root) || !root.split('/').includes(id)) return NOTHING;
      try {
        return await space.treeAt(root).remove('');
      } catch (error) {
        // A server that no longer serves such files leaves them to the one that does.
        if (isTrimtabError(error, 'TRACKING_ARTIFACT_ROOT_FOREIGN')) return NOTHING;
        throw error;
      }
    },
  };
}
