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
    summary: 'Tells that the server answers.',
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
