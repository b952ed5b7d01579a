import { sqlErrors } from './errors.ts';
import { openPostgres } from './postgres.ts';
import type { Database } from './sql.ts';
import { openSqlite } from './sqlite.ts';

export { type Migration, migrate } from './migrate.ts';
export type { Database, Sql, SqlValue } from './sql.ts';

/**
 * Opens the database a URL names: `sqlite:<file>`, `sqlite::memory:`, `postgres://…` or `postgresql://…`.
 *
 * @throws SQL_URL_UNKNOWN for anything else
 */
export async function openDatabase(url: string): Promise<Database> {
  if (url.startsWith('sqlite:')) return openSqlite(url.slice('sqlite:'.length));
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgres(url);
  throw sqlErrors.SQL_URL_UNKNOWN({ url: url.replace(/\/\/[^@/]*@/, '//…@') });
}
