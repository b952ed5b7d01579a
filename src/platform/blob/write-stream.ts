import type { FileHandle } from 'node:fs/promises';
import { passedThrough } from './young-garbage.ts';

const BUFFER_BYTES = 1024 * 1024;
/** After so much the disk is told to begin: it then works while more arrives, instead of all at once at the end. */
const FLUSH_BYTES = 32 * 1024 * 1024;

/**
 * Writes a stream to a file in few, large writes, and takes in more while one is written; two buffers are all it holds.
 *
 * @param watch sees every piece, e.g. to compute a digest; it must not keep it
 * @returns how many bytes there were
 */
export async function writeStream(
  file: FileHandle,
  data: AsyncIterable<Uint8Array>,
  watch?: (piece: Uint8Array) => void,
): Promise<number> {
  let current = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let spare: typeof current | undefined;
  let filled = 0;
  let sizeBytes = 0;
  let writing: Promise<unknown> = Promise.resolve();
  let flushing: Promise<unknown> = Promise.resolve();
  let unflushed = 0;
  const flush = async () => {
    await writing;
    const full = current;
    current = spare ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
    spare = full;
    writing = writeAll(file, full.subarray(0, filled));
    // It is awaited later; until then its failure must not count as unhandled.
    writing.catch(() => undefined);
    unflushed += filled;
    filled = 0;
    if (unflushed < FLUSH_BYTES) return;
    unflushed = 0;
    await flushing;
    flushing = writing.then(() => file.datasync());
    flushing.catch(() => undefined);
  };
  for await (const piece of data) {
    watch?.(piece);
    sizeBytes += piece.byteLength;
    passedThrough(piece.byteLength);
    for (let at = 0; at < piece.byteLength; ) {
      const taken = Math.min(piece.byteLength - at, BUFFER_BYTES - filled);
      current.set(piece.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled === BUFFER_BYTES) await flush();
    }
  }
  if (filled > 0) await flush();
  await writing;
  await flushing;
  return sizeBytes;
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.byteLength - at);
    at += bytesWritten;
  }
}
