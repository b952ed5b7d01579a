import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { ByteAnswer } from './route.ts';

/** A file that can be read in parts. */
export interface ServedFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  /** Changes with the bytes; without quotes. */
  readonly version: string;
  /** To be shown by a browser, in a sandbox where nothing of it runs, instead of saved. */
  readonly inline?: boolean | undefined;
  readonly read: (range?: { readonly start: number; readonly end: number }) => Promise<Readable>;
}

/**
 * Answers with a file as HTTP has it (RFC 9110): whole, a part for `Range` (206, or 416 beyond its end), nothing for
 * `HEAD` and for an `If-None-Match` that names what the caller has (304). Several ranges at once are answered whole.
 *
 * A file of a stranger must not run as a page of ours: it is offered for saving, with its type as told.
 */
export async function fileAnswer(file: ServedFile, request: FastifyRequest): Promise<ByteAnswer> {
  const { sizeBytes, contentType } = file;
  const etag = `"${file.version}"`;
  const headers = {
    'content-disposition': disposition(file.name, file.inline ? 'inline' : 'attachment'),
    ...(file.inline ? { 'content-security-policy': SANDBOX } : {}),
    'x-content-type-options': 'nosniff',
    'accept-ranges': 'bytes',
    etag,
  };
  const nothing = (status: number, more: Readonly<Record<string, string>> = {}): ByteAnswer => ({
    ...{ stream: Readable.from([]), contentType, status },
    headers: { ...headers, ...more },
  });
  if (matches(request.headers['if-none-match'], etag)) return nothing(304);
  const asked = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
  const range = asked ? rangeOf(request.headers.range, sizeBytes) : undefined;
  if (range === 'beyond') return { ...nothing(416, { 'content-range': `bytes */${sizeBytes}` }), sizeBytes: 0 };
  const told: Readonly<Record<string, string>> = range
    ? { 'content-range': `bytes ${range.start}-${range.end - 1}/${sizeBytes}` }
    : {};
  const answered = range ? range.end - range.start : sizeBytes;
  if (request.method === 'HEAD') return { ...nothing(range ? 206 : 200, told), sizeBytes: answered };
  return {
    stream: await file.read(range),
    ...{ contentType, sizeBytes: answered, status: range ? 206 : 200, headers: { ...headers, ...told } },
  };
}

const SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self' data:";

/** A single range of a file's bytes, its end exclusive; undefined when all of it is to be sent. */
function rangeOf(header: string | undefined, sizeBytes: number) {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, first = '', last = ''] = found ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? 'beyond' : { start: sizeBytes - length, end: sizeBytes };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= sizeBytes) return 'beyond';
  return { start, end: last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes) };
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}

/** Plain names as MLflow tells them, others by RFC 6266. */
function disposition(name: string, how: 'attachment' | 'inline'): string {
  if (/^[\w.+-]+$/.test(name)) return `${how}; filename=${name}`;
  const encoded = encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, escapeSign);
  return `${how}; filename*=UTF-8''${encoded}`;
}

function escapeSign(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
}
