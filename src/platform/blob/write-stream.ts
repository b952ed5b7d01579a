import type { FileHandle } from 'node:fs/promises';
import { openStreamDigest, type StreamDigest, sha256 } from '#platform/digest';

const BUFFER_BYTES = 1024 * 1024;
/** Most files are small. */
const FIRST_BUFFER_BYTES = 64 * 1024;
/** After so much the disk is told to begin: it then works while more arrives, instead of all at once at the end. */
const FLUSH_BYTES = 32 * 1024 * 1024;

export interface Written {
  readonly sizeBytes: number;
  /** SHA-256, 64 hex digits; empty unless asked for. */
  readonly digest: string;
}

/**
 * Writes a stream to a file in few, large writes, and takes in more while one is written and its digest computed; two
 * buffers are all it holds.
 */
export async function writeStream(
  file: FileHandle,
  data: AsyncIterable<Uint8Array>,
  wanted: 'digest' | 'size' = 'size',
): Promise<Written> {
  let current = newBuffer(FIRST_BUFFER_BYTES);
  let spare: typeof current | undefined;
  let filled = 0;
  let sizeBytes = 0;
  let unflushed = 0;
  let writing: Promise<unknown> = Promise.resolve();
  let flushing: Promise<unknown> = Promise.resolve();
  let hash: StreamDigest | undefined;
  const flush = async () => {
    await writing;
    const full = current.subarray(0, filled);
    const work: Promise<unknown>[] = [writeAll(file, full)];
    if (wanted === 'digest') {
      hash ??= openStreamDigest();
      work.push(hash.update(full));
    }
    // Both must be done with the buffer before it is filled again, whichever fails.
    writing = Promise.allSettled(work).then(() => Promise.all(work));
    // It is awaited later; until then its failure must not count as unhandled.
    writing.catch(() => undefined);
    const taken = current;
    current = spare ?? newBuffer();
    spare = taken;
    unflushed += filled;
    filled = 0;
    if (unflushed < FLUSH_BYTES) return;
    unflushed = 0;
    await flushing;
    flushing = writing.then(() => file.datasync());
    flushing.catch(() => undefined);
  };
  try {
    for await (const piece of data) {
      sizeBytes += piece.byteLength;
      for (let at = 0; at < piece.byteLength; ) {
        if (filled === FIRST_BUFFER_BYTES && current.byteLength === filled) current = grown(current);
        const taken = Math.min(piece.byteLength - at, current.byteLength - filled);
        current.set(piece.subarray(at, at + taken), filled);
        filled += taken;
        at += taken;
        if (filled === BUFFER_BYTES) await flush();
      }
    }
    // What fits into one buffer is not worth a thread.
    const whole = wanted === 'digest' && !hash ? sha256(current.subarray(0, filled)) : '';
    if (!hash) await writing.then(() => writeAll(file, current.subarray(0, filled)));
    else if (filled > 0) await flush();
    await writing;
    await flushing;
    const digest = hash ? await hash.digest() : whole;
    hash = undefined;
    return { sizeBytes, digest };
  } finally {
    // Nothing may still be written when the file is closed.
    await Promise.allSettled([writing, flushing]);
    hash?.drop();
  }
}

function newBuffer(sizeBytes = BUFFER_BYTES) {
  return new Uint8Array(new SharedArrayBuffer(sizeBytes));
}

function grown(small: Uint8Array) {
  const large = newBuffer();
  large.set(small);
  return large;
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.byteLength - at);
    at += bytesWritten;
  }
}
