import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { monitoringRoutes } from '#domains/monitoring';
import { createHttpServer } from '#platform/http';
import { migrate, openDatabase } from '#platform/sql';
import { dayMs, MONITORING_TEST_MIGRATIONS, setUpMonitoring, smallReference } from '#testing/domains/monitoring';
import { runCommand } from '../testing.ts';

/** The command over a real server. */

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  await migrate(database, MONITORING_TEST_MIGRATIONS);
  const bench = await setUpMonitoring(database);
  const app = await createHttpServer({
    routes: monitoringRoutes(bench.monitoring),
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
    checkAnswers: true,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const folder = await mkdtemp(join(tmpdir(), 'trimtab-'));
  cleanups.push(
    () => database.close(),
    () => rm(folder, { recursive: true }),
    () => app.close(),
  );
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  return { ...bench, file, run: (...words: string[]) => runCommand('--url', url, ...words) };
}

it('says what to do when there is no monitor, and that one is unknown', async () => {
  const { run: command } = await setUp();
  expect((await command('monitor', 'list')).stdout).toMatch(/There is no monitor yet/);
  expect((await command('monitor', 'alerts', '--open')).stdout).toBe('No alert is open.\n');
  const unknown = await command('monitor', 'windows', 'none');
  expect(unknown).toMatchObject({ code: 3, stdout: '' });
  expect(unknown.stderr).toMatch(/no monitor "none"/);
});

it('shows windows, drift, performance and alerts, and takes labels from a file', async () => {
  const { run: command, monitoring, replay, timeline, file } = await setUp();
  const { id } = await monitoring.addReference(smallReference());
  await monitoring.createMonitor(
    { name: 'delays', endpoint: 'delays', reference: id, segments: ['origin'] },
    'user:ann',
  );
  const { flights } = await replay(0, { labels: false });
  await replay(1, { distance: 1.609 });
  const rows = flights.map(({ label }, i) => `0-${i},${label}`);
  const labels = await file('labels.csv', ['inferenceId,value', ...rows].join('\n'));
  expect((await command('monitor', 'labels', 'import', 'delays', labels)).stdout).toMatch(/1,?000 labels recorded/);
  const again = JSON.parse((await command('--json', 'monitor', 'labels', 'import', 'delays', labels)).stdout);
  expect(again).toEqual({ recorded: 0, known: 1000 });
  timeline.set(dayMs(2));
  expect((await command('monitor', 'tick', 'delays')).stdout).toMatch(/2001-03-01 00:00:00\s+performance/);
  expect((await command('monitor', 'tick', 'delays')).stdout).toBe('Nothing was due.\n');
  expect((await command('monitor', 'list')).stdout).toMatch(
    /delays\s+delays\s+2001-03-02 00:00:00\s+ok\s+failed\s+ok\s+ok\s+1/,
  );
  expect((await command('monitor', 'windows', 'delays', '--limit', '1')).stdout).toMatch(/distance drifted: PSI/);
  expect((await command('monitor', 'drift', 'delays')).stdout).toMatch(/ drifted/);
  expect((await command('monitor', 'performance', 'delays')).stdout).toMatch(
    /Usual: AUC 0\.\d+, log loss 0\.\d+ nats, over 20/,
  );
  expect((await command('monitor', 'show', 'delays')).stdout).toMatch(/features\s+distance, origin, hour, weekday/);
  expect((await command('monitor', 'show', 'delays', '--window', '2001-03-01')).stdout).toMatch(/log-loss/);
  const alerts = JSON.parse((await command('--json', 'monitor', 'alerts', '--open')).stdout);
  expect(alerts.alerts).toMatchObject([{ monitor: 'delays', family: 'drift', state: 'open' }]);
});

it('refuses bad parameters and files with the place at fault', async () => {
  const { run: command, file } = await setUp();
  const bad: readonly [string[], RegExp][] = [
    [['monitor', 'windows', 'delays', '--limit', 'all'], /'--limit <count>' argument 'all' is invalid/],
    [['monitor', 'show', 'delays', '--window', 'yesterday'], /yesterday/],
    [['monitor', 'labels', 'import', 'delays', 'missing.csv'], /missing.csv/],
    [
      ['monitor', 'labels', 'import', 'delays', await file('bad.csv', 'inferenceId,value\na,2')],
      /line 2 has the value "2"/,
    ],
  ];
  for (const [words, problem] of bad) {
    const outcome = await command(...words);
    expect(outcome.code, words.join(' ')).toBe(2);
    expect(outcome.stderr).toMatch(problem);
  }
});
