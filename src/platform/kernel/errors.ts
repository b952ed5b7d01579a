/**
 * The errors an operator or a user can cause. Programmer errors are plain `assert`s and surface as INTERNAL.
 *
 * Each room lists its codes once, with {@link defineErrors}; `docs/errors/` documents every code and a test checks
 * both ways.
 */

/** What kind of failure it is. HTTP status and CLI exit code follow from the kind alone, in one place each. */
export type ErrorKind =
  | 'not-found'
  | 'conflict'
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'unavailable'
  | 'too-large';

/** One entry of a room's error table: the kind, and a message that names the value at fault and the next step. */
interface ErrorDefinition<Details> {
  readonly kind: ErrorKind;
  readonly message: (details: Details) => string;
}

/** An operating error: expected, typed, safe to show to the caller. */
export class TrimtabError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(options: {
    code: string;
    kind: ErrorKind;
    message: string;
    details?: Readonly<Record<string, unknown>>;
    cause?: unknown;
  }) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TrimtabError';
    this.code = options.code;
    this.kind = options.kind;
    this.details = options.details ?? {};
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a table holds definitions of different details; callers see the exact type.
type ErrorTable = Readonly<Record<string, ErrorDefinition<any>>>;

/** The functions made from an error table: `errors.X(details, cause?)` returns the error to throw. */
export type ErrorFactory<Table extends ErrorTable> = {
  readonly [Code in keyof Table]: (details: Parameters<Table[Code]['message']>[0], cause?: unknown) => TrimtabError;
};

const registered = new Map<string, ErrorKind>();

/**
 * Turns a table of codes into functions that build the errors.
 *
 * @example
 * const errors = defineErrors({
 *   TUNING_STUDY_NOT_FOUND: { kind: 'not-found', message: (d: { study: string }) => `No study "${d.study}".` },
 * });
 * throw errors.TUNING_STUDY_NOT_FOUND({ study: 'x' });
 */
export function defineErrors<Table extends ErrorTable>(table: Table): ErrorFactory<Table> {
  const entries = Object.entries(table).map(([code, definition]) => {
    registered.set(code, definition.kind);
    const build = (details: Record<string, unknown>, cause?: unknown) =>
      new TrimtabError({ code, kind: definition.kind, message: definition.message(details), details, cause });
    return [code, build] as const;
  });
  // The mapped type is exactly what fromEntries builds, key by key; TypeScript cannot follow it through entries.
  return Object.fromEntries(entries) as unknown as ErrorFactory<Table>;
}

/** Every code that the loaded rooms have defined, with its kind. */
export function registeredErrors(): ReadonlyMap<string, ErrorKind> {
  return registered;
}

/** True for an operating error, optionally of one code. */
export function isTrimtabError(error: unknown, code?: string): error is TrimtabError {
  return error instanceof TrimtabError && (code === undefined || error.code === code);
}
