import { defineErrors } from '#platform/kernel';

export const qualityErrors = defineErrors({
  DATA_QUALITY_SCHEMA_MISSING: {
    kind: 'invalid',
    message: (d: { problem: string }) => `${d.problem}: give exactly one of schema and schemaPath.`,
  },
  DATA_QUALITY_SCHEMA_INVALID: {
    kind: 'invalid',
    message: (d: { schema: string; problem: string }) => `Schema "${d.schema}" cannot be used: ${d.problem}.`,
  },
  DATA_QUALITY_CONDITION_INVALID: {
    kind: 'invalid',
    message: (d: { condition: string; problem: string; position: number }) =>
      `The condition "${d.condition}" cannot be used: at character ${d.position}, ${d.problem}. Example: delay < -90 and origin in ('ATL', 'ORD')`,
  },
  DATA_QUALITY_COLUMN_UNKNOWN: {
    kind: 'invalid',
    message: (d: { path: string; column: string; known: readonly string[] }) =>
      `"${d.path}" has no column "${d.column}". It has: ${d.known.slice(0, 30).join(', ')}.`,
  },
  DATA_QUALITY_COLUMN_UNFIT: {
    kind: 'invalid',
    message: (d: { path: string; column: string; problem: string }) =>
      `Column "${d.column}" of "${d.path}" cannot be used for this: ${d.problem}.`,
  },
  DATA_QUALITY_NOT_TABLE: {
    kind: 'invalid',
    message: (d: { path: string }) =>
      `"${d.path}" is no table. Commit it as .parquet, .csv, .tsv, .jsonl, or as .json with a list of objects.`,
  },
  DATA_QUALITY_TABLE_UNFIT: {
    kind: 'invalid',
    message: (d: { path: string; rules: readonly string[] }) =>
      `"${d.path}" as a whole breaks ${d.rules.join(', ')}, which setting rows apart cannot mend. Mend the table or the schema; nothing was committed.`,
  },
  DATA_QUALITY_PATH_INVALID: {
    kind: 'invalid',
    message: (d: { field: string; path: string }) =>
      `${d.field} is "${d.path}", but tables are written as Parquet: let it end in .parquet.`,
  },
  DATA_QUALITY_SPLIT_INVALID: {
    kind: 'invalid',
    message: (d: { problem: string }) =>
      `The table cannot be split so: ${d.problem}. Give boundaries (validationFrom before testFrom) or shares (train and validation, together below 1).`,
  },
  DATA_QUALITY_SPLIT_EMPTY: {
    kind: 'invalid',
    message: (d: { path: string; parts: readonly string[]; fromMs: number; toMs: number }) =>
      `Nothing of "${d.path}" would be in ${d.parts.join(' and ')}: its times run from ${iso(d.fromMs)} to ${iso(d.toMs)}. Move the boundaries; nothing was committed.`,
  },
  DATA_QUALITY_KEY_REUSED: {
    kind: 'conflict',
    message: (d: { key: string }) =>
      `The idempotency key "${d.key}" belongs to another request. Use a new key for a new request.`,
  },
});

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
