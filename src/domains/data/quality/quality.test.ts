import { afterEach, describe, expect, it } from 'vitest';
import type { DataSchema } from '#contract';
import { ref } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { describeDatabases, type OpenDatabase } from '#testing/platform/sql';
import { openTestQuality, QUALITY_TEST_MIGRATIONS } from './testing.ts';

const ORDERS = `id,placed,amount,state,code
1,2001-01-01T10:00:00Z,10.5,paid,007
2,2001-01-01T11:00:00Z,-3,paid,008
3,2001-01-02T10:00:00Z,,sent,009
4,2001-01-03T10:00:00Z,7,lost,1000
5,2001-01-04T10:00:00Z,8,sent,011
`;

const SCHEMA: DataSchema = {
  name: 'orders',
  columns: [
    { name: 'id', type: 'integer', required: true, checks: [{ kind: 'unique', severity: 'error' }] },
    { name: 'placed', type: 'timestamp', required: true, checks: [] },
    {
      name: 'amount',
      type: 'number',
      required: true,
      checks: [
        { kind: 'range', min: 0, severity: 'error' },
        { kind: 'not-null', severity: 'warning' },
      ],
    },
    {
      name: 'state',
      type: 'string',
      required: true,
      checks: [{ kind: 'allowed', values: ['paid', 'sent'], severity: 'error' }],
    },
    { name: 'code', type: 'string', required: true, checks: [{ kind: 'length', min: 3, max: 3, severity: 'error' }] },
  ],
  extraColumns: 'error',
  rules: [],
};

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function setUp(open: OpenDatabase) {
  const database = await open(QUALITY_TEST_MIGRATIONS);
  const test = await openTestQuality(database);
  cleanups.push(() => test.close());
  return { ...test, database };
}

async function topics(database: Database): Promise<string[]> {
  const rows = await database
    .tables<{ event_outbox: { topic: string; sequence: number } }>()
    .selectFrom('event_outbox')
    .select('topic')
    .orderBy('sequence')
    .execute();
  return rows.map(({ topic }) => topic).filter((topic) => topic.startsWith('data.table.'));
}

