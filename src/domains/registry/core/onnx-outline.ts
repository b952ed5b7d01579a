/**
 * Tells an ONNX file from any other, and from a truncated one, by its outline alone: ModelProto of onnx.proto3 in
 * Protocol Buffers' wire format. Only the heads of the outermost fields are read, so a file of 2 GiB is checked by a
 * few small reads.
 */

const IR_VERSION = 1;
const GRAPH = 7;
/** A tag and a length, each a varint of at most 10 bytes. */
const FIELD_HEAD_BYTES = 20;
/** Real models have a few dozen outermost fields; beyond this it is something else. */
const MAX_FIELDS = 10_000;

/** @param read the bytes from `start` to `end` (exclusive), fewer at the end of the file */
export async function onnxProblem(
  sizeBytes: number,
  read: (start: number, end: number) => Promise<Uint8Array>,
): Promise<string | undefined> {
  const seen = new Set<number>();
  let position = 0;
  for (let fields = 0; position < sizeBytes; fields++) {
    const end = Math.min(position + FIELD_HEAD_BYTES, sizeBytes);
    const field = fieldAt(await read(position, end));
    if (!field || fields === MAX_FIELDS || (fields === 0 && field.number !== IR_VERSION)) return 'is no ONNX file';
    seen.add(field.number);
    position += field.sizeBytes;
  }
  if (position > sizeBytes) return `is truncated: ${sizeBytes} of at least ${position} bytes are there`;
  return seen.has(GRAPH) ? undefined : 'is no ONNX file: it has no graph';
}

interface Field {
  readonly number: number;
  /** Of tag, length and content together. */
  readonly sizeBytes: number;
}

function fieldAt(head: Uint8Array): Field | undefined {
  const tag = varintAt(head, 0);
  if (!tag) return undefined;
  const number = Math.floor(tag.value / 8);
  if (number < 1 || number > 25) return undefined;
  switch (tag.value % 8) {
    case 0: {
      const value = varintAt(head, tag.end);
      return value && { number, sizeBytes: value.end };
    }
    case 1:
      return { number, sizeBytes: tag.end + 8 };
    case 2: {
      const length = varintAt(head, tag.end);
      return length && { number, sizeBytes: length.end + length.value };
    }
    case 5:
      return { number, sizeBytes: tag.end + 4 };
    default:
      return undefined;
  }
}

function varintAt(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: start + index + 1 };
  }
  return undefined;
}
