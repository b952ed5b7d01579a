/**
 * Content-defined chunking: FastCDC (Xia et al., USENIX ATC 2016) over a 32-bit gear hash, with its normalised sizes. A cut
 * depends only on the few bytes before it, so bytes put into or taken out of a file change the chunks around them and no others.
 *
 * The sizes, the masks and the gear table decide which chunks old data was cut into. To change one is not wrong, but new
 * files then share nothing with files stored before.
 */
const MIN_BYTES = 8 * 1024;
const TARGET_BYTES = 64 * 1024;
const MAX_BYTES = 128 * 1024;

/** Below the target size a cut must match 18 bits, above it 14; the mean comes out near the target. */
const STRICT_MASK = 0xffffc000 | 0;
const LOOSE_MASK = 0xfffc0000 | 0;

const GEAR = gearTable();

/**
 * Cuts a stream into chunks, in order; joined they are the stream. A file of at most 64 KiB stays one chunk, an empty one has
 * none. At most one piece of the source and one chunk are in memory.
 */
export async function* chunked(data: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array = new Uint8Array();
  let cutAny = false;
  for await (const piece of data) {
    held = joined(held, piece);
    let at = 0;
    while (held.length - at >= MAX_BYTES) {
      const end = cutAfter(held, at);
      yield held.subarray(at, end);
      cutAny = true;
      at = end;
    }
    held = held.subarray(at);
  }
  if (!cutAny && held.length <= TARGET_BYTES) {
    if (held.length > 0) yield held;
    return;
  }
  for (let at = 0; at < held.length; ) {
    const end = cutAfter(held, at);
    yield held.subarray(at, end);
    at = end;
  }
}

/** Where the chunk that starts at `from` ends. The bytes must reach to the end of the file or hold a largest chunk. */
function cutAfter(bytes: Uint8Array, from: number): number {
  const normal = Math.min(from + TARGET_BYTES, bytes.length);
  const end = Math.min(from + MAX_BYTES, bytes.length);
  let hash = 0;
  let at = from + MIN_BYTES;
  for (; at < normal; at++) {
    hash = ((hash << 1) + (GEAR[bytes[at] as number] as number)) | 0;
    if ((hash & STRICT_MASK) === 0) return at + 1;
  }
  for (; at < end; at++) {
    hash = ((hash << 1) + (GEAR[bytes[at] as number] as number)) | 0;
    if ((hash & LOOSE_MASK) === 0) return at + 1;
  }
  return end;
}

function joined(held: Uint8Array, piece: Uint8Array): Uint8Array {
  const whole = new Uint8Array(held.length + piece.length);
  whole.set(held);
  whole.set(piece, held.length);
  return whole;
}

/** 256 fixed pseudo-random words, from splitmix32 with the seed 0x7472696d. */
function gearTable(): Int32Array {
  let state = 0x7472696d;
  return Int32Array.from({ length: 256 }, () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  });
}
