import { defineErrors } from '#platform/kernel';

export const tableErrors = defineErrors({
  TABLE_FILE_INVALID: {
    kind: 'invalid',
    message: (d: { file: string; problem: string }) =>
      `"${d.file}" cannot be read as a table: ${d.problem}. Mend the file and send it again.`,
  },
  TABLE_EMPTY: {
    kind: 'invalid',
    message: (d: { file: string }) => `"${d.file}" holds no rows. Send a table with at least one row below its header.`,
  },
  TABLE_COLUMN_UNSUPPORTED: {
    kind: 'invalid',
    message: (d: { column: string; type: string }) =>
      `Column "${d.column}" is of type ${d.type}, which cannot be used as numbers, text or times. Leave it out, or convert it.`,
  },
  TABLE_MEMORY_EXCEEDED: {
    kind: 'unavailable',
    message: (d: { limitMb: number }) =>
      `The tables in work need more than the ${d.limitMb} MB they are allowed. Try again when less is going on, or start the server with a higher limit.`,
  },
});