describeDatabases('data quality', (open) => {
  it('profiles a content once and answers later from the fact', async () => {
    const { quality, add, at, clock, database } = await setUp(open);
    await add('orders.csv', { text: ORDERS });
    const first = await quality.profile(at('orders.csv'));
    expect(first).toMatchObject({ format: 'csv', rows: 5, duplicateRows: 0, path: 'orders.csv' });
    expect(first.columns.map(({ name, type, missing, distinct }) => [name, type, missing, distinct])).toEqual([
      ['id', 'integer', 0, 5],
      ['placed', 'timestamp', 0, 5],
      ['amount', 'number', 1, 4],
      ['state', 'string', 0, 3],
      ['code', 'string', 0, 5],
    ]);
    clock.advance(1000);
    await add('copy.csv', { text: ORDERS });
    const second = await quality.profile(at('copy.csv'));
    expect(second).toEqual({ ...first, path: 'copy.csv' });
    expect(await topics(database)).toEqual(['data.table.profiled']);
  });

  it('says which rule fails, on how many rows, with examples, and stores the report', async () => {
    const { quality, add, at, database } = await setUp(open);
    await add('orders.csv', { text: ORDERS });
    const report = await quality.validate(at('orders.csv'), { schema: SCHEMA });
    expect(report).toMatchObject({ rows: 5, failedRows: 2, warnedRows: 1, passed: false });
    const failed = report.rules.filter(({ passed }) => !passed);
    expect(failed.map(({ rule, failedRows, words }) => [rule, failedRows, words])).toEqual([
      ['amount.range', 1, 'amount is at least 0: 1 of 5 rows breaks it, with -3.'],
      ['amount.not-null.warning', 1, 'amount has a value: 1 of 5 rows breaks it.'],
      ['state.allowed', 1, 'state is one of paid, sent: 1 of 5 rows breaks it.'],
      ['code.length', 1, 'code has 3 characters: 1 of 5 rows breaks it.'],
    ]);
    expect(failed[0]?.examples).toEqual([
      { row: 1, values: { id: 2, placed: '2001-01-01T11:00:00.000Z', amount: -3, state: 'paid', code: '008' } },
    ]);
    expect(await quality.validate(at('orders.csv'), { schema: SCHEMA })).toEqual(report);
    expect(await topics(database)).toEqual(['data.table.validated']);
  });

  it('commits failing rows with their reasons and the others apart, and links both to the source', async () => {
    const { quality, add, at, data, repository, recorded, database } = await setUp(open);
    const source = await add('raw/orders.csv', { text: ORDERS });
    const result = await quality.quarantine({ ...at('raw/orders.csv'), schema: SCHEMA, branch: 'main' }, 'user:ann');
    expect(result.source).toBe(ref('commit', `${repository}/${source}`));
    expect(result.quarantine).toMatchObject({ path: 'quarantine/raw/orders.parquet', rows: 2, branch: 'main' });
    expect(result.clean).toMatchObject({ path: 'clean/raw/orders.parquet', rows: 3, branch: 'main' });
    expect((await data.getCommit(repository, 'main')).id).toBe(result.clean?.commit);
    const bad = await quality.sampleRows(at('quarantine/raw/orders.parquet'), { offset: 0, limit: 10 });
    expect(bad.rows.map(({ values }) => [values._row, values.id, values._reasons])).toEqual([
      [1, 2, 'amount.range'],
      [3, 4, 'state.allowed; code.length'],
    ]);
    const good = await quality.sampleRows(at('clean/raw/orders.parquet'), { offset: 0, limit: 10 });
    expect(good.rows.map(({ values }) => [values.id, values.code])).toEqual([
      [1, '007'],
      [3, '009'],
      [5, '011'],
    ]);
    expect(recorded.links.filter(({ relation }) => relation !== 'parent')).toEqual([
      { from: result.source, to: result.clean?.ref, relation: 'cleaned' },
      { from: result.source, to: result.quarantine?.ref, relation: 'quarantined' },
    ]);
    expect(await topics(database)).toEqual(['data.table.validated', 'data.table.quarantined']);
  });

  it('quarantines nothing when nothing fails, and then keeps the file as it is', async () => {
    const { quality, add, at, data, repository } = await setUp(open);
    await add('orders.csv', { text: ORDERS });
    const first = await quality.quarantine({ ...at('orders.csv'), schema: SCHEMA, branch: 'main' }, 'user:ann');
    const again = await quality.quarantine(
      { ...at('clean/orders.parquet'), schema: SCHEMA, branch: 'main', cleanPath: 'twice.parquet' },
      'user:ann',
    );
    expect(again).toMatchObject({ quarantine: null, clean: { rows: 3 }, report: { passed: true } });
    const { entries } = await data.listEntries(repository, 'main', { limit: 100 });
    const objectOf = (path: string) => entries.find((entry) => entry.path === path)?.object;
    expect(objectOf('twice.parquet')).toBe(objectOf(first.clean?.path ?? ''));
  });

  it('answers a repeated request as before, also when the first attempt died between its two commits', async () => {
    const { quality, add, at, data, repository, database, tables, clock, events } = await setUp(open);
    await add('orders.csv', { text: ORDERS });
    const request = { ...at('orders.csv'), schema: SCHEMA, branch: 'main', idempotencyKey: 'q1' };
    let commits = 0;
    const dying = await openTestQuality(await open(QUALITY_TEST_MIGRATIONS)).then(async (other) => {
      await other.close();
      const { createDataQuality } = await import('./quality.ts');
      const broken: typeof data.commit = (wanted, actor) => {
        if (++commits === 2) throw new Error('the server died');
        return data.commit(wanted, actor);
      };
      const lineage = { link: async () => undefined };
      return createDataQuality({ data: { ...data, commit: broken }, tables, database, clock, events, lineage });
    });
    await expect(dying.quarantine(request, 'user:ann')).rejects.toThrow('died');
    // The table changes meanwhile; the request still means the rows it began with.
    await add('orders.csv', { text: ORDERS.replace('lost', 'sent') });
    const result = await quality.quarantine(request, 'user:ann');
    expect(result.quarantine?.rows).toBe(2);
    const log = await data.listCommits(repository, { ref: 'main', limit: 100 });
    expect(log.filter(({ message }) => message.startsWith('Quarantine'))).toHaveLength(1);
    expect(log.filter(({ message }) => message.startsWith('Keep'))).toHaveLength(1);
    expect(await quality.quarantine(request, 'user:ann')).toEqual(result);
    expect(await data.listCommits(repository, { ref: 'main', limit: 100 })).toHaveLength(log.length);
    const other = quality.quarantine({ ...request, cleanPath: 'x.parquet' }, 'user:ann');
    await expect(other).rejects.toMatchObject({ code: 'DATA_QUALITY_KEY_REUSED', kind: 'conflict' });
  });

  it('versions schemas with the data', async () => {
    const { quality, add, at, repository } = await setUp(open);
    const before = await add('orders.csv', { text: ORDERS });
    const put = { repository, name: 'orders', branch: 'main' };
    const first = await quality.putSchema({ ...put, schema: SCHEMA }, 'user:ann');
    const looser: DataSchema = { ...SCHEMA, columns: SCHEMA.columns.map((column) => ({ ...column, checks: [] })) };
    const second = await quality.putSchema({ ...put, schema: looser, expectedHead: first.commit }, 'user:ann');
    expect(await quality.getSchema({ ...put, ref: first.commit })).toEqual(first);
    expect(await quality.getSchema({ ...put, ref: 'main' })).toEqual(second);
    expect((await quality.putSchema({ ...put, schema: looser }, 'user:ann')).commit).toBe(second.commit);
    const schemaPath = 'schemas/orders.json';
    expect((await quality.validate(at('orders.csv', first.commit), { schemaPath })).passed).toBe(false);
    expect((await quality.validate(at('orders.csv'), { schemaPath })).passed).toBe(true);
    await expect(quality.getSchema({ ...put, ref: before })).rejects.toMatchObject({ code: 'DATA_PATH_NOT_FOUND' });
    const stale = quality.putSchema({ ...put, schema: SCHEMA, expectedHead: first.commit }, 'user:ann');
    await expect(stale).rejects.toMatchObject({ code: 'DATA_BRANCH_MOVED' });
  });

  it('splits by time in one commit, once for each key', async () => {
    const { quality, add, at, recorded, data, repository, database } = await setUp(open);
    await add('orders.csv', { text: ORDERS });
    const request = {
      ...at('orders.csv'),
      timeColumn: 'placed',
      boundaries: { validationFrom: '2001-01-02', testFrom: '2001-01-04' },
      branch: 'main',
      outPrefix: 'splits/v1/',
      idempotencyKey: 's1',
    };
    const split = await quality.splitByTime(request, 'user:ann');
    expect(split.parts.map(({ name, path, rows }) => [name, path, rows])).toEqual([
      ['train', 'splits/v1/train.parquet', 2],
      ['validation', 'splits/v1/validation.parquet', 2],
      ['test', 'splits/v1/test.parquet', 1],
    ]);
    expect(split.parts[0]).toMatchObject({ fromMs: Date.UTC(2001, 0, 1, 10), toMs: Date.UTC(2001, 0, 1, 11) });
    expect(await quality.splitByTime(request, 'user:ann')).toEqual(split);
    expect((await data.getCommit(repository, 'main')).id).toBe(split.commit);
    expect(recorded.links.filter(({ relation }) => relation === 'split')).toEqual([
      { from: split.source, to: split.ref, relation: 'split' },
    ]);
    expect(await topics(database)).toEqual(['data.table.split']);
  });

  it('keeps its files when another commit moves the branch in between', async () => {
    const { quality, add, at, data, repository } = await setUp(open);
    await add('orders.csv', { text: ORDERS });
    const shares = { train: 0.5, validation: 0.25 };
    const splits = ['a', 'b', 'c'].map((outPrefix) =>
      quality.splitByTime({ ...at('orders.csv'), timeColumn: 'placed', shares, branch: 'main', outPrefix }, 'user:ann'),
    );
    await Promise.all(splits);
    const { entries } = await data.listEntries(repository, 'main', { limit: 100 });
    expect(entries.map(({ path }) => path)).toHaveLength(10);
  });
});

