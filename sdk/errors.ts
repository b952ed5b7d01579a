/** A refusal of the server, with its stable code. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, message: string, details: Readonly<Record<string, unknown>>) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** The server could not be reached, or the connection broke before an answer came. */
export class UnreachableError extends Error {
  constructor(url: string, cause: unknown) {
    super(`No answer from ${url}. Is the server running? Start it with: trimtab serve`, { cause });
    this.name = 'UnreachableError';
  }
}
