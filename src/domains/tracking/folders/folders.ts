import type { Events } from '#platform/events';
import { ref } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { trackingErrors } from '../errors.ts';
import {
  deleteExperimentTag,
  findExperimentHead,
  readExperimentHeads,
  writeExperimentTags,
} from '../store/experiment-store.ts';
import { folderErrors } from './errors.ts';
import { assertFolder, type Folder, folderIn, foldersOf, movedFolder } from './folder-tree.ts';

/** Where an experiment lies; a tag, so that MLflow's clients see and set it too. */
const FOLDER_TAG = 'trimtab.folder';

interface FoldersOptions {
  readonly database: Database;
  readonly events: Events;
  readonly artifactRoot: string;
}

export type Folders = ReturnType<typeof createFolders>;

/** Folders of experiments. A folder is there while an experiment lies in it. */
export function createFolders({ database, events, artifactRoot }: FoldersOptions) {
  return {
    /** Folders of active experiments, parents before what is in them. */
    async listFolders(): Promise<readonly Folder[]> {
      const heads = await readExperimentHeads(database, artifactRoot);
      const placed = heads.flatMap(({ id, name, lifecycle, tags }) => {
        const folder = folderIn(tags.get(FOLDER_TAG));
        return folder === undefined || lifecycle === 'deleted' ? [] : [{ id, name, folder }];
      });
      return foldersOf(placed);
    },

    /** Puts an experiment into a folder, or out of any. */
    async setFolder(name: string, folder: string | null): Promise<void> {
      if (folder !== null) assertFolder(folder);
      await database.transaction(async (tx) => {
        const experiment = await findExperimentHead(tx, { name }, artifactRoot, true);
        if (!experiment) throw trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment: name });
        const { id, lifecycle } = experiment;
        if (lifecycle === 'deleted') throw trackingErrors.TRACKING_EXPERIMENT_DELETED({ experiment: name, id });
        if (folder === null) await deleteExperimentTag(tx, Number(id), FOLDER_TAG);
        else await writeExperimentTags(tx, Number(id), new Map([[FOLDER_TAG, folder]]));
        const subject = ref('experiment', id);
        await events.publish(tx, { topic: 'tracking.experiment.changed', subject, payload: { name } });
      });
    },

    /** Renames or moves a folder with everything in it, deleted experiments too. @returns how many it took along */
    async moveFolder(from: string, to: string): Promise<number> {
      assertFolder(from);
      assertFolder(to);
      if (to.startsWith(`${from}/`)) {
        throw folderErrors.TRACKING_FOLDER_INVALID({ folder: to, problem: `it lies inside "${from}", which is moved` });
      }
      return database.transaction(async (tx) => {
        let moved = 0;
        for (const { id, name, tags } of await readExperimentHeads(tx, artifactRoot)) {
          const folder = movedFolder(tags.get(FOLDER_TAG) ?? '', from, to);
          if (folder === undefined) continue;
          assertFolder(folder);
          await writeExperimentTags(tx, Number(id), new Map([[FOLDER_TAG, folder]]));
          const subject = ref('experiment', id);
          await events.publish(tx, { topic: 'tracking.experiment.changed', subject, payload: { name } });
          moved += 1;
        }
        if (moved === 0) throw folderErrors.TRACKING_FOLDER_NOT_FOUND({ folder: from });
        return moved;
      });
    },
  };
}