describe('reading and refusing', () => {
  const open: OpenDatabase = async (migrations) => {
    const { migrate, openDatabase } = await import('#platform/sql');
    const database = await openDatabase('sqlite::memory:');
    cleanups.push(() => database.close());
    await migrate(database, migrations);
    return database;
  };

  it('pages rows in the order of the file, all or those that meet a condition', async () => {
    const { quality, add, at } = await setUp(open);
    await add('orders.csv', { text: ORDERS });
    const page = await quality.sampleRows(at('orders.csv'), { offset: 1, limit: 2 });
    expect(page).toMatchObject({ matching: 5, offset: 1, rows: [{ row: 1 }, { row: 2, values: { amount: null } }] });
    const where = "amount > 5 and placed < '2001-01-04'";
    const chosen = await quality.sampleRows(at('orders.csv'), { offset: 1, limit: 10, where });
    expect(chosen).toMatchObject({ matching: 2, rows: [{ row: 3 }] });
    const unknown = quality.sampleRows(at('orders.csv'), { offset: 0, limit: 1, where: 'amont > 5' });
    await expect(unknown).rejects.toMatchObject({
      code: 'DATA_QUALITY_CONDITION_INVALID',
      message: expect.stringContaining('at character 1, there is no column "amont"; there are id, placed'),
    });
  });

  it('sets apart the cells of a CSV that are not of their type, to the row', async () => {
    const { quality, add, at } = await setUp(open);
    await add('orders.csv', { text: ORDERS.replace('10.5', 'ten').replace('\n3,', '\n3.5,') });
    const schema = { ...SCHEMA, columns: SCHEMA.columns.map((column) => ({ ...column, checks: [] })) };
    const report = await quality.validate(at('orders.csv'), { schema });
    expect(report.rules.filter(({ passed }) => !passed).map(({ rule, words }) => [rule, words])).toEqual([
      ['id.type', 'id is a whole number, which the file holds as VARCHAR: 1 of 5 rows breaks it.'],
      ['amount.type', 'amount is a number, which the file holds as VARCHAR: 1 of 5 rows breaks it.'],
    ]);
    const { clean } = await quality.quarantine({ ...at('orders.csv'), schema, branch: 'main' }, 'user:ann');
    const profile = await quality.profile(at(clean?.path ?? ''));
    expect(profile.columns.map(({ storedAs }) => storedAs)).toEqual([
      'BIGINT',
      'TIMESTAMP WITH TIME ZONE',
      'DOUBLE',
      'VARCHAR',
      'VARCHAR',
    ]);
  });

  it('keeps what a schema calls text as it is written, though it looks like numbers', async () => {
    const { quality, add, at } = await setUp(open);
    await add('orders.csv', { text: 'id,code\n1,7.10\n2,7.1\n' });
    expect((await quality.profile(at('orders.csv'))).columns[1]).toMatchObject({ type: 'number', distinct: 1 });
    const code: DataSchema['columns'][number] = { name: 'code', type: 'string', required: true, checks: [] };
    const schema: DataSchema = {
      ...{ name: 'x', extraColumns: 'allow', rules: [] },
      columns: [{ ...code, checks: [{ kind: 'allowed', values: ['7.10'], severity: 'error' }] }],
    };
    const report = await quality.validate(at('orders.csv'), { schema });
    expect(report.rules.filter(({ passed }) => !passed)).toMatchObject([
      { rule: 'code.allowed', failedRows: 1, examples: [{ row: 1, values: { id: 2, code: '7.1' } }] },
    ]);
  });

  it('reads every kind of column there is', async () => {
    const { quality, add, at, folder, tables } = await setUp(open);
    const file = `${folder}/odd.parquet`;
    await tables.writeParquet(
      `select * from (values
        ('infinity'::timestamp, 'nan'::double, 18446744073709551615::ubigint, [1], {'a': 1}, time '10:00', uuid(), interval 1 day),
        (timestamp '2001-01-01', 'infinity'::double, 7, null, null, null, null, null)) t("at", f, big, list, struct, tod, id, span)`,
      file,
    );
    await add('odd.parquet', { file });
    const { columns } = await quality.profile(at('odd.parquet'));
    expect(
      columns.map(({ name, type, missing, max }) => [name, type, missing, typeof max === 'string' ? 'text' : max]),
    ).toEqual([
      ['at', 'timestamp', 1, Date.UTC(2001, 0, 1)],
      ['f', 'number', 2, null],
      ['big', 'integer', 0, 2 ** 64],
      ['list', 'other', 1, null],
      ['struct', 'other', 1, null],
      ['tod', 'other', 1, null],
      ['id', 'string', 1, 'text'],
      ['span', 'other', 1, null],
    ]);
    const schema = await quality.inferSchema(at('odd.parquet'), {});
    expect((await quality.validate(at('odd.parquet'), { schema })).passed).toBe(true);
    const strict = { ...schema, columns: schema.columns.slice(0, 2), extraColumns: 'allow' as const };
    for (const column of strict.columns) column.checks = [{ kind: 'not-null', severity: 'error' }];
    const report = await quality.validate(at('odd.parquet'), { schema: strict });
    expect(report.rules.slice(0, 2)).toMatchObject([
      { rule: 'at.not-null', failedRows: 1, examples: [{ values: { at: 'infinity', f: 'NaN' } }] },
      { rule: 'f.not-null', failedRows: 1 },
    ]);
  });

  it('refuses to set rows apart when the table as a whole is wrong, and commits nothing', async () => {
    const { quality, add, at, data, repository } = await setUp(open);
    const head = await add('orders.csv', { text: ORDERS.replace('state', 'status') });
    const rule = {
      kind: 'condition',
      name: 'sent-paid',
      condition: "state != 'sent' or amount > 0",
      severity: 'error',
    } as const;
    const schema: DataSchema = { ...SCHEMA, rules: [rule] };
    const report = await quality.validate(at('orders.csv'), { schema });
    expect(report.rules.filter(({ passed }) => !passed).map(({ rule, words }) => [rule, words])).toContainEqual([
      'table.sent-paid',
      `state != 'sent' or amount > 0: there is no column "state"; there are id, placed, amount, status, code.`,
    ]);
    const failing = quality.quarantine({ ...at('orders.csv'), schema: SCHEMA, branch: 'main' }, 'user:ann');
    await expect(failing).rejects.toMatchObject({
      code: 'DATA_QUALITY_TABLE_UNFIT',
      message: expect.stringContaining('state.present, table.extra-columns'),
    });
    expect((await data.getCommit(repository, 'main')).id).toBe(head);
  });

  it.each([
    ['min above max', { kind: 'range', min: 2, max: 1, severity: 'error' }, 'check range: min is above'],
    ['a limit that is no number', { kind: 'range', min: 'x', severity: 'error' }, '"x" is no number'],
    ['a range without limits', { kind: 'range', severity: 'error' }, 'give min, max or below'],
    ['text where numbers are', { kind: 'allowed', values: ['x'], severity: 'error' }, '"x" is no integer'],
    ['a pattern on numbers', { kind: 'pattern', pattern: 'x', severity: 'error' }, 'a integer has no pattern'],
  ] as const)('refuses a schema with %s', async (_, check, words) => {
    const { quality, repository } = await setUp(open);
    const column: DataSchema['columns'][number] = { name: 'id', type: 'integer', required: true, checks: [] };
    const columns = [{ ...column, checks: [{ ...check } as (typeof column.checks)[number]] }];
    const schema: DataSchema = { name: 'x', columns, extraColumns: 'allow', rules: [] };
    const put = quality.putSchema({ repository, name: 'x', branch: 'main', schema }, 'user:ann');
    await expect(put).rejects.toMatchObject({
      code: 'DATA_QUALITY_SCHEMA_INVALID',
      message: expect.stringContaining(words),
    });
  });

  it('refuses schemas whose patterns, conditions or files cannot be understood', async () => {
    const { quality, repository, add, at } = await setUp(open);
    const refused = async (change: Partial<DataSchema>, words: string) => {
      const put = { repository, name: 'x', branch: 'main', schema: { ...SCHEMA, ...change } };
      const error = await quality.putSchema(put, 'user:ann').catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'DATA_QUALITY_SCHEMA_INVALID', message: expect.stringContaining(words) });
    };
    const check = { kind: 'pattern', pattern: '(', severity: 'error' } as const;
    await refused(
      { columns: [{ name: 'a', type: 'string', required: true, checks: [check] }] },
      'the pattern ( of column "a"',
    );
    const condition = { kind: 'condition', name: 'c', condition: 'ide > 1', severity: 'error' } as const;
    await refused({ rules: [condition] }, 'the condition c at character 1: there is no column "ide"');
    await refused({ columns: [...SCHEMA.columns, ...SCHEMA.columns.slice(0, 1)] }, 'column "id" is there twice');
    await add('orders.csv', { text: ORDERS });
    await add('schemas/broken.json', { text: '{"name": "broken", "columns": [{"name": 1}]}' });
    const broken = quality.validate(at('orders.csv'), { schemaPath: 'schemas/broken.json' });
    await expect(broken).rejects.toMatchObject({
      code: 'DATA_QUALITY_SCHEMA_INVALID',
      message: expect.stringContaining('columns.0'),
    });
    await expect(quality.validate(at('orders.csv'), {})).rejects.toMatchObject({ code: 'DATA_QUALITY_SCHEMA_MISSING' });
  });

  it('refuses splits that cannot be', async () => {
    const { quality, add, at, data, repository } = await setUp(open);
    const head = await add('orders.csv', { text: ORDERS });
    const split = (change: object) =>
      quality.splitByTime(
        { ...at('orders.csv'), timeColumn: 'placed', branch: 'main', outPrefix: 's', ...change },
        'a',
      );
    const boundaries = { validationFrom: '2001-01-02', testFrom: '2001-02-01' };
    await expect(split({ boundaries })).rejects.toMatchObject({
      code: 'DATA_QUALITY_SPLIT_EMPTY',
      message: expect.stringContaining(
        'in test: its times run from 2001-01-01T10:00:00.000Z to 2001-01-04T10:00:00.000Z',
      ),
    });
    await expect(split({})).rejects.toMatchObject({ code: 'DATA_QUALITY_SPLIT_INVALID' });
    await expect(split({ boundaries: { validationFrom: 5, testFrom: 5 } })).rejects.toMatchObject({
      code: 'DATA_QUALITY_SPLIT_INVALID',
    });
    await expect(split({ boundaries: { validationFrom: 'x', testFrom: 5 } })).rejects.toThrow('"x", which is no time');
    await expect(split({ shares: { train: 0.9, validation: 0.1 } })).rejects.toThrow('leave nothing for test');
    await expect(split({ timeColumn: 'when', boundaries })).rejects.toMatchObject({
      code: 'DATA_QUALITY_COLUMN_UNKNOWN',
    });
    await expect(split({ timeColumn: 'amount', boundaries })).rejects.toMatchObject({
      code: 'DATA_QUALITY_COLUMN_UNFIT',
    });
    await add('gap.csv', { text: 'id,placed\n1,2001-01-01\n2,\n3,2001-01-03\n' });
    await expect(split({ path: 'gap.csv', boundaries })).rejects.toThrow('1 of 3 rows have no time');
    const { entries } = await data.listEntries(repository, head, { limit: 10 });
    expect(entries).toHaveLength(1);
  });

  it('says what is no table', async () => {
    const { quality, at, add, repository } = await setUp(open);
    await add('notes.txt', { text: 'no table' });
    await expect(quality.profile(at('notes.txt'))).rejects.toMatchObject({ code: 'DATA_QUALITY_NOT_TABLE' });
    await expect(quality.profile(at('none.csv'))).rejects.toMatchObject({ code: 'DATA_PATH_NOT_FOUND' });
    await expect(quality.profile({ repository, ref: 'nowhere', path: 'x.csv' })).rejects.toMatchObject({
      code: 'DATA_REF_NOT_FOUND',
    });
    const wrongPath = quality.quarantine({ ...at('x.csv'), schema: SCHEMA, branch: 'main', cleanPath: 'x.csv' }, 'a');
    await expect(wrongPath).rejects.toMatchObject({ code: 'DATA_QUALITY_PATH_INVALID' });
  });
});
