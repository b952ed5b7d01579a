import type { BlobStore } from './blob-store.ts';
import { blobErrors } from './errors.ts';
import type { FileTree } from './file-tree.ts';
import { FolderBlobStore } from './folder.ts';
import { FolderTree, type FolderTreeOptions } from './folder-tree.ts';
import { MemoryBlobStore } from './memory.ts';
import { S3BlobStore } from './s3.ts';
import type { S3Options } from './s3-bucket.ts';
import { S3Tree } from './s3-tree.ts';

export type { BlobStore, ByteRange } from './blob-store.ts';
export { putContent, type StoredContent, stageContent } from './content.ts';
export { type FileTree, type OpenFile, type Removed, subtree, type TreeFile } from './file-tree.ts';
export { MemoryBlobStore } from './memory.ts';
export { assertTreePath, refusedPath } from './tree-path.ts';

/**
 * Opens the object storage a URL names: `file:<folder>`, `s3://bucket/prefix?endpoint=…&region=…&forcePathStyle=true`
 * or `memory:`.
 *
 * @throws BLOB_URL_UNKNOWN for anything else
 */
export function openBlobStore(url: string): BlobStore {
  if (url === 'memory:') return new MemoryBlobStore();
  if (url.startsWith('file:')) return new FolderBlobStore(folderOf(url));
  if (url.startsWith('s3:')) return new S3BlobStore(s3Options(url));
  throw blobErrors.BLOB_URL_UNKNOWN({ url: withoutSecrets(url), problem: 'its kind is unknown' });
}

/**
 * Opens the files that a URL names: of a folder (`file:<folder>` or a path) or of a bucket (`s3://bucket/prefix?…`).
 *
 * @throws BLOB_URL_UNKNOWN for anything else
 */
export function openFileTree(url: string, options: FolderTreeOptions = {}): FileTree {
  if (url.startsWith('file:')) return new FolderTree(folderOf(url), options);
  if (url.startsWith('s3:')) return new S3Tree(s3Options(url));
  if (url !== '' && !/^[a-z][a-z0-9+.-]+:/i.test(url)) return new FolderTree(url, options);
  throw blobErrors.BLOB_URL_UNKNOWN({ url: withoutSecrets(url), problem: 'its kind is unknown' });
}

function folderOf(url: string): string {
  const path = url.startsWith('file://') ? decodeURIComponent(new URL(url).pathname) : url.slice('file:'.length);
  if (path === '') throw blobErrors.BLOB_URL_UNKNOWN({ url, problem: 'the folder is missing' });
  return path;
}

const S3_SETTINGS: readonly string[] = ['endpoint', 'region', 'forcePathStyle'];

function s3Options(text: string): S3Options {
  const refuse = (problem: string) => blobErrors.BLOB_URL_UNKNOWN({ url: withoutSecrets(text), problem });
  if (!URL.canParse(text)) throw refuse('it is no URL');
  const url = new URL(text);
  if (url.hostname === '') throw refuse('the bucket is missing');
  const unknown = [...url.searchParams.keys()].find((name) => !S3_SETTINGS.includes(name));
  if (unknown) throw refuse(`"${unknown}" is no setting of it; there are ${S3_SETTINGS.join(', ')}`);
  const endpoint = url.searchParams.get('endpoint') ?? undefined;
  if (endpoint !== undefined && !URL.canParse(endpoint)) throw refuse('its endpoint is no URL');
  const region = url.searchParams.get('region') ?? undefined;
  const pathStyle = url.searchParams.get('forcePathStyle');
  if (pathStyle !== null && pathStyle !== 'true' && pathStyle !== 'false')
    throw refuse('forcePathStyle is true or false');
  return {
    bucket: url.hostname,
    prefix: decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, ''),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(pathStyle === null ? {} : { forcePathStyle: pathStyle === 'true' }),
  };
}

function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//…@');
}
