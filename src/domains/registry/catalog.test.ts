import { describe, expect, it } from 'vitest';
import { isTrimtabError } from '#platform/kernel';
import { migrate } from '#platform/sql';
import { describeDatabases } from '#testing/platform/sql';
import { registryMigrations } from './store/schema.ts';
import { newSource, REGISTRY_TEST_MIGRATIONS, registered, setUpRegistry } from './testing.ts';

const code = (wanted: string) => (error: unknown) => isTrimtabError(error, wanted);
const ANN = 'user:ann';

/** Tables as they were before the migration. */
type Older = Readonly<Record<'registry_model' | 'registry_version', Readonly<Record<string, string | number | null>>>>;

describeDatabases('versions that were made elsewhere', (open) => {
  it('stand among those with a file, and refuse what needs one', async () => {
    const { registry, edges } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    await registered(registry, 'one');
    const source = { ...newSource('models:/m-1').source, location: 's3://b/1', loggedModel: 'm-1' };
    const made = await registry.registerSource('delays', { ...newSource('x'), run: 'run:r9', source }, ANN);
    expect(made).toMatchObject({
      version: 2,
      file: null,
      signature: null,
      stage: 'None',
      source,
      tags: { team: 'ops' },
    });
    expect(edges.slice(-2)).toEqual([
      { from: 'run:r9', to: 'version:delays/2', relation: 'produced' },
      { from: 'logged-model:m-1', to: 'version:delays/2', relation: 'registered' },
    ]);
    const listed = await registry.listVersions('delays', { limit: 10 });
    expect(listed.map(({ version, file }) => [version, file === null])).toEqual([
      [2, true],
      [1, false],
    ]);
    const withoutFile = code('REGISTRY_VERSION_WITHOUT_FILE');
    await expect(registry.load('version:delays/2')).rejects.toSatisfy(withoutFile);
    await expect(registry.readFile('delays', '2')).rejects.toSatisfy(withoutFile);
    await expect(registry.runGate('delays', '2', { measurements: {} }, ANN)).rejects.toSatisfy(withoutFile);
  });

  it('are numbered without gaps, whoever registers at once', async () => {
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, n) => registry.registerSource('delays', newSource(`s3://b/${n}`), ANN)),
    );
    expect(made.map(({ version }) => version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, n) => n + 1),
    );
  });
});

