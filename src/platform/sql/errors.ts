import { defineErrors } from '#platform/kernel';

export const sqlErrors = defineErrors({
  SQL_URL_UNKNOWN: {
    kind: 'invalid',
    message: (d: { url: string }) =>
      `"${d.url}" names no database: use sqlite:<file>, sqlite::memory: or postgres://user@host/name.`,
  },
  SQL_SCHEMA_NEWER: {
    kind: 'conflict',
    message: (d: { migrations: string }) =>
      `The database was written by a newer Trimtab (it has ${d.migrations}). Upgrade Trimtab, or point it at another database.`,
  },
});
