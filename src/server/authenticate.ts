import { timingSafeEqual } from 'node:crypto';
import { userInfo } from 'node:os';
import type { FastifyRequest } from 'fastify';
import { httpErrors, type Principal } from '#platform/http';

/**
 * Who is asking. With a token everybody must send it; without one everybody who reaches the port is taken for the user
 * the server runs as. `x-trimtab-actor` says on whose behalf, e.g. `pipeline-run:<id>`, for the audit log.
 *
 * @throws HTTP_TOKEN_REQUIRED
 */
export function authenticator(token: string | undefined): (request: FastifyRequest) => Principal {
  const local = `local:${userName()}`;
  const expected = token === undefined ? undefined : Buffer.from(`Bearer ${token}`);
  return (request) => {
    if (expected) {
      const given = Buffer.from(request.headers.authorization ?? '');
      if (given.length !== expected.length || !timingSafeEqual(given, expected))
        throw httpErrors.HTTP_TOKEN_REQUIRED({});
    }
    const behalf = request.headers['x-trimtab-actor'];
    const base = expected ? 'token:default' : local;
    return { id: typeof behalf === 'string' && ACTOR.test(behalf) ? `${base} for ${behalf}` : base };
  };
}

const ACTOR = /^[A-Za-z0-9][A-Za-z0-9:/._@-]{0,199}$/;

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry in the password file, as in some containers.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
