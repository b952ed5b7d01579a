import type { OpenTable } from './open-table.ts';

export interface RepeatedRows {
  /** Rows that are equal to another one, all copies counted. */
  readonly copies: number;
  /** Rows that would go if the first of each were kept. */
  readonly surplus: number;
}

/**
 * Finds the rows that are equal in some columns and leaves them in a temporary table: `position` and `copy`, which
 * counts the copies of a row from 1 in the order of the file.
 *
 * Rows are grouped by a 64-bit hash first, and only those whose hash occurs twice are compared value by value; so the
 * answer is exact and large tables need no sorting. Missing values equal each other.
 *
 * @param of SQL of the columns, and a name for the table
 */
export async function repeatedRows(
  table: OpenTable,
  of: { readonly columns: readonly string[]; readonly table: string; readonly where?: string },
): Promise<RepeatedRows> {
  const { session } = table;
  const where = of.where ?? 'true';
  const hash = `hash(${of.columns.join(', ')})`;
  await session.run(
    `create or replace temp table ${of.table}_hash as
     select h from (select ${hash} as h from ${table.sql} where ${where}) group by h having count(*) > 1`,
  );
  const equal = of.columns.join(', ');
  await session.run(
    `create or replace temp table ${of.table} as
     select position, copy from (
       select ${table.position} as position,
         row_number() over (partition by ${equal} order by ${table.position}) as copy,
         count(*) over (partition by ${equal}) as copies
       from ${table.numbered} where ${where} and ${hash} in (select h from ${of.table}_hash))
     where copies > 1`,
  );
  const [row = {}] = await session.query(
    `select count(*) as copies, count(*) filter (where copy > 1) as surplus from ${of.table}`,
  );
  return { copies: Number(row.copies), surplus: Number(row.surplus) };
}
