import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { tracingRoutes } from '#domains/tracing';
import { createHttpServer } from '#platform/http';
import { migrate, openDatabase } from '#platform/sql';
import { receivedSpan, setUpTracing, TRACING_TEST_MIGRATIONS, traceId } from '#testing/domains/tracing';
import { runCommand } from '../testing.ts';

/** `trimtab trace` over a real server. */

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  cleanups.push(() => database.close());
  await migrate(database, TRACING_TEST_MIGRATIONS);
  const { tracing } = setUpTracing(database);
  const app = await createHttpServer({
    routes: tracingRoutes(tracing),
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  cleanups.push(() => app.close());
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  await tracing.logSpans('1', [
    receivedSpan({ id: 1, name: 'plan', endMs: 20, attributes: { 'mlflow.spanInputs': 'How late\nis it?' } }),
    receivedSpan({ id: 2, parent: 1, name: 'call', startMs: 5 }),
    receivedSpan({ id: 3, parent: 2, name: 'fetch', startMs: 6, failed: 'off line' }),
    receivedSpan({ id: 4, parent: 9, name: 'lost' }),
  ]);
  return { tracing, trimtab: (...words: string[]) => runCommand('--url', url, ...words) };
}

it('lists traces of an experiment, by a filter', async () => {
  const { trimtab } = await setUp();
  const { stdout } = await trimtab('trace', 'list', 'experiment 1');
  expect(stdout).toContain(traceId(1));
  expect(stdout).toContain('20 ms');
  const none = await trimtab('trace', 'list', 'experiment 1', '--filter', "status = 'ERROR'");
  expect(none.stdout).toBe('There is no such trace in experiment 1.\n');
  const wrong = await trimtab('trace', 'list', 'experiment 1', '--filter', 'colour = 1');
  expect(wrong.code).not.toBe(0);
  expect(wrong.stderr).toContain('cannot be read at character 1');
});

it('shows the steps of a trace as a tree, also those without a parent', async () => {
  const { trimtab, tracing } = await setUp();
  await tracing.addAssessment(traceId(1), {
    ...{ name: 'good', kind: 'feedback', value: false, error: null, source: { kind: 'human', id: 'ann' } },
    ...{ rationale: 'too slow', metadata: new Map(), span: null, overrides: null },
  });
  const { stdout, code } = await trimtab('trace', 'show', traceId(1));
  expect(code).toBe(0);
  const lines = stdout.split('\n');
  const place = (name: string) => lines.find((line) => line.trimStart().startsWith(name))?.search(/\S/);
  expect(place('call')).toBe((place('plan') ?? 0) + 2);
  expect(place('fetch')).toBe((place('plan') ?? 0) + 4);
  expect(place('lost')).toBe(place('plan'));
  for (const words of ['asked: How late is it?', 'off line', 'too slow']) expect(stdout).toContain(words);
  expect((await trimtab('trace', 'show', 'tr-0')).stderr).toContain('There is no trace "tr-0"');
});

it('lists, shows and deletes evaluation datasets', async () => {
  const { tracing, trimtab } = await setUp();
  const none = await trimtab('trace', 'datasets', 'list');
  expect(none.stdout).toContain('There is no such dataset.');
  const { id } = await tracing.createDataset({ name: 'refunds', experimentIds: ['1'] });
  await tracing.putDatasetRecords(id, [
    { inputs: { q: 'How late?' }, expectations: { answer: 'An hour' }, source: { source_type: 'HUMAN' } },
    { inputs: { q: 'Why?' } },
  ]);
  const listed = await trimtab(
    'trace',
    'datasets',
    'list',
    '--experiment',
    'experiment 1',
    '--filter',
    "name = 'refunds'",
  );
  expect(listed.stdout).toMatch(new RegExp(`${id} +refunds +2 +experiment 1`));
  expect((await trimtab('trace', 'datasets', 'list', '--experiment', 'experiment 2')).stdout).not.toContain(id);
  const shown = await trimtab('trace', 'datasets', 'show', id);
  expect(shown.stdout).toContain(`refunds ${id}: 2 records, for experiment 1`);
  expect(shown.stdout).toContain('{"answer":"An hour"}');
  const part = await trimtab('trace', 'datasets', 'show', id, '--limit', '1');
  expect(part.stdout).toContain('2 records, of which 1 are shown');
  expect(part.stdout).not.toContain('Why?');
  expect((await trimtab('trace', 'datasets', 'delete', id)).stdout).toBe(`Dataset ${id} is gone with its records.\n`);
  const gone = await trimtab('trace', 'datasets', 'show', id);
  expect([gone.code, gone.stderr]).toEqual([expect.any(Number), expect.stringContaining('no evaluation dataset')]);
  expect(gone.code).not.toBe(0);
});
