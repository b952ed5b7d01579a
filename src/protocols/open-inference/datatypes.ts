import { openInferenceErrors } from './errors.ts';

/** A value of a tensor. Integers of 64 bits become numbers: models compute in float32 and times are below 2^53. */
export type Scalar = string | number | boolean | null;

interface Datatype {
  /** Bytes of an element in the binary extension; undefined where elements vary in size. */
  readonly sizeBytes: number | undefined;
  /** The JSON values an element may have. */
  readonly json: 'string' | 'number' | 'boolean';
  readonly read: (view: DataView, offset: number) => Scalar;
}

const number = (sizeBytes: number, read: (view: DataView, offset: number) => number): Datatype => ({
  sizeBytes,
  json: 'number',
  // JSON cannot carry NaN, so in JSON a missing number is null; in binary it is NaN. Both mean the same here.
  read: (view, offset) => {
    const value = read(view, offset);
    return Number.isNaN(value) ? null : value;
  },
});

/** Datatypes of the Open Inference Protocol, version 2. All are little-endian in binary. */
const DATATYPES: Readonly<Record<string, Datatype>> = {
  BOOL: { sizeBytes: 1, json: 'boolean', read: (view, offset) => view.getUint8(offset) !== 0 },
  UINT8: number(1, (view, offset) => view.getUint8(offset)),
  UINT16: number(2, (view, offset) => view.getUint16(offset, true)),
  UINT32: number(4, (view, offset) => view.getUint32(offset, true)),
  UINT64: number(8, (view, offset) => Number(view.getBigUint64(offset, true))),
  INT8: number(1, (view, offset) => view.getInt8(offset)),
  INT16: number(2, (view, offset) => view.getInt16(offset, true)),
  INT32: number(4, (view, offset) => view.getInt32(offset, true)),
  INT64: number(8, (view, offset) => Number(view.getBigInt64(offset, true))),
  FP32: number(4, (view, offset) => view.getFloat32(offset, true)),
  FP64: number(8, (view, offset) => view.getFloat64(offset, true)),
  BYTES: { sizeBytes: undefined, json: 'string', read: () => null },
};

/** @throws OPEN_INFERENCE_MALFORMED for a datatype that is not served */
export function datatypeOf(name: unknown, tensor: string): Datatype {
  const datatype = typeof name === 'string' && Object.hasOwn(DATATYPES, name) ? DATATYPES[name] : undefined;
  if (datatype) return datatype;
  const known = Object.keys(DATATYPES).join(', ');
  const problem = `has datatype ${JSON.stringify(name)}, expected one of ${known}`;
  throw openInferenceErrors.OPEN_INFERENCE_MALFORMED({ where: `input '${tensor}'`, problem });
}

/** The elements of a binary tensor. */
export function readBinary(datatype: Datatype, bytes: Uint8Array, tensor: string): Scalar[] {
  const { sizeBytes, read } = datatype;
  if (sizeBytes === undefined) return readStrings(bytes, tensor);
  if (bytes.length % sizeBytes !== 0) throw cut(tensor, `${bytes.length} bytes are no multiple of ${sizeBytes}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / sizeBytes }, (_, index) => read(view, index * sizeBytes));
}

/** BYTES: each element is a length of four bytes and then its bytes, UTF-8 here. */
function readStrings(bytes: Uint8Array, tensor: string): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const values: string[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    if (offset + 4 > bytes.length) throw cut(tensor, 'it ends within the length of an element');
    const end = offset + 4 + view.getUint32(offset, true);
    if (end > bytes.length) throw cut(tensor, 'an element is longer than the tensor');
    try {
      values.push(decoder.decode(bytes.subarray(offset + 4, end)));
    } catch (error) {
      const problem = `holds an element that is not UTF-8`;
      throw openInferenceErrors.OPEN_INFERENCE_MALFORMED({ where: `input '${tensor}'`, problem }, error);
    }
    offset = end;
  }
  return values;
}

function cut(tensor: string, problem: string) {
  return openInferenceErrors.OPEN_INFERENCE_MALFORMED({
    where: `input '${tensor}'`,
    problem: `has binary data that does not fit its datatype: ${problem}`,
  });
}

export function writeFloats(values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    buffer.writeFloatLE(value, index * 4);
  });
  return buffer;
}

export function writeStrings(values: readonly string[]): Buffer {
  return Buffer.concat(
    values.flatMap((value) => {
      const bytes = Buffer.from(value);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}
