/** A run of bytes that is stored once, named by its SHA-256. */
export interface ChunkName {
  /** 64 hex digits. */
  readonly digest: string;
  readonly sizeBytes: number;
}

const DIGEST_BYTES = 32;
const RECORD_BYTES = DIGEST_BYTES + 4;

/** The chunks of a file in order, as text: base64 of 36 bytes a chunk (digest, size). */
export function encodeManifest(chunks: readonly ChunkName[]): string {
  const bytes = Buffer.alloc(chunks.length * RECORD_BYTES);
  chunks.forEach((chunk, index) => {
    bytes.write(chunk.digest, index * RECORD_BYTES, 'hex');
    bytes.writeUInt32BE(chunk.sizeBytes, index * RECORD_BYTES + DIGEST_BYTES);
  });
  return bytes.toString('base64');
}

export function decodeManifest(text: string): readonly ChunkName[] {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length: bytes.length / RECORD_BYTES }, (_, index) => {
    const at = index * RECORD_BYTES;
    return {
      digest: bytes.toString('hex', at, at + DIGEST_BYTES),
      sizeBytes: bytes.readUInt32BE(at + DIGEST_BYTES),
    };
  });
}

/** A piece of a file: part of one chunk. */
export interface Piece {
  readonly chunk: ChunkName;
  /** First byte wanted of the chunk, and the one after the last. */
  readonly start: number;
  readonly end: number;
}

/** The pieces that make up a range of a file. */
export function piecesOf(
  chunks: readonly ChunkName[],
  range: { readonly start: number; readonly end: number },
): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const chunk of chunks) {
    const start = Math.max(range.start - at, 0);
    const end = Math.min(range.end - at, chunk.sizeBytes);
    if (start < end) pieces.push({ chunk, start, end });
    at += chunk.sizeBytes;
  }
  return pieces;
}
