import { serverOperations as operations, type ServerInfo } from '#contract';
import { type Route, route } from '#platform/http';
import type { ServerEvent } from '#platform/operation';
import { PRODUCT, VERSION } from '../version.ts';
import type { Rooms } from '../wiring/rooms.ts';
import { commitLabelledRows } from './labelled-rows.ts';

/** Operations about the server itself, and those that join domains but belong to none. */
export function serverRoutes(rooms: Rooms, { startedAtMs }: { readonly startedAtMs: number }): readonly Route[] {
  const { timeline } = rooms;
  const timelineAnswer = () => ({ simulated: timeline.simulated, nowMs: timeline.now() });
  return [
    route(operations.health, () => ({ status: 'ok' as const })),
    route(
      operations.info,
      (): ServerInfo => ({
        name: PRODUCT,
        version: VERSION,
        database: rooms.database.dialect,
        startedAtMs,
        timeline: timelineAnswer(),
      }),
    ),
    route(operations.activity, async () => {
      const waitingFor = await activity(rooms);
      return { idle: waitingFor.length === 0, waitingFor };
    }),
    route(operations.moveTimeline, async ({ body }) => {
      await timeline.move(body.nowMs);
      await rooms.monitoring.tick(timeline.now());
      return timelineAnswer();
    }),
    route(operations.commitLabelledRows, ({ params, body, principal }) =>
      commitLabelledRows(rooms, { endpoint: params.endpoint, ...body }, principal.id),
    ),
    route(operations.events, ({ signal }) => happenings(rooms, signal)),
  ];
}

/** What is under way, in words. The order matters: an event may start what is asked for after it. */
async function activity(rooms: Rooms): Promise<string[]> {
  const events = (await rooms.events.isIdle()) ? [] : ['events are being delivered'];
  const pipelines = await rooms.pipelines.activity();
  const loops = await rooms.loops.activity();
  // Something may have happened between the first look and the last.
  const later = events.length > 0 || (await rooms.events.isIdle()) ? [] : ['events are being delivered'];
  return [...events, ...pipelines, ...loops, ...later];
}

async function* happenings(rooms: Rooms, signal: AbortSignal): AsyncIterable<ServerEvent> {
  for await (const { sequence, topic, subject, atMs } of rooms.events.live(signal)) {
    yield { id: String(sequence), event: topic, data: { topic, subject, atMs } };
  }
}
