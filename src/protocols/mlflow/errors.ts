import type { ErrorKind, TrimtabError } from '#platform/kernel';

/** MLflow's error codes with their HTTP status. A client repeats a request that ended with 429 or 5xx, for minutes. */
const STATUS = {
  INVALID_PARAMETER_VALUE: 400,
  BAD_REQUEST: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  NOT_FOUND: 404,
  RESOURCE_CONFLICT: 409,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL_ERROR: 500,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
} as const;

export type MlflowErrorCode = keyof typeof STATUS;

/** A refusal in MLflow's words. */
export class MlflowError extends Error {
  readonly errorCode: MlflowErrorCode;

  constructor(errorCode: MlflowErrorCode, message: string) {
    super(message);
    this.name = 'MlflowError';
    this.errorCode = errorCode;
  }

  get status(): number {
    return STATUS[this.errorCode];
  }

  /** The body of the answer. */
  get body() {
    const errorClass = this.errorCode === 'RESOURCE_DOES_NOT_EXIST' ? 'RESOURCE_NOT_FOUND' : this.errorCode;
    return { error_code: this.errorCode, message: this.message, sqlstate: 'KAM00', error_class: errorClass };
  }
}

/** A refusal of a value: INVALID_PARAMETER_VALUE. */
export function invalid(message: string): MlflowError {
  return new MlflowError('INVALID_PARAMETER_VALUE', message);
}

/** How refusals of a domain are told to MLflow's clients: by our code, from its details. */
export type ErrorWords = Readonly<
  Record<string, (details: Readonly<Record<string, unknown>>) => readonly [MlflowErrorCode, string]>
>;

const CODE_OF_KIND: Readonly<Record<ErrorKind, MlflowErrorCode>> = {
  'not-found': 'RESOURCE_DOES_NOT_EXIST',
  conflict: 'INVALID_PARAMETER_VALUE',
  invalid: 'INVALID_PARAMETER_VALUE',
  unauthenticated: 'UNAUTHENTICATED',
  forbidden: 'PERMISSION_DENIED',
  unavailable: 'TEMPORARILY_UNAVAILABLE',
  'too-large': 'INVALID_PARAMETER_VALUE',
};

/** Tells a domain's refusal in MLflow's words where there are some, and in our own with MLflow's code elsewhere. */
export function translate(error: TrimtabError, words: ErrorWords): MlflowError {
  const told = words[error.code]?.(error.details);
  return told ? new MlflowError(...told) : new MlflowError(CODE_OF_KIND[error.kind], error.message);
}
