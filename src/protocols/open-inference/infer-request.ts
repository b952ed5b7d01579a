import { gunzipSync, inflateSync } from 'node:zlib';
import { datatypeOf, readBinary, type Scalar } from './datatypes.ts';
import { openInferenceErrors } from './errors.ts';

type JsonObject = Readonly<Record<string, unknown>>;

export interface InferRequest {
  readonly id: string | undefined;
  readonly parameters: JsonObject;
  readonly rows: readonly Readonly<Record<string, Scalar>>[];
  /** The outputs asked for; undefined asks for all. */
  readonly outputs: readonly { readonly name: string; readonly binary: boolean }[] | undefined;
  /** Whether outputs that are not named one by one come as binary. */
  readonly binaryOutput: boolean;
}

/** Rows of one request, the same limit as the typed API has. */
const MAX_ROWS = 10_000;

/**
 * Reads an inference request: JSON, or JSON followed by the raw bytes of tensors (the binary tensor data extension),
 * whose length of JSON is told by a header.
 *
 * @param headerLength value of `Inference-Header-Content-Length`, when sent
 * @throws OPEN_INFERENCE_MALFORMED naming the input at fault
 */
export function readInferRequest(body: Buffer, headerLength: string | undefined): InferRequest {
  const jsonBytes = headerLength === undefined ? body.length : jsonLength(headerLength, body.length);
  const json = parseObject(body.subarray(0, jsonBytes));
  const tensors = readTensors(json.inputs, body.subarray(jsonBytes));
  const parameters = objectOr(json.parameters, 'parameters');
  if (json.id !== undefined && typeof json.id !== 'string') throw malformed('id', 'is not a string');
  return {
    id: json.id,
    parameters,
    rows: rowsOf(tensors),
    outputs: json.outputs === undefined ? undefined : readOutputs(json.outputs, parameters),
    binaryOutput: parameters.binary_data_output === true,
  };
}

/** Undoes `Content-Encoding`; at most `limitBytes` come out. */
export function decompress(body: Buffer, encoding: string | undefined, limitBytes: number): Buffer {
  if (encoding === undefined || encoding === 'identity') return body;
  try {
    if (encoding === 'gzip') return gunzipSync(body, { maxOutputLength: limitBytes });
    if (encoding === 'deflate') return inflateSync(body, { maxOutputLength: limitBytes });
  } catch (error) {
    throw openInferenceErrors.OPEN_INFERENCE_MALFORMED(
      { where: 'the body', problem: `is no ${encoding} data, or more than ${limitBytes} bytes of it` },
      error,
    );
  }
  throw malformed('Content-Encoding', `is ${JSON.stringify(encoding)}, expected gzip or deflate`);
}

interface Tensor {
  readonly name: string;
  readonly values: readonly Scalar[];
}

function readTensors(inputs: unknown, binary: Buffer): Tensor[] {
  if (!Array.isArray(inputs) || inputs.length === 0) throw malformed('inputs', 'must be a list of at least one tensor');
  let offset = 0;
  const tensors = inputs.map((input: unknown, index): Tensor => {
    const tensor = objectOr(input, `inputs[${index}]`);
    const { name, shape } = tensor;
    if (typeof name !== 'string') throw malformed(`inputs[${index}]`, 'has no name');
    const datatype = datatypeOf(tensor.datatype, name);
    const sizeBytes = objectOr(tensor.parameters, `parameters of input '${name}'`).binary_data_size;
    let values: readonly Scalar[];
    if (sizeBytes === undefined) {
      values = readJsonData(name, tensor.data, datatype.json);
    } else {
      const end = offset + sizeOf(name, sizeBytes);
      if (end > binary.length) throw malformed(`input '${name}'`, 'has a binary_data_size beyond the end of the body');
      values = readBinary(datatype, binary.subarray(offset, end), name);
      offset = end;
    }
    const count = rowCount(name, shape);
    if (values.length !== count) {
      throw malformed(`input '${name}'`, `has ${values.length} values for shape ${JSON.stringify(shape)}`);
    }
    return { name, values };
  });
  if (offset !== binary.length) throw malformed('the body', `holds ${binary.length - offset} bytes of no tensor`);
  return tensors;
}

