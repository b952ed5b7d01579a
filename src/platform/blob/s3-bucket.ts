import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { isTrimtabError } from '#platform/kernel';
import type { ByteRange } from './blob-store.ts';
import { blobErrors } from './errors.ts';
import type { SignedLeave } from './file-tree.ts';
import { inParts } from './parts.ts';

export interface S3Options {
  readonly bucket: string;
  /** Comes before every key, without a slash at its end; empty for none. */
  readonly prefix: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly forcePathStyle?: boolean;
}

export interface S3Object {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

interface S3Page {
  readonly objects: readonly S3Object[];
  /** With a slash at the end. */
  readonly folders: readonly string[];
}

type Sdk = typeof import('@aws-sdk/client-s3');

/**
 * Objects of an S3 bucket. Credentials are found as every AWS tool finds them: environment, profile, instance role.
 * A stream larger than one part is uploaded in parts, with at most one part in memory; S3 shows the object when the last one is in.
 */
export class S3Bucket {
  readonly #options: S3Options;
  readonly #keyPrefix: string;
  #loaded: Promise<{ readonly sdk: Sdk; readonly client: S3Client }> | undefined;

  constructor(options: S3Options) {
    this.#options = options;
    this.#keyPrefix = options.prefix === '' ? '' : `${options.prefix}/`;
  }

  async put(key: string, data: Uint8Array | AsyncIterable<Uint8Array>): Promise<{ readonly sizeBytes: number }> {
    const address = this.#address(key);
    if (data instanceof Uint8Array) return this.#putWhole(key, address, data);
    const parts = inParts(data)[Symbol.asyncIterator]();
    const first = await parts.next();
    if (first.done) return this.#putWhole(key, address, new Uint8Array());
    const second = await parts.next();
    if (second.done) return this.#putWhole(key, address, first.value);
    return this.#putInParts(key, address, [first.value, second.value], parts);
  }

  async #putWhole(key: string, address: Address, body: Uint8Array): Promise<{ readonly sizeBytes: number }> {
    await this.#call(key, ({ sdk, client }) => client.send(new sdk.PutObjectCommand({ ...address, Body: body })));
    return { sizeBytes: body.byteLength };
  }

