import type { ErrorKind } from '#platform/kernel';
import { ApiError, UnreachableError } from '#sdk';

/** What the exit code of every command means; shown by `trimtab --help`. */
export const EXIT_CODES = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  invalid: 5,
  forbidden: 6,
  unavailable: 7,
  checkFailed: 8,
} as const;

export const EXIT_CODES_HELP = `Exit codes:
  0  done
  1  unexpected error
  2  wrong usage
  3  not found
  4  conflict: it exists already, or is in a state that forbids this
  5  invalid input
  6  forbidden
  7  the server cannot be reached, or cannot answer now
  8  a check did not pass: validation, gate, audit, pipeline run`;

const BY_STATUS: Readonly<Record<number, number>> = {
  400: EXIT_CODES.invalid,
  401: EXIT_CODES.forbidden,
  403: EXIT_CODES.forbidden,
  404: EXIT_CODES.notFound,
  409: EXIT_CODES.conflict,
  413: EXIT_CODES.invalid,
  503: EXIT_CODES.unavailable,
};

const BY_KIND: Readonly<Record<ErrorKind, number>> = {
  'not-found': EXIT_CODES.notFound,
  conflict: EXIT_CODES.conflict,
  invalid: EXIT_CODES.invalid,
  unauthenticated: EXIT_CODES.forbidden,
  forbidden: EXIT_CODES.forbidden,
  unavailable: EXIT_CODES.unavailable,
  'too-large': EXIT_CODES.invalid,
};

/** The one place where a failure becomes an exit code. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ApiError) return BY_STATUS[error.status] ?? EXIT_CODES.unexpected;
  if (error instanceof UnreachableError) return EXIT_CODES.unavailable;
  const kind = (error as { kind?: ErrorKind }).kind;
  return (kind && BY_KIND[kind]) ?? EXIT_CODES.unexpected;
}