/** Every input is one column: shape [N] or [N, 1]. */
function rowCount(name: string, shape: unknown): number {
  const [count, width = 1, ...more] = Array.isArray(shape) ? (shape as unknown[]) : [];
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || width !== 1 || more.length > 0) {
    throw malformed(`input '${name}'`, `has shape ${JSON.stringify(shape)}, expected [N, 1] with N of at least 1`);
  }
  if (count > MAX_ROWS) throw malformed(`input '${name}'`, `has ${count} rows, at most ${MAX_ROWS} are taken at once`);
  return count;
}

function readJsonData(name: string, data: unknown, type: 'string' | 'number' | 'boolean'): Scalar[] {
  if (!Array.isArray(data)) throw malformed(`input '${name}'`, 'has neither data nor a binary_data_size');
  // Row-major order is the order of the flattened list, however deep it is nested.
  const flat = data.every((item) => !Array.isArray(item)) ? data : data.flat(8);
  return flat.map((value: unknown, index) => {
    if (value === null) return null;
    // JSON writes BOOL as true or as 1.
    if (type === 'boolean' && (value === 0 || value === 1)) return value === 1;
    if (typeof value === type) return value as Scalar;
    throw malformed(`input '${name}'`, `has ${JSON.stringify(value)?.slice(0, 80)} at ${index}, expected a ${type}`);
  });
}

function rowsOf(tensors: readonly Tensor[]): Record<string, Scalar>[] {
  const count = tensors[0]?.values.length ?? 0;
  const names = new Set<string>();
  for (const { name, values } of tensors) {
    if (names.has(name)) throw malformed(`input '${name}'`, 'is given twice');
    names.add(name);
    if (values.length !== count) throw malformed(`input '${name}'`, `has ${values.length} rows, others have ${count}`);
  }
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(tensors.map(({ name, values }) => [name, plain(values[row] ?? null)])),
  );
}

/** Models take booleans as the numbers 0 and 1. */
function plain(value: Scalar): Scalar {
  return typeof value === 'boolean' ? Number(value) : value;
}

function readOutputs(outputs: unknown, parameters: JsonObject) {
  if (!Array.isArray(outputs)) throw malformed('outputs', 'must be a list');
  return outputs.map((output: unknown, index) => {
    const { name, parameters: own } = objectOr(output, `outputs[${index}]`);
    if (typeof name !== 'string') throw malformed(`outputs[${index}]`, 'has no name');
    const binary = objectOr(own, `parameters of output '${name}'`).binary_data ?? parameters.binary_data_output;
    return { name, binary: binary === true };
  });
}

function jsonLength(header: string, bodyLength: number): number {
  const length = /^\d{1,15}$/.test(header) ? Number(header) : Number.NaN;
  if (length > 0 && length <= bodyLength) return length;
  const problem = `is ${JSON.stringify(header.slice(0, 40))} for a body of ${bodyLength} bytes`;
  throw malformed('Inference-Header-Content-Length', `${problem}, expected the length of its JSON part`);
}

function sizeOf(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw malformed(`input '${name}'`, `has binary_data_size ${JSON.stringify(value)}, expected a number of bytes`);
}

function parseObject(bytes: Buffer): JsonObject {
  try {
    return objectOr(JSON.parse(bytes.toString('utf8')), 'the body');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw openInferenceErrors.OPEN_INFERENCE_MALFORMED(
      { where: 'the body', problem: `is not JSON: ${error.message}` },
      error,
    );
  }
}

function objectOr(value: unknown, where: string): JsonObject {
  if (value === undefined) return {};
  // A JSON value that is an object and no list has string keys; what they hold is checked where it is used.
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw malformed(where, 'is not an object');
}

function malformed(where: string, problem: string) {
  return openInferenceErrors.OPEN_INFERENCE_MALFORMED({ where, problem });
}
