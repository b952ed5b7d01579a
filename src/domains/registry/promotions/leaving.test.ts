import { expect, it } from 'vitest';
import { describeDatabases } from '#testing/platform/sql';
import { REGISTRY_TEST_MIGRATIONS, registered, setUpRegistry } from '../testing.ts';

const [ann, bob] = ['user:ann', 'user:bob'];

describeDatabases('what is in an environment', (open) => {
  async function setUp() {
    const bench = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    const digests: string[] = [];
    for (const text of ['one', 'two']) digests.push((await registered(bench.registry, text)).digest);
    const request = (version: string, environment: string) =>
      bench.registry.requestPromotion('delays', { version, environment }, ann);
    const holds = async (environment: string, model = 'delays') => {
      const { environments } = await bench.registry.getModelEnvironments(model);
      return environments.find(({ name }) => name === environment)?.version ?? null;
    };
    return { ...bench, digests, request, holds };
  }

  it('is not deleted where others approved it, and leaves where nobody had to', async () => {
    const { registry, request, holds, digests, moves } = await setUp();
    await request('1', 'dev');
    await request('2', 'staging');
    await registry.approvePromotion('delays', 2, { digest: digests[1] ?? '' }, { id: bob });
    await expect(registry.deleteVersion('delays', '2', 'old', ann)).rejects.toMatchObject({
      code: 'REGISTRY_VERSION_IN_USE',
      message: expect.stringContaining('environment staging holds it'),
    });
    await expect(registry.deleteModel('delays', 'old', ann)).rejects.toMatchObject({ code: 'REGISTRY_VERSION_IN_USE' });
    expect([await holds('dev'), await holds('staging')]).toEqual([1, 2]);
    await registry.deleteVersion('delays', '1', 'old', ann);
    expect([await holds('dev'), await holds('staging')]).toEqual([null, 2]);
    expect(moves.at(-1)).toMatchObject({ pointer: 'model:delays#dev', from: 'version:delays/1', to: null });
    const { moves: kept } = { moves: await registry.listEnvironmentMoves('delays', 'dev', { limit: 9 }) };
    expect(kept.map(({ from, to }) => [from, to])).toEqual([
      [1, null],
      [null, 1],
    ]);
    // The emptied environment takes the next version.
    await request('2', 'dev');
    expect(await holds('dev')).toBe(2);
  });

  it('is not waited for when it was deleted', async () => {
    const { registry, request, digests } = await setUp();
    await request('1', 'staging');
    await registry.deleteVersion('delays', '1', 'damaged', ann);
    expect(await registry.getPromotion('delays', 1)).toMatchObject({ state: 'superseded' });
    const late = registry.approvePromotion('delays', 1, { digest: digests[0] ?? '' }, { id: bob });
    await expect(late).rejects.toMatchObject({ code: 'REGISTRY_PROMOTION_CLOSED' });
  });

  it('stays with its model when that is called otherwise', async () => {
    const { registry, request, holds, digests } = await setUp();
    await request('1', 'dev');
    await request('2', 'staging');
    await registry.renameModel('delays', 'lateness', 'user:ann');
    expect(await holds('dev', 'lateness')).toBe(1);
    await registry.approvePromotion('lateness', 2, { digest: digests[1] ?? '' }, { id: bob });
    expect(await holds('staging', 'lateness')).toBe(2);
    expect(await registry.listPromotions({ limit: 9 })).toMatchObject([{ model: 'lateness' }, { model: 'lateness' }]);
    await registry.createModel({ name: 'delays' }, ann);
    expect(await holds('dev')).toBeNull();
    expect(await registry.listPromotions({ model: 'delays', limit: 9 })).toEqual([]);
  });
});
