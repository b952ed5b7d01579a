import type { FastifyRequest } from 'fastify';
import { invalid, MlflowError } from '../errors.ts';

/** What a client can send at once; a disk has less. */
export const BODY_LIMIT_BYTES = 1024 ** 4;

async function* none(): AsyncGenerator<Uint8Array> {}

export function bodyOf(request: FastifyRequest): AsyncIterable<Uint8Array> {
  return (request.body as AsyncIterable<Uint8Array> | undefined) ?? none();
}

export async function wholeBody(request: FastifyRequest, limitBytes: number, tooLarge = TOO_LARGE): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of bodyOf(request)) {
    sizeBytes += part.byteLength;
    if (sizeBytes > limitBytes) throw invalid(tooLarge);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const TOO_LARGE = 'The body of the request is too large.';

/** MLflow answers 503, which its clients repeat for minutes; that it will not change is told at once. */
export function disabled(request: FastifyRequest): MlflowError {
  return new MlflowError(
    'NOT_IMPLEMENTED',
    `Endpoint: ${request.routeOptions.url} disabled due to the mlflow server running with \`--no-serve-artifacts\`. ` +
      'To enable artifacts server functionality, run `mlflow server` with `--serve-artifacts`',
  );
}
