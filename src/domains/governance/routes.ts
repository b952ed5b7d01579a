import { governanceOperations as operations } from '#contract';
import { type Route, route } from '#platform/http';
import type { Governance } from './governance.ts';

export function governanceRoutes(governance: Governance): readonly Route[] {
  return [
    route(operations.listAudit, ({ query }) => governance.listAudit({ ...query, limit: query.limit ?? 100 })),
    route(operations.verifyAudit, ({ query }) => governance.verifyAudit(query)),
    route(operations.getCheckpoint, () => governance.checkpoint()),
    route(operations.getAuditEntry, ({ params }) => governance.getAuditEntry(params.sequence)),
    route(operations.lineage, ({ query }) =>
      governance.lineage(query.ref, query.direction ?? 'both', query.depth ?? 10),
    ),
    route(operations.linkLineage, async ({ body }) => ({ added: await governance.linkLineage(body.edges) })),
  ];
}
