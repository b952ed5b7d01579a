import { buffer } from 'node:stream/consumers';
import type { BlobStore } from '#platform/blob';
import type { createArtifacts } from './artifacts.ts';
import { createRunDiffs, type RunDiffs } from './diff/run-diff.ts';
import { createExperimentDatasets, type ExperimentDatasets } from './experiment-datasets.ts';
import type { createExperiments } from './experiments.ts';
import { createFolders, type Folders } from './folders/folders.ts';
import { createImporting, type Importing } from './importing/importing.ts';
import { createLoggedModels, type LoggedModels, type LoggedModelsOptions } from './logged-models/logged-models.ts';
import { createRunMarks, type RunMarks } from './marks/marks.ts';
import type { Run } from './model.ts';
import { createMoves, type Moves } from './moves/moves.ts';
import type { Dependents, PointerLog } from './ports.ts';
import type { RunLinks } from './run-links.ts';
import type { RunNews } from './run-news.ts';
import { createRunFiles } from './store/run-files.ts';
import { createErasure, type Erasure } from './trash/erasure.ts';
import { createTrash, type Trash } from './trash/trash.ts';
import { createViews, type Views } from './views/views.ts';

export interface OrganizingOptions extends LoggedModelsOptions {
  readonly blobs: BlobStore;
  readonly pointerLog: PointerLog;
  readonly dependents: Dependents;
  readonly news: RunNews;
  readonly links: RunLinks;
  readonly experiments: ReturnType<typeof createExperiments>;
  readonly artifacts: Pick<ReturnType<typeof createArtifacts>, 'list' | 'get'>;
  readonly getRun: (run: string) => Promise<Run>;
}

export interface Organizing
  extends LoggedModels,
    ExperimentDatasets,
    Views,
    Folders,
    RunMarks,
    Moves,
    Trash,
    Erasure,
    Importing,
    RunDiffs {}

/** What is kept around experiments and runs, and what people do to keep them in order. */
export function createOrganizing(options: OrganizingOptions): Organizing {
  const withFiles = { ...options, files: createRunFiles(options.database, options.blobs) };
  return {
    ...createLoggedModels(options),
    ...createImporting(options),
    ...createExperimentDatasets(options.database),
    ...createViews(options),
    ...createFolders(options),
    ...createRunMarks(options),
    ...createMoves(withFiles),
    ...createTrash(options),
    ...createErasure(withFiles),
    ...createRunDiffs({
      getRun: options.getRun,
      listFiles: (run) => options.artifacts.list(run),
      readFile: async (run, path) => buffer(await (await options.artifacts.get(run, path)).read()),
    }),
  };
}
