/**
 * Content-defined chunking with a gear hash (Xia et al., Ddelta, 2014; the sizes are near those of Xet). A cut depends only on the 32
 * bytes before it, so bytes put into or taken out of a file change the chunks around them and no others.
 *
 * FastCDC's normalised sizes (two masks) are left out on purpose: with them a cut depends on where its chunk began, and after an
 * insertion it takes several chunks, not one or two, until the old cuts are found again.
 *
 * The sizes, the mask and the gear table decide which chunks old data was cut into. To change one is not wrong, but new
 * files then share nothing with files stored before.
 */
const MIN_BYTES = 8 * 1024;
const WHOLE_BYTES = 64 * 1024;
const MAX_BYTES = 256 * 1024;
const GATHER_BYTES = 1024 * 1024;

/** 16 bits must be zero: a cut every 64 KiB on average. The highest bits depend on the most bytes. */
const MASK = 0xffff0000 | 0;

const GEAR = gearTable();

/**
 * Cuts a stream into chunks, in order; joined they are the stream. A file of at most 64 KiB stays one chunk, an empty one has
 * none. Little more than a MiB, or one piece of the source, is in memory.
 */
export async function* chunked(data: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array = new Uint8Array();
  let cutAny = false;
  for await (const bytes of gathered(data)) {
    held = joined([held, bytes]);
    let at = 0;
    while (held.length - at >= MAX_BYTES) {
      const end = cutAfter(held, at);
      yield held.subarray(at, end);
      cutAny = true;
      at = end;
    }
    held = held.subarray(at);
  }
  if (!cutAny && held.length <= WHOLE_BYTES) {
    if (held.length > 0) yield held;
    return;
  }
  for (let at = 0; at < held.length; ) {
    const end = cutAfter(held, at);
    yield held.subarray(at, end);
    at = end;
  }
}

/** Joins small pieces, so that what is left over from one cut to the next is seldom copied. */
async function* gathered(data: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of data) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes < GATHER_BYTES) continue;
    yield joined(pieces);
    pieces = [];
    bytes = 0;
  }
  yield joined(pieces);
}

/** Where the chunk that starts at `from` ends. The bytes must reach to the end of the file or hold a largest chunk. */
function cutAfter(bytes: Uint8Array, from: number): number {
  const end = Math.min(from + MAX_BYTES, bytes.length);
  let hash = 0;
  for (let at = from + MIN_BYTES; at < end; at++) {
    hash = ((hash << 1) + (GEAR[bytes[at] as number] as number)) | 0;
    if ((hash & MASK) === 0) return at + 1;
  }
  return end;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
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
