import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, expect, it } from 'vitest';
import { trackingRoutes } from '#domains/tracking';
import { tuningRoutes } from '#domains/tuning';
import { createHttpServer } from '#platform/http';
import { migrate, openDatabase } from '#platform/sql';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from '#testing/domains/tracking';
import { setUpTuning, TUNING_TEST_MIGRATIONS } from '#testing/domains/tuning';
import { addRun } from './run.ts';
import { addStudy } from './study.ts';

/** `trimtab run` and `trimtab study` over a real server. */

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  cleanups.push(() => database.close());
  await migrate(database, [...new Set([...TRACKING_TEST_MIGRATIONS, ...TUNING_TEST_MIGRATIONS])]);
  const { tracking, clock } = setUpTracking(database);
  const { tuning } = setUpTuning(database);
  const app = await createHttpServer({
    routes: [...trackingRoutes(tracking), ...tuningRoutes(tuning)],
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  cleanups.push(() => app.close());
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const folder = await mkdtemp(join(tmpdir(), 'trimtab-cli-run-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return { tracking, clock, folder, trimtab: (...parameters: string[]) => trimtab(url, parameters) };
}

async function trimtab(url: string, parameters: readonly string[]): Promise<string> {
  let out = '';
  const original = process.stdout.write;
  process.stdout.write = (text: string | Uint8Array) => {
    out += text;
    return true;
  };
  try {
    const program = new Command('trimtab').option('--url <address>').option('--json').exitOverride();
    addRun(program);
    addStudy(program);
    await program.parseAsync(['node', 'trimtab', '--url', url, ...parameters]);
    return out;
  } finally {
    process.stdout.write = original;
  }
}

async function twoRuns() {
  const bench = await setUp();
  const { tracking, clock } = bench;
  await tracking.createExperiment({ name: 'delays' }, 'user:ann');
  const start = async (name: string, depth: string, auc: number) => {
    clock.advance(1000);
    const inputs = [{ ref: 'commit:flights/1', path: null, role: 'training' } as const];
    const params = new Map(Object.entries({ depth, kind: 'gbdt' }));
    const { id } = await tracking.createRun({ experiment: 'delays', name, params, inputs }, 'user:ann');
    const metrics = [0, 1, 2].map((step) => ({ key: 'auc', value: auc - (2 - step) / 10, step, timestampMs: step }));
    await tracking.logBatch(id, { metrics });
    await tracking.putArtifact(id, 'plots/roc.svg', new TextEncoder().encode('<svg/>'));
    return id;
  };
  return { ...bench, a: await start('shallow', '4', 0.5), b: await start('deep', '9', 0.75) };
}

it('lists, shows and compares runs', async () => {
  const { trimtab, tracking, a, b } = await twoRuns();
  await tracking.logBatch(a, { metrics: [{ key: 'system/cpu', value: 7, step: 0, timestampMs: 0 }] });
  expect(await trimtab('run', 'experiments')).toMatch(/delays +2 +2 +2001-03-01 00:00:02/);
  const listed = await trimtab('run', 'list', 'delays', '--filter', 'metrics.auc > 0.6');
  expect(listed).toMatch(/run +name +experiment +status +started \(UTC\) +metrics\.auc/);
  expect(listed).toContain(b);
  expect(listed).not.toContain(a);
  const ordered = await trimtab('run', 'list', '--order', 'metrics.auc desc', '--columns', 'params.depth');
  expect(ordered.indexOf(b)).toBeLessThan(ordered.indexOf(a));
  expect(ordered).toContain('params.depth');
  expect(JSON.parse(await trimtab('run', 'list', '--limit', '1', '--json'))).toMatchObject({ runs: [{ id: b }] });
  const shown = await trimtab('run', 'show', b);
  expect(shown).toContain(`deep, run ${b} of experiment delays: running`);
  expect(shown).toMatch(/auc +0\.75 +2 +0\.55 +0\.75/);
  expect(shown).toMatch(/training +commit:flights\/1 +-/);
  expect(shown).toMatch(/plots\/roc\.svg +6/);
  const compared = await trimtab('run', 'compare', a, b);
  expect(compared).toMatch(/params\.depth +4 +9/);
  expect(compared).toMatch(/metrics\.auc +0\.5 +0\.75/);
  expect(compared).not.toMatch(/params\.kind|system/);
  const whole = await trimtab('run', 'compare', a, b, '--all');
  expect([whole.includes('params.kind'), whole.includes('system/cpu')]).toEqual([true, true]);
  expect(await trimtab('run', 'metrics', b, 'auc')).toMatch(/2 +1970-01-01 00:00:00 +0\.75/);
});

it('exports a run with every point and every file', async () => {
  const { trimtab, folder, b } = await twoRuns();
  const to = join(folder, 'out');
  expect(await trimtab('run', 'export', b, '--to', to)).toContain('metrics.csv with 3 points, 1 files');
  expect(JSON.parse(await readFile(join(to, 'run.json'), 'utf8'))).toMatchObject({ id: b, params: { depth: '9' } });
  expect(await readFile(join(to, 'metrics.csv'), 'utf8')).toBe(
    'key,step,timestamp_ms,value\nauc,0,0,0.55\nauc,1,1,0.65\nauc,2,2,0.75\n',
  );
  expect(await readFile(join(to, 'artifacts', 'plots', 'roc.svg'), 'utf8')).toBe('<svg/>');
});

it('says what to do when there is nothing', async () => {
  const { trimtab } = await setUp();
  expect(await trimtab('run', 'experiments')).toContain('There is no experiment yet.');
  expect(await trimtab('run', 'list')).toContain('No run matches.');
  expect(await trimtab('study', 'list')).toContain('trimtab study create');
  await expect(trimtab('run', 'show', 'none')).rejects.toMatchObject({ code: 'TRACKING_RUN_NOT_FOUND' });
});

it('takes a study from its file to its best trial', async () => {
  const { trimtab, folder } = await setUp();
  const file = join(folder, 'study.yaml');
  await writeFile(
    file,
    `name: gbdt
directions: [minimize]
space:
  rate: { kind: float, low: 0.01, high: 0.3, log: true }
  loss: { kind: categorical, choices: [logistic, squared] }
pruner: { name: median, startupTrials: 1 }
`,
  );
  expect(await trimtab('study', 'create', file)).toMatch(/rate +float +0\.01 to 0\.3, logarithmic/);
  expect(await trimtab('study', 'create', file)).toContain('0 trials complete');
  const first = JSON.parse(await trimtab('study', 'ask', 'gbdt', '--key', 'a', '--json'));
  expect(JSON.parse(await trimtab('study', 'ask', 'gbdt', '--key', 'a', '--json'))).toEqual(first);
  expect(await trimtab('study', 'report', 'gbdt', '0', '1', '0.5')).toMatch(/^go on\n/);
  expect(await trimtab('study', 'tell', 'gbdt', '0', '0.5')).toContain('Trial 0 of study gbdt: complete with 0.5');
  await trimtab('study', 'ask', 'gbdt');
  expect(await trimtab('study', 'report', 'gbdt', '1', '1', '0.9')).toMatch(/^prune\nWorse than the median/);
  await trimtab('study', 'tell', 'gbdt', '1', '--state', 'pruned', '--words', 'too slow');
  expect(await trimtab('study', 'show', 'gbdt')).toContain('Best: trial 0 with 0.5');
  expect(await trimtab('study', 'trials', 'gbdt', '--state', 'pruned')).toMatch(/1 +pruned +0\.9/);
  expect(await trimtab('study', 'list')).toMatch(/gbdt +0 +1 +1 +0 +0\.5/);
});
