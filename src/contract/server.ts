import { type Static, Type } from 'typebox';
import { operation } from '#platform/operation';

export const Timeline = Type.Object({
  simulated: Type.Boolean({ description: 'True when the server replays history on a clock that callers move.' }),
  nowMs: Type.Integer({ description: 'The time of the world being watched, ms since the epoch, UTC.' }),
});
export type Timeline = Static<typeof Timeline>;

export const ServerInfo = Type.Object({
  name: Type.String({ description: 'The program.' }),
  version: Type.String({ description: 'Its version.' }),
  database: Type.Union([Type.Literal('sqlite'), Type.Literal('postgres')], { description: 'Where metadata is kept.' }),
  startedAtMs: Type.Integer({ description: 'When this process started, ms since the epoch.' }),
  timeline: Timeline,
});
export type ServerInfo = Static<typeof ServerInfo>;

export const Activity = Type.Object({
  idle: Type.Boolean({ description: 'True when nothing is running or waiting to run.' }),
  waitingFor: Type.Array(Type.String(), { description: 'What is still going on, in words.' }),
});
export type Activity = Static<typeof Activity>;

export const serverOperations = {
  health: operation({
    id: 'server.health',
    method: 'GET',
    path: '/health',
    summary: 'Tells that the server answers; asks for no token.',
    open: true,
    response: Type.Object({ status: Type.Literal('ok') }),
  }),
  info: operation({
    id: 'server.info',
    method: 'GET',
    path: '/api/server',
    summary: 'What this server is and which time it lives in.',
    response: ServerInfo,
  }),
  activity: operation({
    id: 'server.activity',
    method: 'GET',
    path: '/api/activity',
    summary: 'What the server is busy with.',
    description: 'A replay waits for this to be idle before it moves the clock to the next day.',
    response: Activity,
  }),
  moveTimeline: operation({
    id: 'server.moveTimeline',
    method: 'POST',
    path: '/api/timeline',
    summary: 'Moves the simulated clock forward and evaluates what became due.',
    description: 'Only on a server started with --simulated-clock. Moving to a time already reached changes nothing.',
    body: Type.Object(
      { nowMs: Type.Integer({ description: 'The new time, ms since the epoch, UTC.' }) },
      { additionalProperties: false },
    ),
    response: Timeline,
    errors: ['SERVER_CLOCK_REAL'],
  }),
  commitLabelledRows: operation({
    id: 'server.commitLabelledRows',
    method: 'POST',
    path: '/api/endpoints/:endpoint/labelled-rows',
    summary: 'Commits what an endpoint was asked and what really happened as a version of a dataset.',
    description:
      'One Parquet file of the columns of the endpoint and a column label. Rows predicted while the endpoint was blocked, and rows of the excluded spans, are left out. The same key again answers the commit that exists.',
    params: Type.Object({ endpoint: Type.String({ minLength: 1, maxLength: 128, description: 'The endpoint.' }) }),
    body: Type.Object(
      {
        repository: Type.String({ description: 'Repository to commit to; made when missing.' }),
        branch: Type.String({ description: 'Branch to commit to; made when missing.' }),
        path: Type.String({ description: 'Path of the file in the repository.' }),
        fromMs: Type.Integer({ description: 'Event time of the first row, ms since the epoch, inclusive.' }),
        toMs: Type.Integer({ description: 'Event time of the last row, ms since the epoch, exclusive.' }),
        excluded: Type.Optional(
          Type.Array(
            Type.Object({
              startMs: Type.Integer({ description: 'Start, ms since the epoch, inclusive.' }),
              endMs: Type.Integer({ description: 'End, ms since the epoch, exclusive.' }),
            }),
            { description: 'Spans of event time to leave out, e.g. of a broken feed.' },
          ),
        ),
        idempotencyKey: Type.String({
          minLength: 1,
          maxLength: 200,
          description: 'Any text; makes repeating harmless.',
        }),
      },
      { additionalProperties: false },
    ),
    response: Type.Object({
      commit: Type.String({ description: 'Reference of the commit, commit:<repository>/<id>.' }),
      rows: Type.Integer({ description: 'Rows committed.' }),
    }),
    status: 201,
    errors: ['SERVER_NO_LABELLED_ROWS', 'SERVING_ENDPOINT_NOT_FOUND'],
  }),
  events: operation({
    id: 'server.events',
    method: 'GET',
    path: '/api/events',
    summary: 'Everything that happens from now on, as server-sent events.',
    description:
      'The event type is the topic, its data { topic, subject, atMs }. Ask for the subject to see the new state.',
    response: 'events',
  }),
};
