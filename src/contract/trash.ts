import { type Static, type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';
import { ExperimentName } from './tracking-schemas.ts';

const Closed = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });
const Ids = (of: string) =>
  Type.Optional(
    Type.Array(Type.String({ maxLength: 500, description: `Id of a ${of}.` }), {
      maxItems: 1000,
      description: `Ids of ${of}s.`,
    }),
  );

export const TrashKind = Type.Union([Type.Literal('run'), Type.Literal('experiment'), Type.Literal('logged-model')], {
  description: 'What lies in the trash.',
});
export type TrashKind = Static<typeof TrashKind>;

/** Runs, experiments and logged models by id; of experiments the number, not the name. */
export const TrashSelection = Closed({
  runs: Ids('run'),
  experiments: Ids('experiment'),
  loggedModels: Ids('logged model'),
});
export type TrashSelection = Static<typeof TrashSelection>;

export const TrashItem = Type.Object({
  kind: TrashKind,
  id: Type.String({ description: 'Id; of an experiment its number.' }),
  name: Type.String({ description: 'Name for people.' }),
  experiment: ExperimentName,
  deletedAtMs: Type.Integer({ description: 'When it was put there, ms since the epoch.' }),
});
export type TrashItem = Static<typeof TrashItem>;

const Counts = {
  runs: Type.Integer({ description: 'How many runs.' }),
  experiments: Type.Integer({ description: 'How many experiments.' }),
  loggedModels: Type.Integer({ description: 'How many logged models.' }),
};

export const TrashCounts = Type.Object(Counts);
export type TrashCounts = Static<typeof TrashCounts>;

export const TrashEmptied = Type.Object({
  ...Counts,
  files: Type.Integer({ description: 'How many artifact files.' }),
  bytes: Type.Integer({ description: 'Their size together, bytes. Content that others use as well stays stored.' }),
  more: Type.Boolean({ description: 'True when a call was not enough: the same request again goes on.' }),
  left: Type.Array(
    Type.Object({
      id: Type.String({ description: 'Id of what stays in the trash.' }),
      reason: Type.String({ description: 'Why it stays, in words.' }),
    }),
    { description: 'What was asked for and stays, the first 100.' },
  ),
});
export type TrashEmptied = Static<typeof TrashEmptied>;

const Missing = ['TRACKING_RUN_NOT_FOUND', 'TRACKING_EXPERIMENT_NOT_FOUND', 'TRACKING_LOGGED_MODEL_NOT_FOUND'];

/** Deleting is putting into the trash; only emptying the trash deletes for good. */
export const trashOperations = {
  listTrash: operation({
    id: 'tracking.listTrash',
    method: 'GET',
    path: '/api/trash',
    summary: 'What lies in the trash, the latest first.',
    query: Type.Object({
      kind: Type.Optional(TrashKind),
      experiment: Type.Optional(ExperimentName),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Items at most.' })),
      offset: Type.Optional(
        Type.Integer({ minimum: 0, maximum: 100_000_000, default: 0, description: 'Items to skip.' }),
      ),
    }),
    response: Type.Object({
      items: Type.Array(TrashItem, { description: 'The items from the offset on.' }),
      counts: TrashCounts,
    }),
    errors: ['TRACKING_EXPERIMENT_NOT_FOUND'],
  }),
  putIntoTrash: operation({
    id: 'tracking.putIntoTrash',
    method: 'POST',
    path: '/api/trash',
    summary: 'Puts runs, experiments (with their runs) and logged models into the trash, all or none.',
    description: 'What lies there already stays there. The answer counts what was put there now.',
    body: TrashSelection,
    response: TrashCounts,
    errors: Missing,
  }),
  restoreFromTrash: operation({
    id: 'tracking.restoreFromTrash',
    method: 'POST',
    path: '/api/trash/restore',
    summary: 'Brings runs, experiments (with their runs) and logged models back, all or none.',
    body: TrashSelection,
    response: TrashCounts,
    errors: [...Missing, 'TRACKING_TRASH_EXPERIMENT_DELETED'],
  }),
  emptyTrash: operation({
    id: 'tracking.emptyTrash',
    method: 'POST',
    path: '/api/trash/empty',
    summary: 'Deletes for good what lies in the trash: all of it, what is older than some time, or only what is named.',
    description:
      'Facts, histories and artifact files go; the audit log keeps that they did, and lineage keeps their ids. An ' +
      'experiment goes with everything in it. What is not in the trash is never touched.',
    body: Closed({
      runs: Ids('run'),
      experiments: Ids('experiment'),
      loggedModels: Ids('logged model'),
      olderThanMs: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: Number.MAX_SAFE_INTEGER,
          description: 'Only what has been in the trash for at least so long, ms.',
        }),
      ),
      keepArtifacts: Type.Optional(Type.Boolean({ default: false, description: 'Leave the files where they are.' })),
      dryRun: Type.Optional(Type.Boolean({ default: false, description: 'Only tell what would go.' })),
      reason: Type.Optional(Type.String({ maxLength: 500, description: 'Why, for the audit log.' })),
    }),
    response: TrashEmptied,
    errors: Missing,
  }),
};
