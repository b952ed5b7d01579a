import { dataQualityRoutes, dataRoutes } from '#domains/data';
import { governanceRoutes } from '#domains/governance';
import { loopRoutes } from '#domains/loop';
import { monitoringRoutes } from '#domains/monitoring';
import { pipelinesRoutes } from '#domains/pipelines';
import { registryRoutes } from '#domains/registry';
import { servingRoutes } from '#domains/serving';
import { tracingRoutes } from '#domains/tracing';
import { trackingRoutes } from '#domains/tracking';
import { tuningRoutes } from '#domains/tuning';
import { webhookRoutes } from '#domains/webhooks';
import type { Route } from '#platform/http';
import { type AuthRoutesOptions, authRoutes } from '../views/auth-routes.ts';
import { timelineRoutes } from '../views/loop-timeline.ts';
import { serverRoutes } from '../views/server-routes.ts';
import type { Rooms } from './rooms.ts';
import { exampleMessage } from './webhook-messages.ts';

/** Every operation of the contract, bound. */
export function allRoutes(
  rooms: Rooms,
  facts: { readonly startedAtMs: number; readonly mode: AuthRoutesOptions['mode'] },
): readonly Route[] {
  return [
    ...serverRoutes(rooms, facts),
    ...authRoutes({ auth: rooms.auth, mode: facts.mode }),
    ...dataRoutes(rooms.data),
    ...dataQualityRoutes(rooms.quality),
    ...trackingRoutes(rooms.tracking),
    ...tracingRoutes(rooms.tracing),
    ...tuningRoutes(rooms.tuning),
    ...pipelinesRoutes(rooms.pipelines),
    ...registryRoutes(rooms.registry),
    ...servingRoutes(rooms.serving),
    ...monitoringRoutes(rooms.monitoring),
    ...governanceRoutes(rooms.governance),
    ...loopRoutes(rooms.loops),
    ...timelineRoutes(rooms),
    ...webhookRoutes(rooms.webhooks, exampleMessage),
  ];
}
