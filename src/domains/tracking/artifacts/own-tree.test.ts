import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { MemoryBlobStore } from '#platform/blob';
import { ManualClock } from '#platform/kernel';
import { describeFileTree } from '#testing/platform/blob';
import { describeDatabases } from '#testing/platform/sql';
import { fileMigrations } from '../store/file-schema.ts';
import { trackingMigrations } from '../store/schema.ts';
import { TRACKING_TEST_MIGRATIONS } from '../testing.ts';
import { createOwnTree } from './own-tree.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describeDatabases('files of the server itself', (open) => {
  async function setUp() {
    const blobs = new MemoryBlobStore();
    const database = await open(TRACKING_TEST_MIGRATIONS);
    const tree = createOwnTree({ database, blobs, clock: new ManualClock(5) });
    const stored = () => Array.fromAsync(blobs.list(''));
    return { blobs, tree, stored, database };
  }

  describeFileTree('are a tree', async () => (await setUp()).tree);

  it('keep the same bytes once, until nothing has them any more', async () => {
    const { tree, stored } = await setUp();
    await tree.put('a/one', bytes('same'));
    await tree.put('b/two', bytes('same'));
    expect(await stored()).toHaveLength(1);
    await tree.put('a/one', bytes('other'));
    expect(await stored()).toHaveLength(2);
    await tree.remove('b');
    expect(await stored()).toHaveLength(1);
    await tree.put('a/one', bytes('again'));
    expect(await stored()).toHaveLength(1);
    await tree.remove('a/one');
    expect(await stored()).toEqual([]);
  });

  it('are whole while the same content is stored and deleted at once', async () => {
    const { tree } = await setUp();
    await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        await tree.put(`x/${i}`, bytes('content'));
        if (i % 3 !== 0) await tree.remove(`x/${i}`);
      }),
    );
    expect(await tree.list('x')).toHaveLength(10);
    const opened = await tree.open('x/27');
    expect(opened && (await text(await opened.read()))).toBe('content');
  });

  it('are listed by thousands, and folders without looking at what lies in them', async () => {
    const { tree, database } = await setUp();
    const rows = Array.from({ length: 2500 }, (_, i) => [`f/${String(i).padStart(4, '0')}`, 'd', i, 1]);
    for (const [folder, files] of [
      ['f/deep', 5000],
      ['f/0001.d', 3],
      ['g', 2],
    ] as const) {
      for (let i = 0; i < files; i++) rows.push([`${folder}/${i}`, 'd', i, 1]);
    }
    await database.insertRows('tracking_file', ['path', 'digest', 'size_bytes', 'stored_at'], rows);
    const listed = await tree.list('f');
    expect(listed).toHaveLength(2502);
    expect(listed.filter(({ sizeBytes }) => sizeBytes === null).map(({ name }) => name)).toEqual(['0001.d', 'deep']);
    expect(listed.find(({ name }) => name === '2499')?.sizeBytes).toBe(2499);
    expect((await tree.list('')).map(({ name }) => name)).toEqual(['f', 'g']);
    expect(await tree.count('f')).toMatchObject({ files: 7503 });
  });

  it('find names beyond ASCII under folders beyond ASCII', async () => {
    const { tree } = await setUp();
    for (const path of ['ü/é/1', 'ü/é0', 'ü/😀', 'u/x']) await tree.put(path, bytes(path));
    expect(await tree.list('ü')).toEqual([
      { name: 'é', sizeBytes: null },
      { name: 'é0', sizeBytes: 6 },
      { name: '😀', sizeBytes: 7 },
    ]);
  });

  it('come from the table of earlier versions', async () => {
    const earlier = trackingMigrations.filter((one) => !fileMigrations.includes(one));
    const database = await open([
      ...TRACKING_TEST_MIGRATIONS.filter((one) => !trackingMigrations.includes(one)),
      ...earlier,
    ]);
    const insert = (table: string, row: Readonly<Record<string, string | number | null>>) =>
      database.insertRows(table, Object.keys(row), [Object.values(row)]);
    const run = (id: string, experiment: number, artifact_uri: string | null) =>
      insert('tracking_run', {
        ...{ id, experiment, name: id, status: 'finished', lifecycle: 'active', created_by: 'user:ann' },
        ...{ started_at: 1, changed_at: 1, user_id: '', artifact_uri },
      });
    for (const [id, artifact_location] of [
      [7, null],
      [8, 's3://theirs/8'],
      [9, 'mlflow-artifacts:/nine'],
    ] as const) {
      await insert('tracking_experiment', {
        id,
        name: `e${id}`,
        created_at: 1,
        created_by: 'a',
        updated_at: 1,
        artifact_location,
      });
    }
    await run('kept', 7, 'mlflow-artifacts:/7/kept/artifacts');
    await run('old', 7, null);
    await run('elsewhere', 8, 's3://theirs/8/elsewhere/artifacts');
    await run('inherited', 8, null);
    await run('placed', 9, null);
    for (const owner of ['kept', 'old', 'elsewhere', 'inherited', 'placed', 'erased']) {
      await insert('tracking_artifact', {
        ...{
          run: owner,
          path: 'a/b.txt',
          digest: `d-${owner}`,
          size_bytes: 3,
          content_type: 'text/plain',
          created_at: 4,
        },
      });
    }
    for (const migration of fileMigrations) await migration.up(database);
    const tree = createOwnTree({ database, blobs: new MemoryBlobStore(), clock: new ManualClock(5) });
    const files = await Array.fromAsync(tree.walk(''));
    expect(files.map(({ path, digest }) => `${path} ${digest}`)).toEqual([
      '7/kept/artifacts/a/b.txt d-kept',
      '7/old/artifacts/a/b.txt d-old',
      '8/elsewhere/artifacts/a/b.txt d-elsewhere',
      '8/inherited/artifacts/a/b.txt d-inherited',
      'deleted/erased/artifacts/a/b.txt d-erased',
      'nine/placed/artifacts/a/b.txt d-placed',
    ]);
    expect(files[0]).toMatchObject({ sizeBytes: 3, modifiedAtMs: 4 });
    const uris = await database
      .tables<{ tracking_run: { id: string; artifact_uri: string | null } }>()
      .selectFrom('tracking_run')
      .select(['id', 'artifact_uri'])
      .where('id', 'in', ['elsewhere', 'inherited'])
      .orderBy('id')
      .execute();
    expect(uris).toEqual([
      { id: 'elsewhere', artifact_uri: 'mlflow-artifacts:/8/elsewhere/artifacts' },
      { id: 'inherited', artifact_uri: 'mlflow-artifacts:/8/inherited/artifacts' },
    ]);
  });
});
