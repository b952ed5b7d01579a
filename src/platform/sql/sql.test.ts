import { expect, it } from 'vitest';
import type { Migration } from '#platform/sql';
import { migrate } from '#platform/sql';
import { describeDatabases } from './testing.ts';

interface Tables {
  thing: { id: string; size: number | null; made_at: number };
}

const migrations: readonly Migration[] = [
  {
    id: 'thing-001',
    up: (sql) =>
      sql
        .tables<Tables>()
        .schema.createTable('thing')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('size', 'double precision')
        .addColumn('made_at', 'bigint', (c) => c.notNull())
        .execute(),
  },
];

describeDatabases('the database', (open) => {
  it('returns what was written, bigints as numbers', async () => {
    const database = await open(migrations);
    const written = await database.insertRows(
      'thing',
      ['id', 'size', 'made_at'],
      [
        ['a', 0.5, 1_763_000_000_000],
        ['b', null, 1],
      ],
    );
    expect(written).toBe(2);
    const rows = await database.tables<Tables>().selectFrom('thing').selectAll().orderBy('id').execute();
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { id: 'a', size: 0.5, made_at: 1_763_000_000_000 },
      { id: 'b', size: null, made_at: 1 },
    ]);
  });

  it('holds whole numbers of 53 bits in a column of integers, and compares with any', async () => {
    const database = await open([
      {
        id: 'count-001',
        up: (sql) => sql.tables().schema.createTable('count').addColumn('n', 'integer').execute(),
      },
    ]);
    await database.insertRows('count', ['n'], [[1], [Number.MAX_SAFE_INTEGER]]);
    const counts = database.tables<{ count: { n: number } }>().selectFrom('count').select('n').orderBy('n');
    expect((await counts.execute()).map(({ n }) => n)).toEqual([1, Number.MAX_SAFE_INTEGER]);
    expect(await counts.where('n', '=', 2 ** 40).execute()).toEqual([]);
  });

  it('leaves existing keys alone when told to ignore them, and does not count them', async () => {
    const database = await open(migrations);
    await database.insertRows('thing', ['id', 'size', 'made_at'], [['a', 1, 1]]);
    const again = [
      ['a', 2, 2],
      ['b', 3, 3],
    ] as const;
    expect(await database.insertRows('thing', ['id', 'size', 'made_at'], again, { onConflict: 'ignore' })).toBe(1);
    await expect(database.insertRows('thing', ['id', 'size', 'made_at'], again)).rejects.toThrow();
    const rows = await database.tables<Tables>().selectFrom('thing').select(['id', 'size']).orderBy('id').execute();
    expect(rows.map((row) => row.size)).toEqual([1, 3]);
  });

  it('counts what it wrote of any number of rows, and keeps nothing when one of them is at fault', async () => {
    const database = await open(migrations);
    const rows = Array.from({ length: 43 }, (_, index) => [`row-${index}`, index, index]);
    const known = rows.filter((_, index) => index % 5 === 0);
    const insert = (some: typeof rows, onConflict?: 'ignore') =>
      database.insertRows('thing', ['id', 'size', 'made_at'], some, onConflict ? { onConflict } : {});
    expect(await insert(known)).toBe(9);
    await expect(insert(rows)).rejects.toThrow();
    expect(await database.tables<Tables>().selectFrom('thing').select('id').execute()).toHaveLength(9);
    expect(await insert(rows, 'ignore')).toBe(34);
    const kept = await database
      .tables<Tables>()
      .selectFrom('thing')
      .select(['id', 'size'])
      .orderBy('made_at')
      .execute();
    expect(kept.map(({ id, size }) => [id, size])).toEqual(rows.map(([id, size]) => [id, size]));
  });

  it('keeps nothing of a transaction that throws', async () => {
    const database = await open(migrations);
    const failing = database.transaction(async (tx) => {
      await tx.insertRows('thing', ['id', 'size', 'made_at'], [['a', 1, 1]]);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await database.tables<Tables>().selectFrom('thing').selectAll().execute()).toEqual([]);
  });

  it('runs transactions that overlap in time without mixing them', async () => {
    const database = await open(migrations);
    const writers = Array.from({ length: 20 }, (_, i) =>
      database.transaction(async (tx) => {
        await tx.insertRows('thing', ['id', 'size', 'made_at'], [[`w${i}`, i, i]]);
        if (i % 2) throw new Error('odd ones give up');
      }),
    );
    await Promise.allSettled(writers);
    const rows = await database.tables<Tables>().selectFrom('thing').select('size').execute();
    expect(rows.map((row) => row.size).sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual([
      0, 2, 4, 6, 8, 10, 12, 14, 16, 18,
    ]);
  });

  it('applies each migration once and refuses a schema from the future', async () => {
    const database = await open(migrations);
    await migrate(database, migrations);
    await expect(migrate(database, [])).rejects.toMatchObject({ code: 'SQL_SCHEMA_NEWER' });
  });
});
