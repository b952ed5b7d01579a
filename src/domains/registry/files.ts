import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { GoldenRows, ModelSignature } from '#contract';
import { putContent } from '#platform/blob';
import type { VersionRef } from '#platform/kernel';
import { onnxProblem } from './core/onnx-outline.ts';
import { registryErrors } from './errors.ts';
import { FILE_LIMIT_BYTES, type StoredVersion } from './model.ts';
import type { Room } from './room.ts';
import { findVersion, findVersionByRef } from './versions.ts';

const PREFIX = 'models';

/** A version as a server needs it to answer. */
export interface LoadedVersion {
  readonly onnx: Uint8Array;
  readonly signature: ModelSignature;
  readonly golden?: GoldenRows;
}

export function fileVerbs(room: Room) {
  const { blobs } = room.options;

  return {
    /** Stores a model file under its digest, streaming; nothing is kept of one that is empty or too large. */
    async uploadFile(data: AsyncIterable<Uint8Array>): Promise<{ digest: string; sizeBytes: number }> {
      return putContent(blobs, PREFIX, withinLimit(data));
    },

    /** The file of a version: a number, an alias or `latest`. */
    async readFile(model: string, version: string): Promise<{ name: string; stream: Readable; sizeBytes: number }> {
      const found = withFile((await findVersion(room, model, version)).version);
      const stream = await blobs.read(`${PREFIX}/${found.file.digest}`);
      const name = `${model.replace(/[^\w.-]/g, '_')}-${found.version}.onnx`;
      return { name, stream, sizeBytes: found.file.sizeBytes };
    },

    /**
     * What serving needs of a version, its bytes checked against their digest.
     *
     * @throws REGISTRY_VERSION_NOT_FOUND, REGISTRY_VERSION_WITHOUT_FILE, REGISTRY_FILE_DAMAGED
     */
    async load(version: VersionRef): Promise<LoadedVersion> {
      const { model, version: stored } = await findVersionByRef(room, version);
      const found = withFile(stored);
      const onnx = await blobs.bytes(`${PREFIX}/${found.file.digest}`);
      if (createHash('sha256').update(onnx).digest('hex') !== found.file.digest) {
        throw registryErrors.REGISTRY_FILE_DAMAGED({ version, file: found.file.digest });
      }
      const { golden } = await room.versions.parts(model.key, found.version);
      return { onnx, signature: found.signature, ...(golden ? { golden } : {}) };
    },
  };
}

/** A version that has its file here, and so its signature. */
export function withFile(version: StoredVersion) {
  const { file, signature, source } = version;
  if (file && signature) return { ...version, file, signature };
  throw registryErrors.REGISTRY_VERSION_WITHOUT_FILE({ version: version.ref, source: source?.uri ?? 'nowhere' });
}

/** The size of an uploaded file that is an ONNX file. */
export async function sizeOfOnnxFile({ options: { blobs } }: Room, digest: string): Promise<number> {
  const key = `${PREFIX}/${digest}`;
  const stat = await blobs.stat(key);
  if (!stat) throw registryErrors.REGISTRY_FILE_NOT_FOUND({ file: digest });
  const problem = await onnxProblem(stat.sizeBytes, (start, end) => blobs.bytes(key, { start, end }));
  if (problem) throw registryErrors.REGISTRY_VERSION_INVALID({ field: 'file', problem });
  return stat.sizeBytes;
}

async function* withinLimit(data: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const part of data) {
    sizeBytes += part.byteLength;
    if (sizeBytes > FILE_LIMIT_BYTES) throw registryErrors.REGISTRY_FILE_TOO_LARGE({ limitBytes: FILE_LIMIT_BYTES });
    yield part;
  }
  if (sizeBytes === 0) throw registryErrors.REGISTRY_FILE_EMPTY({});
}
