import { type Static, type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';
import { ExperimentName, RunId } from './tracking-schemas.ts';

const Closed = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });
const OrNull = <Schema extends TSchema>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const Runs = Type.Array(RunId, { minItems: 1, maxItems: 1000, description: 'The runs, at most 1000.' });

/** Marks are tags (trimtab.pinned, trimtab.archived, trimtab.group), so MLflow's clients see and set them too. */
export const RunMarks = Closed({
  runs: Runs,
  pinned: Type.Optional(Type.Boolean({ description: 'Keep on top of tables, or no more. Tag trimtab.pinned.' })),
  archived: Type.Optional(Type.Boolean({ description: 'Hide from tables, or no more. Tag trimtab.archived.' })),
  group: Type.Optional(
    OrNull(
      Type.String({ minLength: 1, maxLength: 250 }),
      'Name of the group they belong to, null for none. Tag trimtab.group.',
    ),
  ),
  tags: Type.Optional(
    Type.Record(Type.String(), OrNull(Type.String(), 'At most 8000 characters; null takes the tag away.'), {
      maxProperties: 100,
      description: 'Any other tags by key. mlflow.runName renames.',
    }),
  ),
});
export type RunMarks = Static<typeof RunMarks>;

export const Note = Closed({
  text: Type.String({ maxLength: 8000, description: 'Markdown; empty takes the note away. Tag mlflow.note.content.' }),
});

export const RunMove = Closed({
  runs: Runs,
  to: ExperimentName,
  withChildren: Type.Optional(
    Type.Boolean({ default: true, description: 'Runs that are part of them come along, however deep.' }),
  ),
});
export type RunMove = Static<typeof RunMove>;

export const RunCopy = Closed({
  runs: Runs,
  to: ExperimentName,
  key: Type.String({
    minLength: 8,
    maxLength: 100,
    description:
      'Chosen by the caller: the same key with the same run is the same copy, so a repeated request is harmless.',
  }),
  withChildren: Type.Optional(
    Type.Boolean({ default: true, description: 'Runs that are part of them are copied as well, however deep.' }),
  ),
});
export type RunCopy = Static<typeof RunCopy>;

export const FolderPath = Type.String({
  minLength: 1,
  maxLength: 500,
  description: 'Folder of experiments: names joined by slashes, e.g. team/project.',
});

export const ExperimentFolder = Type.Object({
  path: FolderPath,
  experiments: Type.Array(
    Type.Object({
      id: Type.String({ description: 'Number of the experiment, as text.' }),
      name: ExperimentName,
    }),
    { description: 'Experiments that lie in it directly, by name.' },
  ),
  total: Type.Integer({ description: 'How many experiments lie in it, also deeper.' }),
});
export type ExperimentFolder = Static<typeof ExperimentFolder>;

const OneRun = Type.Object({ run: RunId });
const OneExperiment = Type.Object({ experiment: ExperimentName });

/** What people do with runs and experiments to keep them in order. */
export const runOrganizingOperations = {
  markRuns: operation({
    id: 'tracking.markRuns',
    method: 'POST',
    path: '/api/runs/marks',
    summary: 'Pins, archives, groups or tags runs, all or none; what is left out of the request stays.',
    body: RunMarks,
    response: Type.Object({ changed: Type.Integer({ description: 'How many runs were changed.' }) }),
    errors: ['TRACKING_RUN_NOT_FOUND', 'TRACKING_RUN_DELETED', 'TRACKING_KEY_INVALID', 'TRACKING_VALUE_INVALID'],
  }),
  setRunNote: operation({
    id: 'tracking.setRunNote',
    method: 'PUT',
    path: '/api/runs/:run/note',
    summary: 'Writes the note of a run. The note of an experiment is its description.',
    params: OneRun,
    body: Note,
    response: 'none',
    errors: ['TRACKING_RUN_NOT_FOUND', 'TRACKING_RUN_DELETED'],
  }),
  moveRuns: operation({
    id: 'tracking.moveRuns',
    method: 'POST',
    path: '/api/runs/move',
    summary: 'Moves runs to another experiment with all that belongs to them; their ids stay. All or none.',
    description: 'Files stay where they are and are found as before. Runs that are there already are left alone.',
    body: RunMove,
    response: Type.Object({ moved: Type.Array(RunId, { description: 'Runs that were moved, children too.' }) }),
    errors: [
      'TRACKING_RUN_NOT_FOUND',
      'TRACKING_RUN_DELETED',
      'TRACKING_EXPERIMENT_NOT_FOUND',
      'TRACKING_EXPERIMENT_DELETED',
    ],
  }),
  copyRuns: operation({
    id: 'tracking.copyRuns',
    method: 'POST',
    path: '/api/runs/copy',
    summary: 'Copies runs to an experiment: params, tags, histories, inputs and files, under new ids.',
    description:
      'A copy carries the tag trimtab.copiedFrom and lineage to the run it was made from. Each run is copied whole or ' +
      'not at all; the same request again copies what is left. Files are not stored twice where they are stored by digest.',
    body: RunCopy,
    response: Type.Object({
      copies: Type.Array(Type.Object({ from: RunId, to: Type.String({ description: 'Id of the copy.' }) }), {
        description: 'One a run, children too.',
      }),
    }),
    errors: ['TRACKING_RUN_NOT_FOUND', 'TRACKING_EXPERIMENT_NOT_FOUND', 'TRACKING_EXPERIMENT_DELETED'],
  }),
  listFolders: operation({
    id: 'tracking.listFolders',
    method: 'GET',
    path: '/api/experiment-folders',
    summary: 'Folders of experiments, by path, parents before what is in them.',
    response: Type.Object({
      folders: Type.Array(ExperimentFolder, { description: 'Folders that hold an experiment, and their parents.' }),
    }),
  }),
  setFolder: operation({
    id: 'tracking.setFolder',
    method: 'PUT',
    path: '/api/experiments/:experiment/folder',
    summary: 'Puts an experiment into a folder, or out of any. Tag trimtab.folder.',
    params: OneExperiment,
    body: Closed({ folder: OrNull(FolderPath, 'The folder; null for none.') }),
    response: 'none',
    errors: ['TRACKING_EXPERIMENT_NOT_FOUND', 'TRACKING_EXPERIMENT_DELETED', 'TRACKING_FOLDER_INVALID'],
  }),
  moveFolder: operation({
    id: 'tracking.moveFolder',
    method: 'POST',
    path: '/api/experiment-folders/move',
    summary: 'Renames or moves a folder with everything in it.',
    body: Closed({ from: FolderPath, to: FolderPath }),
    response: Type.Object({ experiments: Type.Integer({ description: 'How many experiments it took along.' }) }),
    errors: ['TRACKING_FOLDER_NOT_FOUND', 'TRACKING_FOLDER_INVALID'],
  }),
};
