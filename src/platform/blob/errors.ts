import { defineErrors } from '#platform/kernel';

export const blobErrors = defineErrors({
  BLOB_URL_UNKNOWN: {
    kind: 'invalid',
    message: (d: { url: string; problem: string }) =>
      `"${d.url}" names no object storage (${d.problem}): use file:<folder>, s3://bucket/prefix?endpoint=…&region=… or memory:.`,
  },
  BLOB_KEY_INVALID: {
    kind: 'invalid',
    message: (d: { key: string; problem: string }) => `"${d.key}" cannot be the key of an object: ${d.problem}.`,
  },
  BLOB_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { key: string }) =>
      `The object storage holds no "${d.key}". If it should, it was removed from outside: restore the storage from a backup.`,
  },
  BLOB_UNAVAILABLE: {
    kind: 'unavailable',
    message: (d: { key: string; problem: string }) =>
      `The object storage failed at "${d.key}": ${d.problem}. Check its address, credentials and free space, then try again.`,
  },
});
