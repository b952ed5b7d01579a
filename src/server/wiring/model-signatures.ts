import { parse } from 'yaml';
import type { CardSignature } from '#contract';
import type { Tracking } from '#domains/tracking';
import { accessOf } from '#platform/auth';
import type { Principal } from '#platform/http';
import { isTrimtabError } from '#platform/kernel';

/** MLflow keeps what it knows of a model in this file beside it. */
const FILE = 'MLmodel';
const FILE_LIMIT_BYTES = 4 * 1024 * 1024;

type Fields = Readonly<Record<string, unknown>>;
type Part = CardSignature['inputs'][number];

/** Signatures of logged models, as their files tell them: of those that the reader may see. */
export function modelSignatures(tracking: Pick<Tracking, 'getLoggedModel' | 'openArtifact'>) {
  return async (loggedModel: string, reader: Principal): Promise<CardSignature | undefined> => {
    try {
      const { experimentId } = await tracking.getLoggedModel(loggedModel);
      if (!accessOf(reader).may('READ', 'experiment', experimentId)) return undefined;
      const opened = await tracking.openArtifact(`logged-model:${loggedModel}`, FILE);
      if (opened.file.sizeBytes > FILE_LIMIT_BYTES) return undefined;
      const parts: Buffer[] = [];
      for await (const part of await opened.read()) parts.push(Buffer.from(part));
      return signatureIn(Buffer.concat(parts).toString('utf8'));
    } catch (error) {
      // It was deleted, or has no such file.
      if (isTrimtabError(error) && error.kind === 'not-found') return undefined;
      throw error;
    }
  };
}

/** The signature in an MLmodel file; undefined when it has none that can be read. */
export function signatureIn(text: string): CardSignature | undefined {
  try {
    const { signature } = parse(text, { maxAliasCount: 10 }) as { readonly signature?: Fields };
    if (!isFields(signature)) return undefined;
    return { inputs: partsIn(signature.inputs), outputs: partsIn(signature.outputs) };
  } catch {
    // Whoever made the file wrote something else: it tells of no signature.
    return undefined;
  }
}

/** A schema is JSON in the YAML: columns with a type each, or tensors with their shape. */
function partsIn(schema: unknown): Part[] {
  const parts: unknown = typeof schema === 'string' ? JSON.parse(schema) : [];
  return Array.isArray(parts) ? parts.filter(isFields).map(partOf) : [];
}

function partOf(part: Fields): Part {
  const name = typeof part.name === 'string' ? part.name : null;
  const tensor = part['tensor-spec'];
  if (isFields(tensor)) {
    const shape = Array.isArray(tensor.shape) ? tensor.shape.filter((size) => Number.isSafeInteger(size)) : null;
    return { name, type: `tensor of ${String(tensor.dtype)}`, shape, nullable: false };
  }
  return { name, type: String(part.type), shape: null, nullable: part.required === false || part.optional === true };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
