import { expect, it } from 'vitest';
import { describeDatabases } from '#testing/platform/sql';
import { REGISTRY_TEST_MIGRATIONS, registered, setUpRegistry } from './testing.ts';

const ANN = 'user:ann';
const reader = { id: ANN };

describeDatabases('changing a model', (open) => {
  const setUp = async (hidden?: string) =>
    setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS), { mayRead: (_, model) => model !== hidden });

  it('renames, describes and tags it in one step, or does none of it', async () => {
    const { registry, moves } = await setUp();
    await registry.createModel({ name: 'taken' }, ANN);
    const change = { description: 'late or not', tags: { team: 'ops', old: null } };
    await expect(registry.changeModel('delays', { ...change, name: 'taken' }, ANN)).rejects.toMatchObject({
      code: 'REGISTRY_MODEL_NAME_TAKEN',
    });
    expect(await registry.getModel('delays')).toMatchObject({ description: '', tags: {} });
    expect(moves).toEqual([]);
    await registry.tagModel('delays', 'old', 'x');
    const changed = await registry.changeModel('delays', { ...change, name: 'lateness' }, ANN);
    expect(changed).toMatchObject({
      name: 'lateness',
      key: 'delays',
      description: 'late or not',
      tags: { team: 'ops' },
    });
    expect(changed.tags).not.toHaveProperty('old');
    expect(moves).toMatchObject([{ actor: ANN, pointer: 'model:delays#name', from: 'delays', to: 'lateness' }]);
    await registry.changeModel('lateness', { name: 'lateness', tags: { team: 'data' } }, ANN);
    expect(moves).toHaveLength(1);
    expect(await registry.getModel('lateness')).toMatchObject({ description: 'late or not', tags: { team: 'data' } });
  });

  it('describes and tags a version by its alias', async () => {
    const { registry } = await setUp();
    await registered(registry, 'one', { tags: { a: '1', b: '2' } });
    await registry.setAlias('delays', 'good', { version: 1, reason: 'r' }, ANN);
    const { digest } = await registry.getVersion('delays', '1');
    const changed = await registry.changeVersion('delays', 'good', {
      description: 'better',
      tags: { a: null, c: '3' },
    });
    expect(changed).toMatchObject({ description: 'better', tags: { b: '2', c: '3' }, digest });
    expect(changed.tags).not.toHaveProperty('a');
    await expect(registry.changeVersion('delays', '7', { description: 'x' })).rejects.toMatchObject({
      code: 'REGISTRY_VERSION_NOT_FOUND',
    });
  });

  it('leaves references that lead to what it is called now, and to nothing that the reader may not see', async () => {
    const { registry } = await setUp('secret');
    await registered(registry, 'one');
    await registry.changeModel('delays', { name: 'lateness' }, ANN);
    await registry.createModel({ name: 'delays' }, ANN);
    const resolve = (ref: string) => registry.resolveReference(ref, reader);
    expect(await resolve('version:delays/1')).toEqual({ model: 'lateness', key: 'delays', version: 1 });
    expect(await resolve('version:delays/1#stage')).toMatchObject({ model: 'lateness', version: 1 });
    expect(await resolve('model:delays@champion')).toEqual({ model: 'lateness', key: 'delays', version: null });
    expect(await resolve('model:delays:2')).toMatchObject({ model: 'delays', key: 'delays:2' });
    await expect(resolve('version:delays/9')).rejects.toMatchObject({ code: 'REGISTRY_VERSION_NOT_FOUND' });
    await registry.changeModel('lateness', { name: 'secret' }, ANN);
    await expect(resolve('version:delays/1')).rejects.toMatchObject({ code: 'REGISTRY_MODEL_NOT_FOUND' });
    await expect(resolve('model:delays')).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
  });
});
