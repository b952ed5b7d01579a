import { type RawBuilder, sql as raw } from 'kysely';
import type { Removed } from '#platform/blob';
import type { Sql } from '#platform/sql';
import type { FileTables } from '../store/file-schema.ts';

export type FileRow = FileTables['tracking_file'];

/** Rows of one query. */
const PAGE = 1000;

export async function findFile(sql: Sql, path: string): Promise<FileRow | undefined> {
  return sql.tables<FileTables>().selectFrom('tracking_file').selectAll().where('path', '=', path).executeTakeFirst();
}

/** Writes a file's row. @returns the digest of the content that it replaces, if other */
export async function writeFile(tx: Sql, row: FileRow): Promise<string | undefined> {
  const known = await findFile(tx, row.path);
  const { path: _, ...content } = row;
  await tx
    .tables<FileTables>()
    .insertInto('tracking_file')
    .values(row)
    .onConflict((conflict) => conflict.column('path').doUpdateSet(content))
    .execute();
  return known && known.digest !== row.digest ? known.digest : undefined;
}

/** What stands in the way of a file, in words: it is a folder, or lies below a file. */
export async function obstacleOf(sql: Sql, path: string): Promise<string | undefined> {
  const names = path.split('/');
  const above = names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'));
  const tables = sql.tables<FileTables>();
  if (above.length > 0) {
    const file = await tables.selectFrom('tracking_file').select('path').where('path', 'in', above).executeTakeFirst();
    if (file) return `"${file.path}" is a file`;
  }
  const inside = await tables.selectFrom('tracking_file').select('path').where(below(path)).limit(1).executeTakeFirst();
  return inside && 'it is a folder';
}

/** Every file below a folder, by path. */
export async function* filesBelow(sql: Sql, folder: string): AsyncGenerator<FileRow> {
  for (let after = ''; ; ) {
    const rows = await sql
      .tables<FileTables>()
      .selectFrom('tracking_file')
      .selectAll()
      .where('path', '>', after)
      .where(below(folder))
      .orderBy('path')
      .limit(PAGE)
      .execute();
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.path;
  }
}

/**
 * What a folder holds directly: the first file of each of its folders stands for the folder. The index is entered anew
 * behind each folder, so the time follows what is answered and not what lies deeper.
 */
export async function* readFolder(
  sql: Sql,
  folder: string,
): AsyncGenerator<{ readonly name: string; readonly sizeBytes: number | null }> {
  const prefix = folder === '' ? '' : `${folder}/`;
  for (let start: string | undefined = prefix; start !== undefined; ) {
    const rows: readonly { path: string; size_bytes: number }[] = await readSteps(sql, folder, start);
    for (const { path, size_bytes } of rows) {
      const rest = path.slice(prefix.length);
      const slash = rest.indexOf('/');
      yield slash < 0 ? { name: rest, sizeBytes: size_bytes } : { name: rest.slice(0, slash), sizeBytes: null };
    }
    const last = rows.at(-1)?.path;
    start = last === undefined || rows.length < PAGE ? undefined : behind(last, prefix);
  }
}

async function readSteps(sql: Sql, folder: string, start: string) {
  const inPrefix = folder === '' ? 0 : [...folder].length + 1;
  const rest = raw`substr(step.path, ${raw.lit(inPrefix + 1)})`;
  const slash = sql.dialect === 'sqlite' ? raw`instr(${rest}, '/')` : raw`strpos(${rest}, '/')`;
  const one = sql.dialect === 'sqlite' ? raw`char(1)` : raw`chr(1)`;
  // As `behind` below.
  const next = raw`case when ${slash} > 0
    then substr(step.path, 1, ${raw.lit(inPrefix)} + ${slash} - 1) || '0' else step.path || ${one} end`;
  const first = (from: RawBuilder<unknown>) =>
    raw`(select f.path from tracking_file f where f.path >= ${from} and ${below(folder, 'f.path')}
      order by f.path limit 1)`;
  const { rows } = await raw<{ path: string; size_bytes: number }>`
    with recursive step(path, n) as (
      select ${first(raw`${start}`)}, 1
      union all
      select ${first(next)}, step.n + 1 from step where step.path is not null and step.n < ${raw.lit(PAGE)}
    )
    select step.path, (select size_bytes from tracking_file where path = step.path) as size_bytes
    from step where step.path is not null order by step.n`.execute(sql.tables());
  return rows;
}

/** The first path that can lie behind a file, or behind everything in the folder that the file stands for. */
function behind(path: string, prefix: string): string {
  const slash = path.indexOf('/', prefix.length);
  return slash < 0 ? `${path}\u0001` : `${path.slice(0, slash)}0`;
}

/** Deletes the rows of a file, or of everything in a folder. @returns their digests and sizes */
export async function deleteFiles(tx: Sql, path: string): Promise<readonly Pick<FileRow, 'digest' | 'size_bytes'>[]> {
  const { rows } = await raw<Pick<FileRow, 'digest' | 'size_bytes'>>`
    delete from tracking_file where path = ${path} or (${below(path)}) returning digest, size_bytes`.execute(
    tx.tables(),
  );
  return rows;
}

/** How many files lie below a folder, and their bytes. */
export async function countFiles(sql: Sql, folder: string): Promise<Removed> {
  const { rows } = await raw<{ files: number; bytes: number | null }>`
    select count(*) as files, sum(size_bytes) as bytes from tracking_file where ${below(folder)}`.execute(sql.tables());
  return { files: Number(rows[0]?.files ?? 0), bytes: Number(rows[0]?.bytes ?? 0) };
}

/** Makes the files of one folder those of another as well; no bytes are stored again. */
export async function copyFiles(tx: Sql, from: string, to: string): Promise<void> {
  await raw`insert into tracking_file (path, digest, size_bytes, stored_at)
    select cast(${to} as text) || substr(path, ${raw.lit([...from].length + 1)}), digest, size_bytes, stored_at
    from tracking_file where ${below(from)} on conflict do nothing`.execute(tx.tables());
}

/** Of some digests those that a file has. */
export async function usedDigests(sql: Sql, digests: readonly string[]): Promise<ReadonlySet<string>> {
  if (digests.length === 0) return new Set();
  const rows = await sql
    .tables<FileTables>()
    .selectFrom('tracking_file')
    .select('digest')
    .distinct()
    .where('digest', 'in', digests)
    .execute();
  return new Set(rows.map(({ digest }) => digest));
}

/** Everything in a folder is one stretch of the index, from its slash to the sign that comes after a slash. */
function below(folder: string, column = 'path'): RawBuilder<boolean> {
  if (folder === '') return raw<boolean>`true`;
  return raw<boolean>`${raw.ref(column)} >= ${`${folder}/`} and ${raw.ref(column)} < ${`${folder}0`}`;
}
