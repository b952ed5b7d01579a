import { type Static, type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';
import { ColumnName } from './run-table-schemas.ts';
import { ExperimentName } from './tracking-schemas.ts';

const At = (description: string) => Type.Integer({ description: `${description}, ms since the epoch.` });
const Closed = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });

export const RunViewName = Type.String({ minLength: 1, maxLength: 200, description: 'Name of the view, for people.' });

/** What a view shows. The server checks its size and keeps it; pages give it meaning. */
export const RunViewDefinition = Closed({
  filter: Type.Optional(Type.String({ maxLength: 10_000, description: 'Filter of a search of runs.' })),
  orderBy: Type.Optional(
    Type.Array(Type.String({ maxLength: 620, description: 'A column, then asc or desc.' }), {
      maxItems: 10,
      description: 'Order of the rows.',
    }),
  ),
  groupBy: Type.Optional(Type.Array(ColumnName, { maxItems: 5, description: 'Columns to group by.' })),
  columns: Type.Optional(
    Type.Array(
      Closed({
        name: ColumnName,
        widthPx: Type.Optional(Type.Integer({ minimum: 20, maximum: 2000, description: 'Width, CSS pixels.' })),
        pinned: Type.Optional(Type.Boolean({ description: 'Stays in sight when the table is scrolled sideways.' })),
      }),
      { maxItems: 200, description: 'Columns in their order.' },
    ),
  ),
  charts: Type.Optional(
    Type.Array(Type.Record(Type.String(), Type.Unknown()), {
      maxItems: 100,
      description: 'Charts, as the page describes them.',
    }),
  ),
  settings: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), { description: 'What else the page keeps, e.g. the selected runs.' }),
  ),
});
export type RunViewDefinition = Static<typeof RunViewDefinition>;

export const RunView = Type.Object({
  id: Type.String({ description: 'Id of the view; a link with it can be shared.' }),
  experiment: ExperimentName,
  name: RunViewName,
  definition: RunViewDefinition,
  revision: Type.Integer({ description: 'Counts its changes, from 1.' }),
  createdAtMs: At('When it was made'),
  createdBy: Type.String({ description: 'Who made it.' }),
  updatedAtMs: At('When it was last changed'),
  updatedBy: Type.String({ description: 'Who changed it last.' }),
});
export type RunView = Static<typeof RunView>;

const OneView = Type.Object({ view: Type.String({ minLength: 1, maxLength: 64, description: 'Id of the view.' }) });

/** Views of the runs of an experiment that people keep and share. */
export const runViewOperations = {
  listRunViews: operation({
    id: 'tracking.listRunViews',
    method: 'GET',
    path: '/api/experiments/:experiment/views',
    summary: 'Views of an experiment, by name.',
    params: Type.Object({ experiment: ExperimentName }),
    response: Type.Object({ views: Type.Array(RunView, { description: 'By name.' }) }),
    errors: ['TRACKING_EXPERIMENT_NOT_FOUND'],
  }),
  createRunView: operation({
    id: 'tracking.createRunView',
    method: 'POST',
    path: '/api/experiments/:experiment/views',
    summary: 'Keeps a view.',
    params: Type.Object({ experiment: ExperimentName }),
    body: Closed({
      id: Type.Optional(
        Type.String({
          pattern: '^[0-9a-f]{32}$',
          description:
            'Id chosen by the caller, 32 lower-case hex digits, so that a repeated request makes no second view.',
        }),
      ),
      name: RunViewName,
      definition: RunViewDefinition,
    }),
    response: RunView,
    status: 201,
    errors: [
      'TRACKING_EXPERIMENT_NOT_FOUND',
      'TRACKING_VIEW_EXISTS',
      'TRACKING_VIEW_TOO_LARGE',
      'TRACKING_KEY_INVALID',
    ],
  }),
  getRunView: operation({
    id: 'tracking.getRunView',
    method: 'GET',
    path: '/api/run-views/:view',
    summary: 'One view.',
    params: OneView,
    response: RunView,
    errors: ['TRACKING_VIEW_NOT_FOUND'],
  }),
  changeRunView: operation({
    id: 'tracking.changeRunView',
    method: 'PUT',
    path: '/api/run-views/:view',
    summary: 'Changes a view, unless somebody else changed it in the meantime.',
    params: OneView,
    body: Closed({
      revision: Type.Integer({ minimum: 1, description: 'Revision that the change was made from.' }),
      name: RunViewName,
      definition: RunViewDefinition,
    }),
    response: RunView,
    errors: [
      'TRACKING_VIEW_NOT_FOUND',
      'TRACKING_VIEW_CHANGED',
      'TRACKING_VIEW_EXISTS',
      'TRACKING_VIEW_TOO_LARGE',
      'TRACKING_KEY_INVALID',
    ],
  }),
  deleteRunView: operation({
    id: 'tracking.deleteRunView',
    method: 'DELETE',
    path: '/api/run-views/:view',
    summary: 'Deletes a view. Deleting it again changes nothing.',
    params: OneView,
    response: 'none',
  }),
};
