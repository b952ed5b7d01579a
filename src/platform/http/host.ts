import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { httpErrors } from './errors.ts';
import { shortened } from './sound-json.ts';

/**
 * A page of another site can have its own name point at this machine, and its browser then takes our answers for the
 * site's own (DNS rebinding). Such a request tells the foreign name. A numeric address cannot be pointed elsewhere.
 */
export function refuseForeignHost(request: FastifyRequest, allowed: readonly string[] | undefined): void {
  if (allowed === undefined) return;
  const host = request.headers.host ?? '';
  const name = host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0) return;
  if (allowed.some((pattern) => pattern === '*' || matches(pattern.toLowerCase(), name, host.toLowerCase()))) return;
  throw httpErrors.HTTP_HOST_FORBIDDEN({ host: shortened(host) });
}

/** A pattern is a name, a name with a port, or one that begins with `*.` for all below it. */
function matches(pattern: string, name: string, host: string): boolean {
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : pattern === name || pattern === host;
}
