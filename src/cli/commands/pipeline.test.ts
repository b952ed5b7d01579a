import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { pipelinesRoutes } from '#domains/pipelines';
import { createHttpServer } from '#platform/http';
import { migrate, openDatabase } from '#platform/sql';
import { PIPELINES_TEST_MIGRATIONS, setUpPipelines } from '#testing/domains/pipelines';
import { main } from '../main.ts';

/** The commands over a real server that runs real steps. */

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function run(...parameters: string[]) {
  const written = { stdout: '', stderr: '' };
  const restore = (['stdout', 'stderr'] as const).map((name) => {
    const original = process[name].write;
    process[name].write = (text: string | Uint8Array) => {
      written[name] += typeof text === 'string' ? text : Buffer.from(text).toString();
      return true;
    };
    return () => {
      process[name].write = original;
    };
  });
  process.exitCode = undefined;
  await main(['node', 'trimtab', ...parameters]);
  for (const one of restore) one();
  const code = Number(process.exitCode ?? 0);
  process.exitCode = undefined;
  return { code, ...written };
}

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  await migrate(database, PIPELINES_TEST_MIGRATIONS);
  const bench = setUpPipelines(database);
  await bench.pipelines.start();
  const app = await createHttpServer({
    routes: pipelinesRoutes(bench.pipelines),
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 't', version: '0', description: '' },
    checkAnswers: true,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  cleanups.push(
    () => database.close(),
    () => bench.close(),
    () => app.close(),
  );
  const trimtab = (...parameters: string[]) => run('--url', url, 'pipeline', ...parameters);
  return { ...bench, url, trimtab };
}

const DEFINITION = `
name: count
description: Counts lines.
params: { more: 1 }
inputs: [text]
steps:
  - name: count
    command: ["{{node}}", count.mjs]
    inputs: { text: { run: text } }
    params: { more: "{{params.more}}" }
    outputs: [{ name: lines, kind: json }]
    cache: readwrite
  - name: check
    command: [sh, -c, "echo checked; test ! -e broken"]
    needs: [count]
`;

const COUNT = `
import { readFileSync, writeFileSync } from 'node:fs';
const step = JSON.parse(readFileSync(process.env.TRIMTAB_STEP, 'utf8'));
const lines = readFileSync(step.inputs.text, 'utf8').split('\\n').length - 1 + step.params.more;
console.log('counted', lines);
writeFileSync(step.outputs.lines, JSON.stringify({ lines }));
`;

it('registers, runs, shows, explains and carries on a pipeline', async () => {
  const { trimtab, base } = await setUp();
  expect((await trimtab('list')).stdout).toContain('trimtab pipeline put');
  writeFileSync(join(base, 'count.yaml'), DEFINITION);
  writeFileSync(join(base, 'count.mjs'), COUNT);
  writeFileSync(join(base, 'rows.txt'), 'a\nb\n');
  expect((await trimtab('put', join(base, 'count.yaml'))).stdout).toContain('Pipeline count is at version 1.');
  expect((await trimtab('list')).stdout).toMatch(/count +1 +2/);

  const first = await trimtab('run', 'count', '--input', `text=${join(base, 'rows.txt')}`, '--param', 'more=5');
  expect(first.code).toBe(0);
  expect(first.stderr).toContain('count: succeeded');
  expect(first.stdout).toContain('lines={"lines":7}');

  writeFileSync(join(base, 'broken'), '');
  const second = await trimtab(
    '--json',
    'run',
    'count',
    '--input',
    `text=${join(base, 'rows.txt')}`,
    '--param',
    'more=5',
  );
  expect(second.code).toBe(8);
  const { run: failed } = JSON.parse(second.stdout);
  expect(failed.status).toBe('failed');
  expect((await trimtab('show', failed.id)).stdout).toMatch(/check: It ended with code 1.*\n {2}\| checked/);
  expect((await trimtab('explain', failed.id, 'count')).stdout).toMatch(/^Not run: run \w+ had made the same/);
  expect((await trimtab('logs', failed.id, 'count')).stdout).toBe('counted 7\n');
  expect((await trimtab('output', failed.id, 'count', 'lines')).stdout).toBe('{"lines":7}');
  await trimtab('output', failed.id, 'count', 'lines', '--to', join(base, 'out.json'));
  expect(readFileSync(join(base, 'out.json'), 'utf8')).toBe('{"lines":7}');

  const third = await trimtab('--json', 'rerun', failed.id);
  expect(third.code).toBe(8);
  const { run: rerun } = JSON.parse(third.stdout);
  expect(rerun.rerunOf).toBe(failed.id);
  expect((await trimtab('runs')).stdout.trim().split('\n')).toHaveLength(4);
});

it('follows a log, and cancels', async () => {
  const { trimtab, base, url, pipelines } = await setUp();
  const steps = [{ name: 'slow', command: ['sh', '-c', 'echo one; sleep 0.4; echo two; sleep 60'] }];
  writeFileSync(join(base, 'slow.json'), JSON.stringify({ name: 'slow', steps }));
  await trimtab('put', join(base, 'slow.json'));
  const started = await trimtab('--json', 'run', 'slow', '--no-wait', '--key', 'k');
  const { id } = JSON.parse(started.stdout);
  expect(JSON.parse((await trimtab('--json', 'run', 'slow', '--no-wait', '--key', 'k')).stdout).id).toBe(id);
  const following = fetch(`${url}/api/pipeline-runs/${id}/steps/slow/log/events`).then((response) => response.text());
  while (!(await pipelines.readLog(id, 'slow')).text.includes('two')) await sleep(5);
  const cancelled = await trimtab('cancel', id, '--reason', 'enough');
  const logs = await following;
  expect(cancelled.stdout).toContain('Cancelled by user:ann: enough.');
  expect(logs).toMatch(/event: text\ndata: {"text":"one\\n","nextOffset":4,"attempt":1}/);
  expect(logs).toMatch(/two[\s\S]*event: end\ndata: {"status":"cancelled"}/);
});

it('refuses what cannot be, with an exit code for each kind', async () => {
  const { trimtab, base } = await setUp();
  writeFileSync(join(base, 'bad.yaml'), 'name: p\nsteps: [{ name: a, command: ["true"], needs: [b] }]');
  const bad = await trimtab('put', join(base, 'bad.yaml'));
  expect([bad.code, bad.stderr]).toEqual([5, expect.stringContaining('step "a" needs step "b", which does not exist')]);
  expect((await trimtab('put', join(base, 'none.yaml'))).code).toBe(2);
  expect((await trimtab('run', 'none')).code).toBe(3);
  expect((await trimtab('show', 'none')).code).toBe(3);
  expect((await trimtab('run', 'none', '--param', 'x')).code).toBe(2);
});
