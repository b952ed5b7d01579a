import { expect, it } from 'vitest';
import { newSource, REGISTRY_TEST_MIGRATIONS, setUpRegistry } from '#testing/domains/registry';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from '#testing/domains/tracking';
import { describeDatabases } from '#testing/platform/sql';
import { sourcePlaces } from './source-places.ts';

describeDatabases('a logged model', (open) => {
  it('is told all versions that it was registered as, also by several at once', async () => {
    const ids = new Set(TRACKING_TEST_MIGRATIONS.map(({ id }) => id));
    const others = REGISTRY_TEST_MIGRATIONS.filter(({ id }) => !ids.has(id));
    const database = await open([...TRACKING_TEST_MIGRATIONS, ...others]);
    const { registry } = await setUpRegistry(database);
    const { tracking } = setUpTracking(database);
    const model = await tracking.createLoggedModel({ experiment: { id: 0 } }, 'user:ann');
    const places = sourcePlaces(tracking, registry);
    const source = { ...newSource(`models:/${model.id}`).source, loggedModel: model.id };
    await Promise.all(
      Array.from({ length: 6 }, async () => {
        await registry.registerSource('delays', { ...newSource('x'), source }, 'user:ann');
        await places.noteRegistration(model.id);
      }),
    );
    const { tags } = await tracking.getLoggedModel(model.id);
    const text = tags.get('mlflow.modelVersions') ?? '';
    expect(text).toContain('[{"name": "delays", "version": 1}, {"name": ');
    const versions = JSON.parse(text);
    expect(versions).toHaveLength(6);
    expect(versions[0]).toEqual({ name: 'delays', version: 1 });
    expect(await places.loggedModel('m-nothing')).toBeUndefined();
    expect(await places.artifactUriOfRun('nothing')).toBeUndefined();
  });
});
