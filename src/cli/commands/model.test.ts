import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createGovernance, governanceMigrations, governanceRoutes } from '#domains/governance';
import { createRegistry, registryRoutes } from '#domains/registry';
import { MemoryBlobStore } from '#platform/blob';
import { createEvents } from '#platform/events';
import { createHttpServer } from '#platform/http';
import { ManualClock, seededRng } from '#platform/kernel';
import { type Database, migrate, openDatabase } from '#platform/sql';
import { goodMeasurements, newVersion, outlineOf, REGISTRY_TEST_MIGRATIONS } from '#testing/domains/registry';
import { runCommand } from '../testing.ts';

/** The commands over a real server. */

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  await migrate(database, [...REGISTRY_TEST_MIGRATIONS, ...governanceMigrations]);
  const clock = new ManualClock(Date.UTC(2001, 2, 1));
  const events = createEvents({ database, clock });
  const governance = createGovernance({ database, clock, events });
  const registry = createRegistry({
    database,
    blobs: new MemoryBlobStore(),
    clock,
    rng: seededRng(7),
    events,
    pointerLog: governance,
    lineage: governance,
    use: { of: async () => new Map() },
    runsOf: async () => new Map(),
    mayRead: () => true,
    mayEdit: () => true,
  });
  const app = await createHttpServer({
    routes: [...registryRoutes(registry), ...governanceRoutes(governance)],
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
    checkAnswers: true,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const folder = await mkdtemp(join(tmpdir(), 'trimtab-cli-'));
  cleanups.push(
    () => database.close(),
    () => app.close(),
    () => rm(folder, { recursive: true, force: true }),
  );
  const trimtab = (...parameters: string[]) => runCommand('--url', url, ...parameters);
  const write = async (name: string, content: string | Uint8Array) => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  return { database, trimtab, write, folder };
}

async function registeredTwice(bench: Awaited<ReturnType<typeof setUp>>) {
  const { trimtab, write } = bench;
  const { file: _, ...spec } = newVersion('');
  const specFile = await write('spec.json', JSON.stringify(spec));
  const onnx = await write('model.onnx', outlineOf('one'));
  expect((await trimtab('model', 'create', 'delays', '--description', 'late flights')).code).toBe(0);
  for (const key of ['a', 'a', 'b']) {
    const made = await trimtab('model', 'register', 'delays', onnx, '--spec', specFile, '--run', 'r9', '--key', key);
    expect(made).toMatchObject({ code: 0 });
  }
  return { ...bench, onnx, specFile };
}

it('takes a model from a file to the champion, and tells of it in the audit log', async () => {
  const { trimtab, write, folder } = await registeredTwice(await setUp());
  const versions = await trimtab('model', 'versions', 'delays');
  expect(versions.stdout.split('\n').slice(1)).toEqual([
    expect.stringMatching(/^ +2 .*not run .*user:ann +- +9$/),
    expect.stringMatching(/^ +1 .*not run .*user:ann +- +9$/),
    '',
  ]);
  const promote = ['model', 'alias', 'delays', 'champion', '1', '--reason', 'first', '--expected', 'none'];
  expect(await trimtab(...promote)).toMatchObject({ code: 4, stderr: expect.stringMatching(/no gate was run/) });

  const poor = await write('poor.json', JSON.stringify({ ...goodMeasurements(), onnx: undefined }));
  const failed = await trimtab('model', 'gate', 'delays', '1', '--measurements', poor);
  expect(failed).toMatchObject({
    code: 8,
    stdout: expect.stringMatching(/NOT passed.*onnx-parity +FAILED +Not measured/s),
  });
  expect((await trimtab('model', 'gate', 'delays', '1')).code).toBe(8);
  const good = await write('good.json', JSON.stringify(goodMeasurements()));
  const passed = await trimtab('model', 'gate', 'delays', '1', '--measurements', good, '--key', 'k');
  expect(passed).toMatchObject({ code: 0, stdout: expect.stringMatching(/better-than +ok +Better than baseline/) });
  expect(await trimtab(...promote)).toMatchObject({ code: 0, stdout: 'champion of delays names version 1.\n' });
  const shown = await trimtab('model', 'show', 'delays', 'champion');
  expect(shown.stdout).toMatch(/^version +version:delays\/1\naliases +champion\n/);

  const copy = join(folder, 'copy.onnx');
  expect((await trimtab('model', 'download', 'delays', 'champion', copy)).code).toBe(0);
  expect(Buffer.compare(await readFile(copy), outlineOf('one'))).toBe(0);

  const lineage = await trimtab('audit', 'lineage', 'run:r9', '--direction', 'down', '--json');
  expect(JSON.parse(lineage.stdout)).toMatchObject({ edges: [{ to: 'version:delays/1' }, { to: 'version:delays/2' }] });
  const log = await trimtab('audit', 'log', '--pointer', 'model:delays@*');
  expect(log.stdout).toMatch(/model:delays@champion +nothing -> version:delays\/1\n +user:ann: first/);
  const gone = await trimtab('model', 'alias', 'delays', 'champion', '--delete', '--reason', 'retired');
  expect(gone).toMatchObject({ code: 0 });
  expect((await trimtab('model', 'show', 'delays', 'champion')).code).toBe(3);
}, 60_000);

it('verifies the audit log, and exits with 8 when somebody changed it', async () => {
  const { database, trimtab, folder, write } = await registeredTwice(await setUp());
  for (const version of ['1', '2']) {
    await trimtab('model', 'alias', 'delays', 'beta', version, '--reason', `version ${version}`);
  }
  const checkpoint = await trimtab('audit', 'checkpoint');
  expect(checkpoint.stdout).toMatch(/^2 [0-9a-f]{64}\n$/);
  const noted = await write('checkpoint.txt', checkpoint.stdout);
  const whole = await trimtab('audit', 'verify', '--checkpoint', noted);
  expect(whole).toMatchObject({ code: 0, stdout: expect.stringMatching(/is whole: 2 entries/) });
  const asJson = await write('checkpoint.json', (await trimtab('audit', 'checkpoint', '--json')).stdout);
  expect((await trimtab('audit', 'verify', '--checkpoint', asJson)).code).toBe(0);

  await forge(database);
  const broken = await trimtab('audit', 'verify');
  expect(broken).toMatchObject({ code: 8, stdout: expect.stringMatching(/BROKEN at entry 1: Entry 1 was changed/) });
  const wrong = await trimtab('audit', 'verify', '--checkpoint', join(folder, 'model.onnx'));
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/is no checkpoint/) });
}, 60_000);

