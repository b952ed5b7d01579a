import { buffer } from 'node:stream/consumers';
import type { ArtifactSpace } from './artifacts/artifact-space.ts';
import type { Artifacts } from './artifacts/artifacts.ts';
import { createRunFiles } from './artifacts/run-files.ts';
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
import { createErasure, type Erasure } from './trash/erasure.ts';
import { createTrash, type Trash } from './trash/trash.ts';
import { createViews, type Views } from './views/views.ts';

export interface OrganizingOptions extends LoggedModelsOptions {
  readonly space: ArtifactSpace;
  readonly pointerLog: PointerLog;
  readonly dependents: Dependents;
  readonly news: RunNews;
  readonly links: RunLinks;
  readonly experiments: ReturnType<typeof createExperiments>;
  readonly artifacts: Pick<Artifacts, 'listArtifacts' | 'getArtifact'>;
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
  const withFiles = { ...options, files: createRunFiles(options.space) };
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
      listFiles: (run) => options.artifacts.listArtifacts(run),
      readFile: async (run, path) => buffer(await (await options.artifacts.getArtifact(run, path)).read()),
    }),
  };
}
