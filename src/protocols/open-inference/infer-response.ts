import { writeFloats, writeStrings } from './datatypes.ts';
import { openInferenceErrors } from './errors.ts';
import type { InferRequest } from './infer-request.ts';

interface OutputTensor {
  readonly name: string;
  readonly datatype: 'FP32' | 'BYTES';
  readonly values: readonly (number | string)[];
}

export interface InferAnswer {
  readonly body: Buffer | string;
  /** Length of the JSON part, when tensors follow it as bytes. */
  readonly headerLength: number | undefined;
}

/** Writes an inference response: the outputs asked for, as JSON or, where asked, as bytes after the JSON. */
export function writeInferResponse(
  request: InferRequest,
  answer: {
    readonly model: string;
    readonly version: string | undefined;
    readonly parameters: Readonly<Record<string, string>>;
    /** The first is what is given when no outputs are asked for. */
    readonly tensors: readonly [OutputTensor, ...OutputTensor[]];
  },
): InferAnswer {
  const [main] = answer.tensors;
  const wanted = request.outputs ?? [{ name: main.name, binary: request.binaryOutput }];
  const parts: Buffer[] = [];
  const outputs = wanted.map(({ name, binary }) => {
    const tensor = answer.tensors.find((candidate) => candidate.name === name);
    if (!tensor) throw unknownOutput(answer.model, name);
    const head = { name, datatype: tensor.datatype, shape: [tensor.values.length, 1] };
    if (!binary) return { ...head, data: tensor.values };
    const bytes =
      tensor.datatype === 'FP32' ? writeFloats(tensor.values as number[]) : writeStrings(tensor.values as string[]);
    parts.push(bytes);
    return { ...head, parameters: { binary_data_size: bytes.length } };
  });
  const json = JSON.stringify({
    model_name: answer.model,
    model_version: answer.version,
    id: request.id,
    parameters: answer.parameters,
    outputs,
  });
  if (parts.length === 0) return { body: json, headerLength: undefined };
  const head = Buffer.from(json);
  return { body: Buffer.concat([head, ...parts]), headerLength: head.length };
}

/** Checked before anything is predicted or logged. */
export function assertOutputs(request: InferRequest, model: string, names: readonly string[]): void {
  for (const { name } of request.outputs ?? []) if (!names.includes(name)) throw unknownOutput(model, name);
}

function unknownOutput(model: string, name: string) {
  return openInferenceErrors.OPEN_INFERENCE_MALFORMED({
    where: `unexpected inference output '${name}'`,
    problem: `for model '${model}'`,
  });
}
