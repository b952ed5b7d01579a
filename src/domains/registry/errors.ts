import { defineErrors } from '#platform/kernel';
import type { Refusal } from '#platform/search';

export const registryErrors = defineErrors({
  REGISTRY_MODEL_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { model: string }) =>
      `There is no model "${d.model}". List them with: trimtab model list, or make it with: trimtab model create`,
  },
  REGISTRY_MODEL_EXISTS: {
    kind: 'conflict',
    message: (d: { model: string; protectedAliases: string }) =>
      `Model "${d.model}" exists with other protected aliases (${d.protectedAliases}). Leave them out, or choose another name.`,
  },
  REGISTRY_MODEL_NAME_INVALID: {
    kind: 'invalid',
    message: (d: { model: string; problem: 'empty' | 'signs' | 'path' | 'length' }) =>
      `"${d.model}" cannot be the name of a model: it ${NAME_PROBLEMS[d.problem]}. Choose another name.`,
  },
  REGISTRY_MODEL_NAME_TAKEN: {
    kind: 'conflict',
    message: (d: { model: string; by: 'model' | 'prompt'; wanted: 'model' | 'prompt' }) =>
      `There is a ${d.by} "${d.model}" already. Choose another name for the ${d.wanted}.`,
  },
  REGISTRY_VERSION_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { model: string; version: string }) =>
      `Model "${d.model}" has no version ${d.version}. List them with: trimtab model versions ${d.model}`,
  },
  REGISTRY_VERSION_INVALID: {
    kind: 'invalid',
    message: (d: { field: string; problem: string }) =>
      `The version cannot be registered: "${d.field}" ${d.problem}. Nothing was registered.`,
  },
  REGISTRY_VERSION_WITHOUT_FILE: {
    kind: 'conflict',
    message: (d: { version: string; source: string }) =>
      `${d.version} has no ONNX file here: it was registered by where its files lie (${d.source}). Export it to ONNX and register that with: trimtab model register`,
  },
  REGISTRY_VERSION_IN_USE: {
    kind: 'conflict',
    message: (d: { version: string; use: string }) =>
      `${d.version} is in use (${d.use}). Put another version in its place first; nothing was deleted.`,
  },
  REGISTRY_STAGE_NOT_EMPTIED: {
    kind: 'invalid',
    message: (d: { stage: string }) =>
      `Existing versions are archived only when one moves to Staging or Production, not to ${d.stage}. Leave that out; nothing was changed.`,
  },
  REGISTRY_ALIAS_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { model: string; alias: string }) =>
      `Model "${d.model}" has no alias "${d.alias}". See them with: trimtab model show ${d.model}`,
  },
  REGISTRY_ALIAS_INVALID: {
    kind: 'invalid',
    message: (d: { alias: string }) =>
      `"${d.alias}" cannot be an alias: numbers, v with a number, and "latest" name versions already. Choose a word, e.g. champion.`,
  },
  REGISTRY_ALIAS_MOVED: {
    kind: 'conflict',
    message: (d: { model: string; alias: string; expected: string; actual: string }) =>
      `Alias "${d.alias}" of model "${d.model}" names ${d.actual}, not ${d.expected}: somebody else moved it. Look again and decide anew; nothing was changed.`,
  },
  REGISTRY_SEARCH_INVALID: {
    kind: 'invalid',
    message: ({ text, at, problem }: Refusal) => `The search "${text}" cannot be read at ${at + 1}: ${problem}.`,
  },
  REGISTRY_ORDER_INVALID: {
    kind: 'invalid',
    message: (d: { text: string; problem: 'key' | 'direction' | 'duplicate' | 'unreadable'; known?: string }) =>
      `Nothing can be sorted by "${d.text}": ${ORDER_PROBLEMS[d.problem]}${d.known ? ` (there are ${d.known})` : ''}.`,
  },
  REGISTRY_FILE_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { file: string }) =>
      `No uploaded file has the digest ${d.file}. Upload it first: PUT /api/model-files, or: trimtab model register`,
  },
  REGISTRY_FILE_EMPTY: {
    kind: 'invalid',
    message: (_: Record<string, never>) => 'The uploaded file is empty. Send the bytes of the ONNX file as the body.',
  },
  REGISTRY_FILE_TOO_LARGE: {
    kind: 'too-large',
    message: (d: { limitBytes: number }) =>
      `The model file is larger than ${Math.round(d.limitBytes / 1024 ** 3)} GiB. Nothing was stored; make it smaller, e.g. by quantising it.`,
  },
  REGISTRY_FILE_DAMAGED: {
    kind: 'unavailable',
    message: (d: { version: string; file: string }) =>
      `The stored file of ${d.version} is not the one that was registered (${d.file}): the object storage was changed from outside. Restore it from a backup.`,
  },
  REGISTRY_KEY_REUSED: {
    kind: 'conflict',
    message: (d: { key: string; of: string }) =>
      `Idempotency key "${d.key}" was used before for ${d.of} with other content. Use a new key for new content.`,
  },
  REGISTRY_GATE_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { version: string }) => `No gate was run for ${d.version}. Run one with: trimtab model gate`,
  },
  REGISTRY_GATE_MISSING: {
    kind: 'conflict',
    message: (d: { alias: string; version: string }) =>
      `Alias "${d.alias}" is protected and no gate was run for ${d.version}. Run one with: trimtab model gate, or give an override reason.`,
  },
  REGISTRY_GATE_FAILED: {
    kind: 'conflict',
    message: (d: { alias: string; version: string; failed: string }) =>
      `Alias "${d.alias}" is protected and ${d.version} did not pass its latest gate (${d.failed}). Improve the model, or give an override reason.`,
  },
  REGISTRY_MEASUREMENT_INVALID: {
    kind: 'invalid',
    message: (d: { field: string; problem: string }) =>
      `The measurement "${d.field}" ${d.problem}. No gate was run; measure again.`,
  },
});

const NAME_PROBLEMS = {
  empty: 'is empty',
  signs: 'has a slash or a colon',
  path: 'is or starts like a step in a path',
  length: 'is longer than 256 characters',
} as const;

const ORDER_PROBLEMS = {
  key: 'there is no such field to sort by',
  direction: 'expected asc, desc or nothing behind the field',
  duplicate: 'a field stands there twice',
  unreadable: 'expected a field, and asc or desc behind it',
} as const;
