const SMALL_PART_BYTES = 8 * 1024 * 1024;
const LARGE_PART_BYTES = 64 * 1024 * 1024;
/** S3 takes 10,000 parts. Parts grow after these, so that half a terabyte fits while a small stream stays cheap. */
const SMALL_PARTS = 500;

/** Cuts a stream into parts for a multipart upload; only the last part may be smaller than S3's least of 5 MiB. */
export async function* inParts(data: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let parts = 0;
  for await (const piece of data) {
    held.push(Buffer.from(piece));
    heldBytes += piece.byteLength;
    if (heldBytes < (parts < SMALL_PARTS ? SMALL_PART_BYTES : LARGE_PART_BYTES)) continue;
    yield Buffer.concat(held);
    held = [];
    heldBytes = 0;
    parts++;
  }
  if (heldBytes > 0) yield Buffer.concat(held);
}
