import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { serveTracking } from '#testing/domains/tracking';
import { runCommand } from '../testing.ts';

/** Commands tracked, offline and not, and done again, over a real server and a real git repository. */

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const SCRIPT = `
import { writeFileSync } from 'node:fs';
console.log('rate', process.argv[3]);
console.error('careful');
await new Promise((resolve) => setTimeout(resolve, 400));
writeFileSync('seen.txt', process.env.TRIMTAB_RUN_ID + ' ' + process.env.MLFLOW_RUN_ID);
process.exit(Number(process.argv[4] ?? 0));
`;

async function setUp() {
  const { tracking, url, closeServer, closeDatabase } = await serveTracking();
  cleanups.push(closeDatabase, closeServer);
  const folder = mkdtempSync(join(tmpdir(), 'trimtab-tracked-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=ann', '-c', 'user.email=ann@example.org', ...words], { cwd: folder });
  git('init', '--quiet');
  writeFileSync(join(folder, 'train.mjs'), SCRIPT);
  writeFileSync(join(folder, '.gitignore'), 'seen.txt\n');
  git('add', '--all');
  git('commit', '--quiet', '-m', 'first');
  const before = process.cwd();
  process.chdir(folder);
  cleanups.push(() => process.chdir(before));
  return { tracking, folder, trimtab: (...words: string[]) => runCommand('--url', url, ...words) };
}

type Bench = Awaited<ReturnType<typeof setUp>>;

async function onlyRun({ tracking }: Bench) {
  const { runs } = await tracking.searchRuns({ limit: 2 });
  expect(runs).toHaveLength(1);
  const [run] = runs;
  if (!run) throw new Error('no run');
  return run;
}

async function textOf({ tracking }: Bench, run: string, path: string): Promise<string> {
  const { read } = await tracking.getArtifact(run, path);
  return (await (await read()).toArray()).join('');
}

it('keeps the code, arguments, environment, output, resources and end of a command', async () => {
  const bench = await setUp();
  writeFileSync(join(bench.folder, 'new.txt'), 'not committed\n');
  const words = ['run', '--experiment', 'e', '--param', 'a=1', '--tag', 't=2', '--sample-seconds', '1', '--'];
  const outcome = await bench.trimtab(...words, process.execPath, 'train.mjs', '--rate=0.1', '0.5');
  expect(outcome.code).toBe(0);
  expect(outcome.stdout).toBe('rate 0.5\n');
  const run = await onlyRun(bench);
  expect(run).toMatchObject({ experiment: 'e', status: 'finished', name: 'train.mjs' });
  expect(Object.fromEntries(run.params)).toEqual({ a: '1', 'args/rate': '0.1' });
  expect(run.codeCommit).toMatch(/^[0-9a-f]{40}$/);
  expect(run.tags.get('t')).toBe('2');
  expect(run.tags.get('trimtab.exitCode')).toBe('0');
  expect(JSON.parse(run.tags.get('trimtab.command') ?? '')).toContain('train.mjs');
  expect(run.metrics.map(({ key }) => key)).toContain('system/process_memory_megabytes');
  expect(await textOf(bench, run.id, 'output/stdout/00001.txt')).toBe('rate 0.5\n');
  expect(await textOf(bench, run.id, 'output/stderr/00001.txt')).toBe('careful\n');
  expect(await textOf(bench, run.id, 'code/changes.patch')).toContain('+not committed');
  expect(JSON.parse(await textOf(bench, run.id, 'environment/machine.json')).cpus).toBeGreaterThan(0);
  // The user's own index is left alone.
  expect(execFileSync('git', ['status', '--short'], { cwd: bench.folder, encoding: 'utf8' })).toBe('?? new.txt\n');
});

it('ends as the command ends, also one that does not exist', async () => {
  const bench = await setUp();
  const failed = await bench.trimtab('run', '--', process.execPath, 'train.mjs', 'x', '1', '3');
  expect(failed.code).toBe(3);
  expect((await onlyRun(bench)).status).toBe('failed');
  const missing = await bench.trimtab('run', '--', 'no-such-command-here');
  expect(missing.code).toBe(127);
  expect(missing.stderr).toContain('no such command');
});

it('takes what follows -- for the command, whatever it is called', async () => {
  const bench = await setUp();
  const { stdout } = await bench.trimtab('run', '--', 'echo', 'list', '--json');
  expect(stdout).toBe('list --json\n');
});

it('tracks into a folder without a server, and uploads it once', async () => {
  const bench = await setUp();
  const offline = await bench.trimtab('run', '--offline', 'off', '--', process.execPath, 'train.mjs', 'x', '2');
  expect(offline.stderr).toContain('trimtab sync off');
  expect((await bench.tracking.searchRuns({})).runs).toEqual([]);
  expect((await bench.trimtab('sync', 'off')).stdout).toContain('Uploaded 1 run');
  const run = await onlyRun(bench);
  expect(run.status).toBe('finished');
  expect(await textOf(bench, run.id, 'output/stdout/00001.txt')).toBe('rate 2\n');
  expect((await bench.trimtab('sync', 'off')).stdout).toContain('Uploaded 0 runs');
  expect((await onlyRun(bench)).changedAtMs).toBe(run.changedAtMs);
});

it('goes on in a folder when there is no server, and says so', async () => {
  const bench = await setUp();
  const { code, stderr } = await bench.trimtab('--url', 'http://127.0.0.1:9', 'run', '--', 'echo', 'still');
  expect(code).toBe(0);
  expect(stderr).toContain('trimtab sync .trimtab/offline');
}, 60_000);

it('does a run again with its code as it was, and keeps the verdict with both runs', async () => {
  const bench = await setUp();
  writeFileSync(join(bench.folder, 'train.mjs'), `${SCRIPT}\n// a change that is not committed\n`);
  await bench.trimtab('run', '--', process.execPath, 'train.mjs', 'x', '1');
  const original = await onlyRun(bench);
  await bench.tracking.logBatch(original.id, { metrics: [{ key: 'auc', value: 0.7, step: 0 }] });
  // What happens to the checkout afterwards is of no account.
  writeFileSync(join(bench.folder, 'train.mjs'), 'process.exit(9)');
  const again = await bench.trimtab('reproduce', original.id, '--json');
  expect(again.code).toBe(8);
  const told = JSON.parse(again.stdout) as { verdict: string; reproduction: string };
  expect(told.verdict).toBe('different');
  const second = await bench.tracking.getRun(told.reproduction);
  expect(second.status).toBe('finished');
  expect(second.tags.get('trimtab.reproduces')).toBe(original.id);
  const marked = await bench.tracking.getRun(original.id);
  expect(marked.tags.get('trimtab.reproduction.verdict')).toBe('different');
  expect(marked.tags.get('trimtab.reproducedBy')).toBe(second.id);
});

it('says why a run cannot be done again', async () => {
  const bench = await setUp();
  await bench.tracking.createExperiment({ name: 'e' }, 'user:ann');
  const { id } = await bench.tracking.createRun({ experiment: 'e' }, 'user:ann');
  const { code, stderr } = await bench.trimtab('reproduce', id);
  expect(code).not.toBe(0);
  expect(stderr).toContain('does not say which command it was');
});
