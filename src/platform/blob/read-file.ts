import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ByteRange } from './blob-store.ts';
import { passedThrough } from './young-garbage.ts';

/** Few large reads: a small one costs as much of the processor. */
const READ_BYTES = 512 * 1024;

/** The bytes of an open file, or a range of them. The file is closed at their end. */
export async function readFile(file: FileHandle, range: ByteRange | undefined): Promise<Readable> {
  if (range && range.end <= range.start) {
    await file.close();
    return Readable.from([], { objectMode: false });
  }
  const part = range ? { start: range.start, end: range.end - 1 } : {};
  const stream = createReadStream('', { fd: file, highWaterMark: READ_BYTES, ...part });
  const push = stream.push.bind(stream);
  stream.push = (piece: Uint8Array | null, encoding) => {
    if (piece) passedThrough(piece.byteLength);
    return push(piece, encoding);
  };
  return stream;
}
