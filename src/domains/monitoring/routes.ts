import { monitoringOperations as operations } from '#contract';
import { type Route, route } from '#platform/http';
import type { Monitoring } from './monitoring.ts';

const MOST_WINDOWS = 200;
const MOST_ALERTS = 100;

export function monitoringRoutes(monitoring: Monitoring): readonly Route[] {
  return [
    route(operations.listMonitors, async () => ({ monitors: [...(await monitoring.listMonitors())] })),
    route(operations.createMonitor, ({ body, principal }) => monitoring.createMonitor(body, principal.id)),
    route(operations.getMonitor, ({ params }) => monitoring.getMonitor(params.monitor)),
    route(operations.changeMonitor, ({ params, body, principal }) =>
      monitoring.changeMonitor(params.monitor, body, principal.id),
    ),
    route(operations.deleteMonitor, ({ params, query, principal }) =>
      monitoring.deleteMonitor(params.monitor, principal.id, query.reason),
    ),
    route(operations.addReference, ({ body }) => monitoring.addReference(body.reference)),
    route(operations.getReference, ({ params }) => monitoring.getReference(params.reference)),
    route(operations.recordLabels, ({ params, body }) => monitoring.recordLabels(params.endpoint, body.labels)),
    route(operations.tick, async ({ params, body }) => {
      const passes = await monitoring.tickMonitor(params.monitor, body.nowMs);
      return { evaluated: passes.map(({ startMs, kind }) => ({ startMs, pass: kind })) };
    }),
    route(operations.listWindows, async ({ params, query }) => ({
      windows: [...(await monitoring.listWindows(params.monitor, rangeOf(query)))],
    })),
    route(operations.getWindow, ({ params }) => monitoring.getWindow(params.monitor, params.startMs)),
    route(operations.listDrift, async ({ params, query }) => ({
      features: [...(await monitoring.listDrift(params.monitor, rangeOf(query)))],
    })),
    route(operations.listPerformance, ({ params, query }) =>
      monitoring.listPerformance(params.monitor, rangeOf(query)),
    ),
    route(operations.listAlerts, async ({ query: { monitor, state, limit = MOST_ALERTS } }) => ({
      alerts: [...(await monitoring.listAlerts({ monitor, state, limit }))],
    })),
  ];
}

function rangeOf({ fromMs, toMs, limit = MOST_WINDOWS }: { fromMs?: number; toMs?: number; limit?: number }) {
  return { fromMs, toMs, limit };
}
