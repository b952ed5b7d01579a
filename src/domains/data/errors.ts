import { defineErrors } from '#platform/kernel';

export const dataErrors = defineErrors({
  DATA_REPOSITORY_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { repository: string }) =>
      `There is no repository "${d.repository}". List them with: trimtab data repos`,
  },
  DATA_REF_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { repository: string; ref: string }) =>
      `"${d.ref}" is no branch, tag or commit of ${d.repository}. See: trimtab data log ${d.repository}`,
  },
  DATA_BRANCH_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { repository: string; branch: string }) =>
      `Repository ${d.repository} has no branch "${d.branch}". Make it with: trimtab data branch ${d.repository} ${d.branch}`,
  },
  DATA_PATH_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { repository: string; ref: string; path: string }) =>
      `There is no file "${d.path}" in ${d.repository} at ${d.ref}. See: trimtab data ls ${d.repository}`,
  },
  DATA_OBJECT_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { repository: string; path: string; object: string }) =>
      `"${d.path}" names the object ${d.object}, which was never uploaded to ${d.repository}. Upload the file first and use the digest it answers.`,
  },
  DATA_PATH_INVALID: {
    kind: 'invalid',
    message: (d: { path: string; problem: string }) =>
      `"${d.path}" cannot name a file of a repository: ${d.problem}. Use names joined by /, such as raw/2001-01.parquet.`,
  },
  DATA_CHANGES_CONFLICT: {
    kind: 'invalid',
    message: (d: { path: string; problem: string }) =>
      `The changes do not go together: "${d.path}" ${d.problem}. Nothing was committed.`,
  },
  DATA_TABLE_INVALID: {
    kind: 'invalid',
    message: (d: { path: string; problem: string }) =>
      `"${d.path}" does not hold the table its name promises: ${d.problem}. Mend the file, or give it another extension if it is no table. Nothing was stored.`,
  },
  DATA_UPLOAD_TOO_LARGE: {
    kind: 'too-large',
    message: (d: { name: string; limitBytes: number }) =>
      `"${d.name}" is larger than the ${d.limitBytes} bytes that one upload may hold. Split the table into several files. Nothing was stored.`,
  },
  DATA_UPLOAD_BROKEN: {
    kind: 'invalid',
    message: (d: { name: string }) => `The upload of "${d.name}" broke off. Nothing was stored; send it again.`,
  },
  DATA_NAME_TAKEN: {
    kind: 'conflict',
    message: (d: { what: string; name: string; problem: string }) =>
      `The ${d.what} cannot be called "${d.name}": ${d.problem}. Choose another name.`,
  },
  DATA_BRANCH_MOVED: {
    kind: 'conflict',
    message: (d: { repository: string; branch: string; expected: string; head: string | null }) =>
      d.head === null
        ? `Branch ${d.branch} of ${d.repository} was removed meanwhile. Nothing was changed; what you uploaded is kept.`
        : `Branch ${d.branch} of ${d.repository} moved: it is at ${d.head.slice(0, 12)} now, not at ${d.expected.slice(0, 12)}. Nothing was changed and what you uploaded is kept: look at the new head, then ask the same again.`,
  },
  DATA_BRANCH_PROTECTED: {
    kind: 'conflict',
    message: (d: { repository: string; branch: string }) =>
      `Branch ${d.branch} is the default branch of ${d.repository} and cannot be removed.`,
  },
  DATA_KEY_REUSED: {
    kind: 'conflict',
    message: (d: { key: string; commit: string }) =>
      `The idempotency key "${d.key}" belongs to another request, which made commit ${d.commit.slice(0, 12)}. Use a new key for new changes.`,
  },
  DATA_CHUNK_DAMAGED: {
    kind: 'unavailable',
    message: (d: { object: string; chunk: string; pack: string }) =>
      `Chunk ${d.chunk.slice(0, 12)} of object ${d.object.slice(0, 12)} does not match its digest: pack ${d.pack} is damaged. Restore that pack from a backup.`,
  },
});
