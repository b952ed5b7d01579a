import { userInfo } from 'node:os';
import type { FastifyRequest } from 'fastify';
import { Access, type Auth, type SignedIn, sameSecret } from '#platform/auth';
import { httpErrors } from '#platform/http';

/** How callers are known: everybody, by the one token of the server, or as users. */
export interface AuthenticateOptions {
  readonly mode: 'open' | 'token' | 'basic';
  readonly auth: Pick<Auth, 'identify'>;
  /** Tokens of whoever runs the server, with the name each has in the audit log. */
  readonly tokens: readonly { readonly id: string; readonly secret: string }[];
}

/**
 * Who is asking. With a token everybody must send it; without one everybody who reaches the port is taken for the user
 * the server runs as; with users each is known by his password or a token. `x-trimtab-actor` says on whose behalf,
 * e.g. `pipeline-run:<id>`, for the audit log.
 *
 * @throws HTTP_TOKEN_REQUIRED, AUTH_REQUIRED, AUTH_SIGN_IN_REFUSED
 */
export function authenticator(options: AuthenticateOptions): (request: FastifyRequest) => SignedIn | Promise<SignedIn> {
  const { mode, auth, tokens } = options;
  const local = { id: `local:${userName()}`, access: Access.everything };
  return (request) => {
    if (mode === 'open') return onBehalf(local, request);
    const { authorization } = request.headers;
    const given = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    const token = given === undefined ? undefined : tokens.find(({ secret }) => sameSecret(given, secret));
    if (token) return onBehalf({ id: token.id, access: Access.everything }, request);
    if (mode === 'token') throw httpErrors.HTTP_TOKEN_REQUIRED({});
    const user = auth.identify(authorization, request.ip);
    return user instanceof Promise ? user.then((known) => onBehalf(known, request)) : onBehalf(user, request);
  };
}

const ACTOR = /^[A-Za-z0-9][A-Za-z0-9:/._@-]{0,199}$/;

function onBehalf(principal: SignedIn, request: FastifyRequest): SignedIn {
  const behalf = request.headers['x-trimtab-actor'];
  if (typeof behalf !== 'string' || !ACTOR.test(behalf)) return principal;
  return { ...principal, id: `${principal.id} for ${behalf}` };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry in the password file, as in some containers.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