async function forge(database: Database): Promise<void> {
  const { sql } = await import('kysely');
  await sql`drop trigger governance_audit_no_update`.execute(database.tables());
  await sql`update governance_audit set actor = 'user:eve' where sequence = 1`.execute(database.tables());
}

it('says what is wrong and what to do, and shows an example with --help', async () => {
  const { trimtab, specFile, write } = await registeredTwice(await setUp());
  const csv = await write('rows.csv', 'date,delay\n2001-01-01,5\n');
  const outcomes = [];
  for (const line of [
    ['model', 'show', 'nobody'],
    ['model', 'register', 'delays', csv, '--spec', specFile],
    ['model', 'register', 'delays', 'missing.onnx', '--spec', specFile],
    ['model', 'register', 'delays', csv, '--spec', csv],
    ['model', 'alias', 'delays', 'beta', 'two', '--reason', 'x'],
    ['model', 'create', '../x'],
    ['audit', 'lineage', 'delays'],
    ['audit', 'log', '--limit', 'many'],
  ]) {
    outcomes.push(await trimtab(...line));
  }
  expect(outcomes.map(({ code }) => code)).toEqual([3, 5, 2, 2, 2, 5, 5, 2]);
  expect(outcomes[0]?.stderr).toMatch(/no model "nobody"/);
  expect(outcomes[1]?.stderr).toMatch(/"file" is no ONNX file/);
  for (const command of ['model register', 'model gate', 'audit verify', 'audit lineage']) {
    const help = await trimtab(...command.split(' '), '--help');
    expect(help).toMatchObject({ code: 0, stdout: expect.stringMatching(/Example:\n/) });
  }
}, 60_000);