  async #putInParts(
    key: string,
    address: Address,
    head: readonly Uint8Array[],
    rest: AsyncIterator<Uint8Array>,
  ): Promise<{ readonly sizeBytes: number }> {
    const { UploadId } = await this.#call(key, ({ sdk, client }) =>
      client.send(new sdk.CreateMultipartUploadCommand(address)),
    );
    const upload = { ...address, UploadId };
    const finished: { PartNumber: number; ETag: string | undefined }[] = [];
    let sizeBytes = 0;
    const send = async (body: Uint8Array) => {
      const part = { ...upload, PartNumber: finished.length + 1, Body: body };
      const { ETag } = await this.#call(key, ({ sdk, client }) => client.send(new sdk.UploadPartCommand(part)));
      finished.push({ PartNumber: part.PartNumber, ETag });
      sizeBytes += body.byteLength;
    };
    try {
      for (const part of head) await send(part);
      for (let next = await rest.next(); !next.done; next = await rest.next()) await send(next.value);
      const complete = { ...upload, MultipartUpload: { Parts: finished } };
      await this.#call(key, ({ sdk, client }) => client.send(new sdk.CompleteMultipartUploadCommand(complete)));
      return { sizeBytes };
    } catch (error) {
      await rest.return?.();
      const { sdk, client } = await this.#load();
      // The first failure is the one to tell; S3 can be told to expire parts whose abort was lost.
      await client.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => undefined);
      throw error;
    }
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    const address = this.#address(key);
    if (range && range.end <= range.start) {
      if (!(await this.head(key))) throw blobErrors.BLOB_NOT_FOUND({ key });
      return Readable.from([], { objectMode: false });
    }
    const Range = range ? `bytes=${range.start}-${range.end - 1}` : undefined;
    try {
      const { Body } = await this.#call(key, ({ sdk, client }) =>
        client.send(new sdk.GetObjectCommand({ ...address, ...(Range ? { Range } : {}) })),
      );
      // On Node the SDK's body is always a Readable.
      return Body as Readable;
    } catch (error) {
      if (range && isTrimtabError(error) && statusOf(error.cause) === 416) {
        return Readable.from([], { objectMode: false });
      }
      throw error;
    }
  }

  async bytes(key: string, range?: ByteRange): Promise<Uint8Array> {
    const parts: Buffer[] = [];
    try {
      for await (const part of await this.read(key, range)) parts.push(part as Buffer);
    } catch (error) {
      throw isTrimtabError(error) ? error : failure(key, error);
    }
    return Buffer.concat(parts);
  }

  async head(key: string): Promise<S3Object | undefined> {
    const address = this.#address(key);
    try {
      const { ContentLength, LastModified } = await this.#call(key, ({ sdk, client }) =>
        client.send(new sdk.HeadObjectCommand(address)),
      );
      return { key, sizeBytes: ContentLength ?? 0, modifiedAtMs: LastModified?.getTime() ?? 0 };
    } catch (error) {
      if (isTrimtabError(error, 'BLOB_NOT_FOUND')) return undefined;
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    const address = this.#address(key);
    await this.#call(key, ({ sdk, client }) => client.send(new sdk.DeleteObjectCommand(address)));
  }

  /** An address that holds leave to read or write an object, see {@link SignedLeave}. */
  async sign(key: string, { to, seconds, contentType }: SignedLeave): Promise<string> {
    const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
    const address = this.#address(key);
    return this.#call(key, ({ sdk, client }) => {
      const options = { expiresIn: seconds, signableHeaders: new Set(['content-type', 'host']) };
      if (to === 'read') return getSignedUrl(client, new sdk.GetObjectCommand(address), options);
      const type = contentType === undefined ? {} : { ContentType: contentType };
      return getSignedUrl(client, new sdk.PutObjectCommand({ ...address, ...type }), options);
    });
  }

  /** Pages of what starts with the prefix; with a delimiter what lies deeper is told by its folder alone. */
  async *pages(prefix: string, delimiter?: '/'): AsyncIterable<S3Page> {
    const query = { Bucket: this.#options.bucket, Prefix: this.#keyPrefix + prefix };
    const name = (key: string) => key.slice(this.#keyPrefix.length);
    let ContinuationToken: string | undefined;
    do {
      const more = {
        ...(ContinuationToken ? { ContinuationToken } : {}),
        ...(delimiter ? { Delimiter: delimiter } : {}),
      };
      const page = await this.#call(prefix, ({ sdk, client }) =>
        client.send(new sdk.ListObjectsV2Command({ ...query, ...more })),
      );
      const objects = (page.Contents ?? []).flatMap(({ Key, Size, LastModified }) =>
        Key ? [{ key: name(Key), sizeBytes: Size ?? 0, modifiedAtMs: LastModified?.getTime() ?? 0 }] : [],
      );
      const folders = (page.CommonPrefixes ?? []).flatMap(({ Prefix }) => (Prefix ? [name(Prefix)] : []));
      yield { objects, folders };
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
  }

  #address(key: string): Address {
    return { Bucket: this.#options.bucket, Key: this.#keyPrefix + key };
  }

  async #call<Result>(
    key: string,
    work: (loaded: { readonly sdk: Sdk; readonly client: S3Client }) => Promise<Result>,
  ): Promise<Result> {
    const loaded = await this.#load();
    try {
      return await work(loaded);
    } catch (error) {
      throw failure(key, error);
    }
  }

  #load(): Promise<{ readonly sdk: Sdk; readonly client: S3Client }> {
    this.#loaded ??= import('@aws-sdk/client-s3').then((sdk) => {
      const { endpoint, region, forcePathStyle } = this.#options;
      const client = new sdk.S3Client({
        // Checksums beyond what a request requires are unknown to many servers that speak S3.
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
        ...(endpoint ? { endpoint } : {}),
        ...(region ? { region } : {}),
        ...(forcePathStyle === undefined ? {} : { forcePathStyle }),
      });
      return { sdk, client };
    });
    return this.#loaded;
  }
}

interface Address {
  readonly Bucket: string;
  readonly Key: string;
}

function failure(key: string, error: unknown) {
  const { name, message } = error as Error;
  const missing = statusOf(error) === 404 && name !== 'NoSuchBucket' && name !== 'NoSuchUpload';
  if (missing) return blobErrors.BLOB_NOT_FOUND({ key }, error);
  return blobErrors.BLOB_UNAVAILABLE({ key, problem: message === name ? name : `${name}: ${message}` }, error);
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}
