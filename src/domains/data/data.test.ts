import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Database } from '#platform/sql';
import { describeDatabases } from '#testing/platform/sql';
import { DATA_TEST_MIGRATIONS, openTestData, received, sent, type TestData } from './testing.ts';

const CSV = 'id,amount\n1,10\n2,20\n';

describeDatabases('data versioning', (open) => {
  const opened: TestData[] = [];
  afterEach(async () => {
    for (const test of opened.splice(0)) await test.close();
  });

  async function setUp(): Promise<TestData & { database: Database }> {
    const database = await open(DATA_TEST_MIGRATIONS);
    const test = await openTestData(database);
    opened.push(test);
    await test.data.createRepository({ name: 'shop', description: 'orders' }, 'user:ann');
    return { ...test, database };
  }

  async function put({ data }: TestData, path: string, content: string): Promise<string> {
    return (await data.upload('shop', path, sent(content))).object;
  }

  async function commitFiles(test: TestData, files: Readonly<Record<string, string>>, branch = 'main') {
    const changes = [];
    for (const [path, content] of Object.entries(files)) changes.push({ path, object: await put(test, path, content) });
    return test.data.commit({ repository: 'shop', branch, message: `adds ${Object.keys(files)}`, changes }, 'user:ann');
  }

  async function read({ data }: TestData, ref: string, path: string): Promise<string> {
    const file = await data.readFile('shop', ref, path);
    return (await received(file.stream())).toString();
  }

  it('keeps every version of a file under its commit', async () => {
    const test = await setUp();
    const first = await commitFiles(test, { 'orders.csv': CSV, 'notes.txt': 'hello' });
    const second = await commitFiles(test, { 'orders.csv': `${CSV}3,30\n` });
    expect(first).toMatchObject({ entries: 2, sizeBytes: CSV.length + 5, author: 'user:ann', meta: {} });
    expect(second).toMatchObject({ parents: [first.id], ref: `commit:shop/${second.id}` });
    expect(await read(test, first.id, 'orders.csv')).toBe(CSV);
    expect(await read(test, 'main', 'orders.csv')).toBe(`${CSV}3,30\n`);
    expect(await read(test, second.id.slice(0, 10), 'notes.txt')).toBe('hello');
    const log = await test.data.listCommits('shop', { ref: 'main', limit: 10 });
    expect(log.map((commit) => commit.id)).toEqual([second.id, first.id, first.parents[0]]);
    expect(await test.data.listCommits('shop', { ref: 'main', limit: 1, before: second.id })).toEqual([first]);
    expect(await test.data.listCommits('shop', { ref: 'main', limit: 5, before: first.parents[0] as string })).toEqual(
      [],
    );
    expect(await test.data.getRepository('shop')).toMatchObject({ commits: 3, latest: second, defaultBranch: 'main' });
  });

  it('knows the schema and the row count of tables, and of nothing else', async () => {
    const test = await setUp();
    await commitFiles(test, {
      'orders.csv': CSV,
      'notes.txt': 'hello',
      'settings.json': '{"a": 1}',
      'rows.json': '[{"a": 1}]',
    });
    const { entries, next } = await test.data.listEntries('shop', 'main', { limit: 10 });
    expect(next).toBeNull();
    expect(entries.map(({ path, table }) => [path, table?.rowCount ?? null])).toEqual([
      ['notes.txt', null],
      ['orders.csv', 2],
      ['rows.json', 1],
      ['settings.json', null],
    ]);
    expect(entries[1]?.table).toEqual({
      format: 'csv',
      rowCount: 2,
      columns: [
        { name: 'id', type: 'BIGINT' },
        { name: 'amount', type: 'BIGINT' },
      ],
    });
  });

  it('lists in pages and by prefix, and compares', async () => {
    const test = await setUp();
    const many = Object.fromEntries(
      Array.from({ length: 25 }, (_, i) => [`raw/${String(i).padStart(2, '0')}.txt`, `${i}`]),
    );
    const first = await commitFiles(test, { ...many, 'zz.txt': 'z' });
    const paths: string[] = [];
    let after: string | null = '';
    while (after !== null) {
      const page: Awaited<ReturnType<TestData['data']['listEntries']>> = await test.data.listEntries('shop', first.id, {
        prefix: 'raw/',
        limit: 10,
        after,
      });
      paths.push(...page.entries.map((entry) => entry.path));
      after = page.next;
    }
    expect(paths).toEqual(Object.keys(many));
    await test.data.commit(
      { repository: 'shop', branch: 'main', message: 'tidy', changes: [{ path: 'raw/03.txt', remove: true }] },
      'user:ann',
    );
    await commitFiles(test, { 'raw/07.txt': 'seven!', 'new.csv': CSV });
    const diff = await test.data.diff('shop', first.id, 'main', { limit: 2 });
    expect(diff).toMatchObject({ added: 1, removed: 1, changed: 1, next: 'raw/03.txt' });
    expect(diff.files).toMatchObject([
      { path: 'new.csv', change: 'added', from: null, to: { sizeBytes: CSV.length, table: { rowCount: 2 } } },
      { path: 'raw/03.txt', change: 'removed', to: null },
    ]);
    const rest = await test.data.diff('shop', first.id, 'main', { limit: 2, after: diff.next ?? '' });
    expect(rest.files).toMatchObject([
      { path: 'raw/07.txt', change: 'changed', from: { sizeBytes: 1 }, to: { sizeBytes: 6 } },
    ]);
    expect(await test.data.diff('shop', 'main', 'main', { limit: 2 })).toMatchObject({
      added: 0,
      files: [],
      next: null,
    });
  });

  it('lets one of two writers win; the other is told and loses nothing', async () => {
    const test = await setUp();
    const base = (await test.data.getCommit('shop', 'main')).id;
    const [a, b] = [await put(test, 'a.txt', 'from a'), await put(test, 'b.txt', 'from b')];
    const commit = (path: string, object: string, expectedHead?: string) =>
      test.data.commit(
        {
          repository: 'shop',
          branch: 'main',
          message: path,
          changes: [{ path, object }],
          ...(expectedHead ? { expectedHead } : {}),
        },
        `user:${path[0]}`,
      );
    const outcomes = await Promise.allSettled([commit('a.txt', a, base), commit('b.txt', b, base)]);
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    const lost = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(won).toHaveLength(1);
    const head = (await test.data.getCommit('shop', 'main')).id;
    expect(lost?.reason).toMatchObject({
      code: 'DATA_BRANCH_MOVED',
      kind: 'conflict',
      details: { branch: 'main', expected: base, head },
    });
    const loser = outcomes[0]?.status === 'rejected' ? { path: 'a.txt', object: a } : { path: 'b.txt', object: b };
    await expect(commit(loser.path, loser.object, base)).rejects.toMatchObject({ code: 'DATA_BRANCH_MOVED' });
    await commit(loser.path, loser.object, head);
    expect([await read(test, 'main', 'a.txt'), await read(test, 'main', 'b.txt')]).toEqual(['from a', 'from b']);
    expect((await test.data.listCommits('shop', { ref: 'main', limit: 9 })).map((c) => c.parents.length)).toEqual([
      1, 1, 0,
    ]);
  });

  it('lets exactly one of many racing writers through at a time, and keeps what each that won wrote', async () => {
    const test = await setUp();
    const objects = await Promise.all(Array.from({ length: 8 }, (_, i) => put(test, `${i}.txt`, `content ${i}`)));
    const write = async (index: number): Promise<void> => {
      for (;;) {
        try {
          const changes = [{ path: `${index}.txt`, object: objects[index] as string }];
          await test.data.commit({ repository: 'shop', branch: 'main', message: `${index}`, changes }, 'user:ann');
          return;
        } catch (error) {
          expect(error).toMatchObject({ code: 'DATA_BRANCH_MOVED' });
        }
      }
    };
    await Promise.all(objects.map((_, index) => write(index)));
    const { entries } = await test.data.listEntries('shop', 'main', { limit: 100 });
    expect(entries.map((entry) => entry.path)).toEqual(objects.map((_, index) => `${index}.txt`));
    const log = await test.data.listCommits('shop', { ref: 'main', limit: 100 });
    expect(log).toHaveLength(9);
    expect(log.map((commit) => commit.entries)).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0]);
    const moves = test.recorded.moves.filter((move) => move.pointer === 'branch:shop/main');
    expect(moves.map((move) => move.to)).toEqual([...log].reverse().map((commit) => commit.id));
  });

  it('stores the same chunks for many at once, in whatever order each has them', async () => {
    const test = await setUp();
    const parts = Array.from({ length: 12 }, (_, i) => Buffer.alloc(300_000, `part ${i} of all `));
    const orders = Array.from({ length: 8 }, (_, i) => (i % 2 ? parts : [...parts].reverse()));
    const bodies = orders.map((order, i) => Buffer.concat([Buffer.from(`file ${i}`), ...order]));
    const uploads = await Promise.all(bodies.map((body, i) => test.data.upload('shop', `${i}.bin`, sent(body))));
    const changes = uploads.map(({ object }, i) => ({ path: `${i}.bin`, object }));
    await test.data.commit({ repository: 'shop', branch: 'main', message: 'm', changes }, 'user:ann');
    for (const [i, body] of bodies.entries()) {
      const file = await test.data.readFile('shop', 'main', `${i}.bin`);
      expect(Buffer.compare(await received(file.stream()), body)).toBe(0);
    }
  });

  it('answers a repeated request as the first time', async () => {
    const test = await setUp();
    const object = await put(test, 'a.txt', 'a');
    const base = (await test.data.getCommit('shop', 'main')).id;
    const request = { repository: 'shop', branch: 'main', message: 'm', changes: [{ path: 'a.txt', object }] };
    const keyed = { ...request, idempotencyKey: 'k1', meta: { source: 'feed', rows: 3 } };
    const twins = await Promise.all([test.data.commit(keyed, 'user:ann'), test.data.commit(keyed, 'user:ann')]);
    expect(twins[0]).toEqual(twins[1]);
    await commitFiles(test, { 'b.txt': 'b' });
    expect(await test.data.commit(keyed, 'user:ann')).toEqual(twins[0]);
    await expect(test.data.commit({ ...keyed, message: 'other' }, 'user:ann')).rejects.toMatchObject({
      code: 'DATA_KEY_REUSED',
    });
    // Without a key: what changes nothing makes no commit, and what made the head is recognised.
    const head = await test.data.getCommit('shop', 'main');
    expect(await test.data.commit(request, 'user:ann')).toEqual(head);
    const expecting = { ...request, changes: [{ path: 'c.txt', object }], expectedHead: head.id };
    const made = await test.data.commit(expecting, 'user:ann');
    expect(await test.data.commit(expecting, 'user:ann')).toEqual(made);
    await expect(test.data.commit({ ...expecting, expectedHead: base }, 'user:ann')).rejects.toMatchObject({
      code: 'DATA_BRANCH_MOVED',
    });
    expect((await test.data.getRepository('shop')).commits).toBe(4);
  });

  it('branches and tags; a tag is for ever, main stays', async () => {
    const test = await setUp();
    const first = await commitFiles(test, { 'a.txt': '1' });
    const { data } = test;
    await data.createBranch('shop', { name: 'clean', from: 'main' }, 'user:bob');
    await data.createBranch('shop', { name: 'clean', from: first.id }, 'user:bob');
    await data.createTag('shop', { name: 'v1', ref: 'main' }, 'user:bob');
    const second = await commitFiles(test, { 'a.txt': '2' }, 'clean');
    expect([
      await read(test, 'main', 'a.txt'),
      await read(test, 'clean', 'a.txt'),
      await read(test, 'v1', 'a.txt'),
    ]).toEqual(['1', '2', '1']);
    await expect(data.createBranch('shop', { name: 'clean', from: 'main' }, 'u')).rejects.toMatchObject({
      code: 'DATA_NAME_TAKEN',
    });
    await expect(data.createBranch('shop', { name: 'v1', from: 'main' }, 'u')).rejects.toMatchObject({
      code: 'DATA_NAME_TAKEN',
    });
    await expect(data.createTag('shop', { name: 'v1', ref: 'clean' }, 'u')).rejects.toMatchObject({
      code: 'DATA_NAME_TAKEN',
    });
    await expect(data.createTag('shop', { name: 'main', ref: 'clean' }, 'u')).rejects.toMatchObject({
      code: 'DATA_NAME_TAKEN',
    });
    await expect(data.createTag('shop', { name: 'abcdef0123', ref: 'clean' }, 'u')).rejects.toMatchObject({
      code: 'DATA_NAME_TAKEN',
    });
    await expect(data.deleteBranch('shop', 'main', 'u', 'r')).rejects.toMatchObject({ code: 'DATA_BRANCH_PROTECTED' });
    await data.deleteBranch('shop', 'clean', 'user:bob', 'done');
    await expect(data.deleteBranch('shop', 'clean', 'u', 'r')).rejects.toMatchObject({ code: 'DATA_BRANCH_NOT_FOUND' });
    await expect(read(test, 'clean', 'a.txt')).rejects.toMatchObject({ code: 'DATA_REF_NOT_FOUND' });
    expect(await read(test, second.id, 'a.txt')).toBe('2');
    expect((await data.getRepository('shop')).tags).toMatchObject([
      { name: 'v1', commit: first.id, createdBy: 'user:bob' },
    ]);
    expect(test.recorded.moves.slice(2)).toEqual([
      { pointer: 'branch:shop/clean', from: null, to: first.id, actor: 'user:bob' },
      { pointer: 'tag:shop/v1', from: null, to: first.id, actor: 'user:bob' },
      { pointer: 'branch:shop/clean', from: first.id, to: second.id, actor: 'user:ann' },
      { pointer: 'branch:shop/clean', from: second.id, to: null, actor: 'user:bob' },
    ]);
    expect(test.recorded.links.at(-1)).toEqual({ from: first.ref, to: second.ref, relation: 'parent' });
  });

  it('makes a repository once', async () => {
    const { data } = await setUp();
    const again = await data.createRepository({ name: 'shop', description: 'orders' }, 'user:bob');
    expect(again).toMatchObject({ createdBy: 'user:ann', commits: 1 });
    await Promise.all([1, 2, 3].map(() => data.createRepository({ name: 'other' }, 'user:ann')));
    expect((await data.listRepositories()).map((repository) => repository.name)).toEqual(['other', 'shop']);
    await expect(data.createRepository({ name: '../x' }, 'user:ann')).rejects.toMatchObject({
      code: 'KERNEL_NAME_INVALID',
    });
  });

  it('tells the outbox of every move, and nothing of a commit that failed', async () => {
    const test = await setUp();
    const topics: string[] = [];
    test.events.subscribe('test', ['data.branch.moved', 'data.tag.created'], async (event) => {
      topics.push(`${event.topic} ${(event.payload as { branch?: string }).branch ?? ''}`);
    });
    await test.events.start();
    const object = await put(test, 'a.txt', 'a');
    const request = { repository: 'shop', branch: 'main', message: 'm', changes: [{ path: 'a.txt', object }] };
    await test.data.commit(request, 'user:ann');
    await expect(
      test.data.commit({ ...request, changes: [{ path: 'b', object }], expectedHead: '0'.repeat(64) }, 'user:ann'),
    ).rejects.toMatchObject({ code: 'DATA_BRANCH_MOVED' });
    await test.data.createTag('shop', { name: 'v1', ref: 'main' }, 'user:ann');
    while (!(await test.events.isIdle())) await new Promise((resolve) => setTimeout(resolve, 10));
    await test.events.stop();
    // The first one is of the branch that came with the repository.
    expect(topics).toEqual(['data.branch.moved main', 'data.branch.moved main', 'data.tag.created ']);
  });

  it('gives files to readers that want a path, and takes them back', async () => {
    const test = await setUp();
    const local = join(test.folder, 'made.csv');
    await writeFile(local, CSV);
    const stored = await test.data.putLocalFile('shop', local);
    expect(stored).toMatchObject({ object: createHash('sha256').update(CSV).digest('hex'), table: { rowCount: 2 } });
    const changes = [{ path: 'x/orders.csv', object: stored.object }];
    const commit = await test.data.commit({ repository: 'shop', branch: 'main', message: 'm', changes }, 'user:ann');
    const file = await test.data.localFile('shop', 'main', 'x/orders.csv');
    expect(file).toMatchObject({
      commit: commit.id,
      object: stored.object,
      sizeBytes: CSV.length,
      table: { rowCount: 2 },
    });
    const rows = await test.tables.query(`select sum(amount) as total from ${(await test.tables.from(file.path)).sql}`);
    expect(Number(rows[0]?.total)).toBe(30);
    file.release();
  });

  const badChanges: readonly (readonly [string, readonly unknown[], string, string])[] = [
    ['a path with ..', [{ path: '../a.csv', object: 'OBJECT' }], 'DATA_PATH_INVALID', '../a.csv'],
    ['an absolute path', [{ path: '/a.csv', object: 'OBJECT' }], 'DATA_PATH_INVALID', '/a.csv'],
    ['a backslash', [{ path: 'a\\b', object: 'OBJECT' }], 'DATA_PATH_INVALID', 'backslash'],
    ['an object nobody uploaded', [{ path: 'a.csv', object: 'f'.repeat(64) }], 'DATA_OBJECT_NOT_FOUND', 'f'.repeat(64)],
    [
      'a path changed twice',
      [
        { path: 'a', object: 'OBJECT' },
        { path: 'a', remove: true },
      ],
      'DATA_CHANGES_CONFLICT',
      '"a"',
    ],
    ['a file that is not there taken away', [{ path: 'gone', remove: true }], 'DATA_PATH_NOT_FOUND', 'gone'],
    ['a file where a folder is', [{ path: 'dir', object: 'OBJECT' }], 'DATA_CHANGES_CONFLICT', '"dir"'],
    ['a folder where a file is', [{ path: 'dir/a.txt/b', object: 'OBJECT' }], 'DATA_CHANGES_CONFLICT', '"dir/a.txt"'],
    [
      'text under a name that promises Parquet',
      [{ path: 'a.parquet', object: 'OBJECT' }],
      'DATA_TABLE_INVALID',
      'a.parquet',
    ],
  ];
  for (const [what, changes, code, named] of badChanges) {
    it(`refuses ${what}, and commits nothing of it`, async () => {
      const test = await setUp();
      await commitFiles(test, { 'dir/a.txt': 'a' });
      const object = await put(test, 'text', 'just text');
      const before = await test.data.getRepository('shop');
      const given = JSON.parse(JSON.stringify([{ path: 'good', object }, ...changes]).replaceAll('OBJECT', object));
      const attempt = test.data.commit(
        { repository: 'shop', branch: 'main', message: 'm', changes: given },
        'user:ann',
      );
      await expect(attempt).rejects.toMatchObject({ code, message: expect.stringContaining(named) });
      expect(await test.data.getRepository('shop')).toEqual(before);
      await expect(read(test, 'main', 'good')).rejects.toMatchObject({ code: 'DATA_PATH_NOT_FOUND' });
    });
  }

  it('names what is not there', async () => {
    const test = await setUp();
    const { data } = test;
    await expect(data.getRepository('none')).rejects.toMatchObject({ code: 'DATA_REPOSITORY_NOT_FOUND' });
    await expect(data.upload('none', 'a', sent('a'))).rejects.toMatchObject({ code: 'DATA_REPOSITORY_NOT_FOUND' });
    await expect(data.getCommit('shop', 'none')).rejects.toMatchObject({ code: 'DATA_REF_NOT_FOUND' });
    await expect(data.getCommit('shop', 'f'.repeat(64))).rejects.toMatchObject({ code: 'DATA_REF_NOT_FOUND' });
    await expect(data.readFile('shop', 'main', 'none.csv')).rejects.toMatchObject({
      code: 'DATA_PATH_NOT_FOUND',
      message: expect.stringContaining('none.csv'),
    });
    await expect(data.readFile('shop', 'main', '../x')).rejects.toMatchObject({ code: 'DATA_PATH_INVALID' });
    const object = await put(test, 'a', 'a');
    const changes = [{ path: 'a', object }];
    await expect(data.commit({ repository: 'shop', branch: 'none', message: 'm', changes }, 'u')).rejects.toMatchObject(
      { code: 'DATA_BRANCH_NOT_FOUND' },
    );
    // An object of one repository is no object of another: its digest alone gives nobody its bytes.
    await data.createRepository({ name: 'other' }, 'user:ann');
    await expect(
      data.commit({ repository: 'other', branch: 'main', message: 'm', changes }, 'u'),
    ).rejects.toMatchObject({ code: 'DATA_OBJECT_NOT_FOUND' });
  });
});
