import type { Endpoint } from '#contract';
import { Status } from '../../parts/status.tsx';

/** Whether an endpoint answers, and answers freely. */
export function EndpointStatus({ endpoint }: { readonly endpoint: Endpoint }) {
  if (!endpoint.ready) return <Status tone="failed">Not ready</Status>;
  return endpoint.status === 'blocked' ? <Status tone="warning">Blocked</Status> : <Status tone="ok">Serving</Status>;
}
