import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from 'vitest';
import { migrate, openDatabase } from '#platform/sql';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'trimtab-tracking-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const RUNS = ['a', 'b', 'c', 'd'].map((sign) => sign.repeat(32));

/** Logs to four runs at once until it is killed, and prints each batch's run and step once it is acknowledged. */
const LOGGING = `
import { openDatabase } from '#platform/sql';
import { setUpTracking } from ${JSON.stringify(new URL('./testing.ts', import.meta.url).href)};
const { tracking } = setUpTracking(await openDatabase(process.env.TEST_DATABASE));
const first = Number(process.env.TEST_FIRST_STEP);
await Promise.all(${JSON.stringify(RUNS)}.map(async (run) => {
  for (let step = first; ; step++) {
    const metrics = ['x', 'y', 'z'].map((key) => ({ key, value: step / 3, step, timestampMs: step }));
    await tracking.logBatch(run, { metrics, params: new Map([['p' + step, String(step)]]) });
    process.stdout.write(run + ' ' + step + ';\\n');
  }
}));
`;

it('a process that is killed has stored every batch it acknowledged, and none by halves', async () => {
  const url = `sqlite:${join(folder, 'trimtab.db')}`;
  const database = await openDatabase(url);
  await migrate(database, TRACKING_TEST_MIGRATIONS);
  const { tracking } = setUpTracking(database);
  await tracking.createExperiment({ name: 'delays' }, 'user:ann');
  for (const id of RUNS) await tracking.createRun({ experiment: 'delays', id }, 'user:ann');
  await tracking.stop();
  await database.close();

  const acknowledged = new Set<string>();
  // Three lives, killed after different amounts of work, each starting from what the one before left.
  for (const [life, enough] of [20, 80, 200].entries()) {
    await logUntilKilled(url, life * 100_000, acknowledged.size + enough, acknowledged);
  }

  const reopened = await openDatabase(url);
  const after = setUpTracking(reopened).tracking;
  for (const id of RUNS) {
    const run = await after.getRun(id);
    const steps = [...acknowledged].filter((line) => line.startsWith(id)).map((line) => Number(line.split(' ')[1]));
    const stored = await Promise.all(['x', 'y', 'z'].map((key) => after.getMetricHistory(id, key, 100_000)));
    const [xs, ys, zs] = stored.map(({ points }) => points.map(({ step }) => step));
    expect([ys, zs]).toEqual([xs, xs]);
    expect([...run.params.values()].map(Number).sort((a, b) => a - b)).toEqual(xs);
    const kept = new Set(xs);
    expect(steps.filter((step) => !kept.has(step))).toEqual([]);
    expect(run.metrics.map(({ step }) => step)).toEqual([xs?.at(-1), xs?.at(-1), xs?.at(-1)]);
  }
  await reopened.close();
  expect(acknowledged.size).toBeGreaterThanOrEqual(300);
}, 300_000);

function logUntilKilled(url: string, firstStep: number, enough: number, acknowledged: Set<string>): Promise<void> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', LOGGING], {
    cwd: new URL('../../../', import.meta.url),
    env: { ...process.env, TEST_DATABASE: url, TEST_FIRST_STEP: String(firstStep) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    // The last line may be cut off by the kill; a whole one ends with a semicolon.
    if (line.endsWith(';')) acknowledged.add(line.slice(0, -1));
    if (acknowledged.size >= enough) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    lines.once('close', resolve);
    child.once('exit', (code, signal) => signal !== 'SIGKILL' && reject(new Error(`ended by itself with ${code}`)));
  });
}
