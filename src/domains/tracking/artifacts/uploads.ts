import { randomBytes } from 'node:crypto';
import { type BlobStore, stageContent } from '#platform/blob';
import { sha256 } from '#platform/digest';
import type { Clock } from '#platform/kernel';
import { trackingErrors } from '../errors.ts';

const PREFIX = 'uploads';
const MAX_PARTS = 10_000;
const SECRET_BYTES = 16;
const DIGEST = /^[0-9a-f]{64}$/;
const TIME_DIGITS = 12;
/** What nobody completed for so long is deleted when the next upload begins. */
const KEPT_MS = 7 * 24 * 3_600_000;

interface UploadsOptions {
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly putFile: (path: string, data: AsyncIterable<Uint8Array>) => Promise<void>;
}

interface UploadedPart {
  readonly number: number;
  /** As it was answered when the part was put. */
  readonly etag: string;
}

/**
 * Uploads of a file in parts, which may come in any order and several at once. The id of an upload holds what path it is
 * for; whoever knows the id may add parts. Parts are kept as objects until the file is put together from them.
 */
export function createUploads({ blobs, clock, putFile }: UploadsOptions) {
  async function sweep(): Promise<void> {
    const old = clock.now() - KEPT_MS;
    for await (const key of blobs.list(`${PREFIX}/`)) {
      // Ids begin with their time, so the first that is young ends the search.
      if (Number.parseInt(key.slice(PREFIX.length + 1).slice(0, TIME_DIGITS), 16) >= old) return;
      await blobs.delete(key);
    }
  }

  async function* joined(keys: readonly string[]): AsyncGenerator<Uint8Array> {
    for (const key of keys) yield* (await blobs.read(key)) as AsyncIterable<Uint8Array>;
  }

  async function forget(id: string): Promise<void> {
    for await (const key of blobs.list(`${PREFIX}/${id}/`)) await blobs.delete(key);
  }

  return {
    /** @returns the id of a new upload */
    async beginUpload(path: string): Promise<string> {
      await sweep();
      const time = clock.now().toString(16).padStart(TIME_DIGITS, '0');
      return `${time}${randomBytes(SECRET_BYTES).toString('hex')}${digestOf(path)}`;
    },

    /** Takes in one part, from 1; the same number again replaces nothing that was named when completing. */
    async putPart(id: string, number: number, data: AsyncIterable<Uint8Array>): Promise<{ readonly etag: string }> {
      assertUpload(id);
      if (!(number >= 1 && number <= MAX_PARTS)) {
        throw trackingErrors.TRACKING_UPLOAD_INVALID({ problem: `parts are numbered from 1 to ${MAX_PARTS}` });
      }
      const staged = await stageContent(blobs, data);
      try {
        await staged.place(keyOf(id, { number, etag: staged.digest }));
        return { etag: staged.digest };
      } finally {
        await staged.drop();
      }
    },

    /** Puts the file together. @throws TRACKING_UPLOAD_INVALID when a part is missing, or the upload is of another path */
    async completeUpload(id: string, path: string, parts: readonly UploadedPart[]): Promise<void> {
      assertUpload(id, path);
      const keys = parts.toSorted((a, b) => a.number - b.number).map((part) => keyOf(id, part));
      if (keys.length === 0 || new Set(parts.map(({ number }) => number)).size < keys.length) {
        throw trackingErrors.TRACKING_UPLOAD_INVALID({ problem: 'each part must be named once' });
      }
      for (const { number, etag } of parts) {
        if (DIGEST.test(etag) && (await blobs.stat(keyOf(id, { number, etag })))) continue;
        throw trackingErrors.TRACKING_UPLOAD_INVALID({ problem: `part ${number} never came as named` });
      }
      await putFile(path, joined(keys));
      await forget(id);
    },

    /** Deletes what came of an upload. Doing so again does no harm. */
    async abortUpload(id: string, path: string): Promise<void> {
      assertUpload(id, path);
      await forget(id);
    },
  };
}

function keyOf(id: string, { number, etag }: UploadedPart): string {
  return `${PREFIX}/${id}/${String(number).padStart(5, '0')}-${etag}`;
}

function digestOf(path: string): string {
  return sha256(path).slice(0, 32);
}

/** The path is not checked where the id alone gives the right. */
function assertUpload(id: string, path?: string): void {
  const known = /^[0-9a-f]{76}$/.test(id) && (path === undefined || id.endsWith(digestOf(path)));
  if (!known) throw trackingErrors.TRACKING_UPLOAD_INVALID({ problem: 'there is no such upload of this file' });
}
