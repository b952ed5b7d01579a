import { defineErrors, type ErrorKind } from '#platform/kernel';

export const httpErrors = defineErrors({
  HTTP_INVALID: {
    kind: 'invalid',
    message: (d: { where: string; problem: string }) => `${d.where} ${d.problem}. See /docs for what is expected.`,
  },
  HTTP_JSON_MALFORMED: {
    kind: 'invalid',
    message: (d: { problem: string }) => `The body is not JSON: ${d.problem}. Send application/json.`,
  },
  HTTP_BODY_MISSING: {
    kind: 'invalid',
    message: (d: { operation: string }) => `${d.operation} needs a JSON body. See /docs for its fields.`,
  },
  HTTP_BODY_TOO_LARGE: {
    kind: 'too-large',
    message: (d: { limitBytes: number }) =>
      `The body is larger than the ${Math.round(d.limitBytes / 1024)} KiB this operation takes. Split it into smaller requests, or upload it as a file.`,
  },
  HTTP_BODY_BROKEN: {
    kind: 'invalid',
    message: (d: { receivedBytes: number }) =>
      `The body broke off after ${d.receivedBytes} bytes. Nothing of it was kept; send it again.`,
  },
  HTTP_CONTENT_TYPE_UNKNOWN: {
    kind: 'invalid',
    message: (d: { contentType: string }) =>
      `The body came as "${d.contentType}", and this operation takes JSON. Send the header "content-type: application/json".`,
  },
  HTTP_REQUEST_MALFORMED: {
    kind: 'invalid',
    message: (d: { problem: string }) => `The request cannot be read: ${d.problem}.`,
  },
  HTTP_ROUTE_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { method: string; path: string }) =>
      `Nothing answers ${d.method} ${d.path}. See /docs for the operations.`,
  },
  HTTP_ORIGIN_FORBIDDEN: {
    kind: 'forbidden',
    message: (d: { origin: string }) =>
      `A page of ${d.origin} may not call this server. Open the page this server itself serves.`,
  },
  HTTP_HOST_FORBIDDEN: {
    kind: 'forbidden',
    message: (d: { host: string }) =>
      `Invalid Host header - possible DNS rebinding attack detected: "${d.host}". If this server is reached by that name, start it with --allowed-hosts.`,
  },
  HTTP_TOKEN_REQUIRED: {
    kind: 'forbidden',
    message: (_: Record<string, never>) =>
      'This server needs a token: send it as "Authorization: Bearer <token>", or set TRIMTAB_TOKEN for the command line.',
  },
});

/** The one place where a kind of error becomes an HTTP status. */
export const STATUS_BY_KIND: Readonly<Record<ErrorKind, number>> = {
  'not-found': 404,
  conflict: 409,
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  unavailable: 503,
  'too-large': 413,
};
