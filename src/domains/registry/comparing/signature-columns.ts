import type { CardSignature, ModelSignature } from '#contract';

/** What a version takes and answers, so that it can be held against that of another. */
export interface SignatureColumns {
  /** By name. */
  readonly inputs: ReadonlyMap<string, { readonly type: string; readonly nullable: boolean }>;
  readonly output: string;
}

export function onnxColumns({ inputs, output }: ModelSignature): SignatureColumns {
  return { inputs: new Map(inputs.map(({ name, type, nullable }) => [name, { type, nullable }])), output };
}

/** What a client of MLflow wrote down: columns, or tensors with their shape, which may have no name. */
export function columnsOf(signature: CardSignature | undefined): SignatureColumns | undefined {
  if (!signature) return undefined;
  const { inputs, outputs } = signature;
  return {
    inputs: new Map(
      inputs.map((part, place) => [
        part.name ?? (inputs.length === 1 ? 'input' : `input ${place + 1}`),
        { type: typeOf(part), nullable: part.nullable },
      ]),
    ),
    output: outputs.map((part) => (part.name === null ? typeOf(part) : `${part.name} (${typeOf(part)})`)).join(', '),
  };
}

function typeOf({ type, shape }: CardSignature['inputs'][number]): string {
  return shape === null ? type : `${type}, ${shape.map((size) => (size < 0 ? 'N' : size)).join(' × ')}`;
}