describeDatabases('a changed model', (open) => {
  it('keeps the references of its versions when it is called otherwise', async () => {
    const { registry, moves } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    await registered(registry, 'one');
    await registry.setAlias('delays', 'good', { version: 1, reason: 'first' }, ANN);
    const renamed = await registry.renameModel('delays', 'late arrivals', 'user:ann');
    expect(renamed).toMatchObject({ name: 'late arrivals', key: 'delays', aliases: [{ alias: 'good', version: 1 }] });
    await expect(registry.getModel('delays')).rejects.toSatisfy(code('REGISTRY_MODEL_NOT_FOUND'));
    expect(await registry.getVersion('late arrivals', 'good')).toMatchObject({
      model: 'late arrivals',
      ref: 'version:delays/1',
    });
    expect((await registry.load('version:delays/1')).signature.output).toBe('probability');
    await registry.deleteAlias('late arrivals', 'good', { reason: 'done' }, ANN);
    const pointers = ['model:delays@good', 'model:delays#name', 'model:delays@good'];
    expect(moves.map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('leaves its name to another, whose references are others', async () => {
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    const first = await registered(registry, 'one');
    await registry.renameModel('delays', 'old', 'user:ann');
    await registry.addModel({ name: 'delays' }, ANN);
    const second = await registered(registry, 'two');
    expect([first.ref, second.ref]).toEqual(['version:delays/1', 'version:delays:2/1']);
    expect((await registry.getVersionByRef(first.ref)).model).toBe('old');
    expect((await registry.getVersionByRef(second.ref)).model).toBe('delays');
    await registry.deleteModel('delays', 'a mistake', ANN);
    await registry.addModel({ name: 'delays' }, ANN);
    expect((await registry.getModel('delays')).key).toBe('delays:3');
  });

  it('is not called like another one, even when two are renamed at once', async () => {
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    await registry.addModel({ name: 'a' }, ANN);
    await registry.addModel({ name: 'b' }, ANN);
    await expect(registry.renameModel('a', 'delays', 'user:ann')).rejects.toSatisfy(code('REGISTRY_MODEL_NAME_TAKEN'));
    const results = await Promise.allSettled([
      registry.renameModel('a', 'c', 'user:ann'),
      registry.renameModel('b', 'c', 'user:ann'),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = results.find((result) => result.status === 'rejected');
    expect(refused?.reason).toSatisfy(code('REGISTRY_MODEL_NAME_TAKEN'));
    expect((await registry.listModels()).map(({ name }) => name)).toHaveLength(3);
  });

  it('is gone with all its versions and aliases, and the audit log tells of each', async () => {
    const { registry, moves, used } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    await registered(registry, 'one');
    await registry.setAlias('delays', 'good', { version: 1, reason: 'first' }, ANN);
    await registry.moveStage('delays', '1', { stage: 'Staging', archiveExisting: false, reason: 'try' }, ANN);
    used.set('version:delays/1', 'endpoint e serves it');
    await expect(registry.deleteModel('delays', 'done', ANN)).rejects.toSatisfy(code('REGISTRY_VERSION_IN_USE'));
    expect(await registry.getModel('delays')).toMatchObject({ latestVersion: 1 });
    used.clear();
    await registry.deleteModel('delays', 'done', ANN);
    await expect(registry.getModel('delays')).rejects.toSatisfy(code('REGISTRY_MODEL_NOT_FOUND'));
    await expect(registry.getVersionByRef('version:delays/1')).rejects.toSatisfy(code('REGISTRY_VERSION_NOT_FOUND'));
    expect(await registry.listModels()).toEqual([]);
    expect(moves.slice(2).map(({ pointer, from, to, reason }) => [pointer, from, to, reason])).toEqual([
      ['model:delays@good', 'version:delays/1', null, 'done'],
      ['version:delays/1#stage', 'Staging', null, 'done'],
    ]);
  });

  it('has the names that MLflow allows, once', async () => {
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    for (const name of ['', '  ', 'a/b', 'a:b', '.', '..x', 'x'.repeat(257)]) {
      await expect(registry.addModel({ name }, ANN)).rejects.toSatisfy(code('REGISTRY_MODEL_NAME_INVALID'));
    }
    expect(await registry.addModel({ name: 'Größe %_ 1' }, ANN)).toMatchObject({ protectedAliases: [] });
    await expect(registry.addModel({ name: 'delays' }, ANN)).rejects.toSatisfy(code('REGISTRY_MODEL_NAME_TAKEN'));
    const prompt = { name: 'hello', tags: { 'mlflow.prompt.is_prompt': 'true' } };
    await registry.addModel(prompt, ANN);
    expect((await registry.listModels()).map(({ name }) => name)).not.toContain('hello');
  });

  it('has its own tags and description, which change', async () => {
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    await registry.tagModel('delays', 'team', 'ops');
    await registry.tagModel('delays', 'team', 'data');
    await registry.tagModel('delays', '__proto__', 'x');
    await registry.tagModel('delays', 'nothing', null);
    const described = await registry.changeModel('delays', { description: 'late or not' }, 'user:ann');
    expect(described.description).toBe('late or not');
    expect(Object.entries(described.tags)).toEqual([
      ['__proto__', 'x'],
      ['team', 'data'],
    ]);
    await registry.tagModel('delays', 'team', null);
    expect(Object.keys((await registry.getModel('delays')).tags)).toEqual(['__proto__']);
  });
});

describeDatabases('a changed version', (open) => {
  it('keeps its digest whatever is said of it', async () => {
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    const made = await registered(registry, 'one');
    await registry.changeVersion('delays', '1', { description: 'better' });
    await registry.tagVersion('delays', 1, { key: 'seen', value: 'yes' });
    await registry.tagVersion('delays', 1, { key: 'team', value: null });
    const changed = await registry.getVersion('delays', '1');
    expect(changed).toMatchObject({ digest: made.digest, description: 'better', tags: { seen: 'yes' } });
  });

  it('moves through stages, and may send others to the archive', async () => {
    const { registry, moves } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    for (const name of ['one', 'two', 'three']) await registered(registry, name);
    const to = (version: number, stage: 'Staging' | 'Production' | 'None' | 'Archived', archiveExisting = false) =>
      registry.moveStage('delays', String(version), { stage, archiveExisting, reason: 'r' }, ANN);
    await to(1, 'Production');
    await to(2, 'Production');
    expect(await to(3, 'Production', true)).toMatchObject({ stage: 'Production' });
    await to(3, 'Production', true);
    const stages = (await registry.listVersions('delays', { limit: 9 })).map(({ version, stage }) => [version, stage]);
    expect(stages).toEqual([
      [3, 'Production'],
      [2, 'Archived'],
      [1, 'Archived'],
    ]);
    expect(moves.map(({ pointer, from, to: moved }) => `${pointer} ${from} ${moved}`)).toEqual([
      'version:delays/1#stage None Production',
      'version:delays/2#stage None Production',
      'version:delays/1#stage Production Archived',
      'version:delays/2#stage Production Archived',
      'version:delays/3#stage None Production',
    ]);
    await expect(to(1, 'None', true)).rejects.toSatisfy(code('REGISTRY_STAGE_NOT_EMPTIED'));
  });

  it('leaves one in a stage when several move there at once', async () => {
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    for (const name of ['one', 'two', 'three', 'four']) await registered(registry, name);
    const move = { stage: 'Production', archiveExisting: true, reason: 'r' } as const;
    await Promise.all([1, 2, 3, 4].map((version) => registry.moveStage('delays', String(version), move, ANN)));
    const stages = (await registry.listVersions('delays', { limit: 9 })).map(({ stage }) => stage).sort();
    expect(stages).toEqual(['Archived', 'Archived', 'Archived', 'Production']);
  });

  it('is deleted with its aliases, and its number is not given again', async () => {
    const { registry, moves, used } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    await registered(registry, 'one');
    await registered(registry, 'two');
    await registry.setAlias('delays', 'a', { version: 2, reason: 'r' }, ANN);
    await registry.setAlias('delays', 'b', { version: 1, reason: 'r' }, ANN);
    used.set('version:delays/2', 'endpoint e serves it');
    await expect(registry.deleteVersion('delays', '2', 'r', ANN)).rejects.toSatisfy(code('REGISTRY_VERSION_IN_USE'));
    used.clear();
    await registry.deleteVersion('delays', '2', 'wrong data', ANN);
    const gone = code('REGISTRY_VERSION_NOT_FOUND');
    await expect(registry.getVersion('delays', '2')).rejects.toSatisfy(gone);
    await expect(registry.load('version:delays/2')).rejects.toSatisfy(gone);
    await expect(registry.setAlias('delays', 'c', { version: 2, reason: 'r' }, ANN)).rejects.toSatisfy(gone);
    await expect(registry.tagVersion('delays', 2, { key: 'k', value: 'v' })).rejects.toSatisfy(gone);
    expect(await registry.getModel('delays')).toMatchObject({ latestVersion: 1, aliases: [{ alias: 'b' }] });
    expect(moves.at(-1)).toMatchObject({ pointer: 'model:delays@a', from: 'version:delays/2', to: null });
    expect(await registered(registry, 'three')).toMatchObject({ version: 3 });
  });
});

describe('an older registry', () => {
  describeDatabases('with versions of before', (open) => {
    it('keeps its models, tags and versions', async () => {
      const first = registryMigrations.filter(({ id }) => id === 'registry-001-models');
      const database = await open([...REGISTRY_TEST_MIGRATIONS.filter(({ id }) => id.startsWith('events')), ...first]);
      const model = {
        ...{ name: 'delays', description: 'late?', tags: '{"team":"ops"}', protected_aliases: '["champion"]' },
        ...{ created_by: ANN, created_at: 5 },
      };
      await database.tables<Older>().insertInto('registry_model').values(model).execute();
      const version = {
        ...{ model: 'delays', number: 1, digest: 'd', idempotency_key: null, description: 'first', run: 'run:r1' },
        ...{
          inputs: '[]',
          code_commit: null,
          file_digest: 'f',
          file_size: 3,
          signature: '{"inputs":[],"output":"value"}',
        },
        ...{ golden: 'null', metrics: '{}', evaluation: 'null', reference: null, tags: '{"a":"1"}' },
        ...{ registered_by: ANN, created_at: 6 },
      };
      await database.tables<Older>().insertInto('registry_version').values(version).execute();
      await database.insertRows('registry_alias', ['model', 'alias', 'number', 'moved_at'], [['delays', 'x', 1, 7]]);
      await migrate(database, REGISTRY_TEST_MIGRATIONS);
      const { registry } = await setUpRegistry(database);
      expect(await registry.getModel('delays')).toMatchObject({
        ...{ key: 'delays', description: 'late?', tags: { team: 'ops' }, updatedAtMs: 5, latestVersion: 1 },
      });
      expect(await registry.getVersion('delays', 'x')).toMatchObject({
        ...{ description: 'first', tags: { a: '1' }, stage: 'None', updatedAtMs: 6, source: null },
        file: { digest: 'f', sizeBytes: 3 },
      });
    });
  });
});
