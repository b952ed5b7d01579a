import { expect, it } from 'vitest';
import { createGovernance, governanceMigrations } from '#domains/governance';
import { createEvents } from '#platform/events';
import { migrate, openDatabase } from '#platform/sql';
import { REGISTRY_TEST_MIGRATIONS, registered, setUpRegistry } from '#testing/domains/registry';
import { trashDependents } from './trash-dependents.ts';

it('keeps what a registered version was made from, and nothing else', async () => {
  const database = await openDatabase('sqlite::memory:');
  await migrate(database, [...REGISTRY_TEST_MIGRATIONS, ...governanceMigrations]);
  const { registry, clock } = await setUpRegistry(database);
  const governance = createGovernance({ database, clock, events: createEvents({ database, clock }) });
  const { ref } = await registered(registry, 'one', { run: 'run:r1' });
  const made = [
    { from: 'run:r1', to: ref, relation: 'produced' },
    { from: 'run:r2', to: 'version:delays/77', relation: 'produced' },
    { from: 'run:r3', to: 'run:r1', relation: 'copied' },
    { from: 'logged-model:m-1', to: 'version:gone/1', relation: 'registered' },
  ];
  await governance.linkLineage(made);
  const dependents = trashDependents({ governance, registry: () => registry });
  expect(await dependents.of(['run:r1', 'run:r2', 'run:r3', 'run:r4', 'logged-model:m-1'])).toEqual(
    new Map([['run:r1', 'version delays/1 was made from it; delete that first']]),
  );
  await database.close();
});
