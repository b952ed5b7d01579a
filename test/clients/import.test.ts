import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createScratchPostgres } from '#testing/platform/sql';
import { freePort, startProgram } from '../program.ts';
import { QUICK_FOLDER, startMlflowServer } from './mlflow-server.ts';
import { runPython } from './python.ts';

/** What MLflow's client stored, and what the same client reads from our server after an import, are the same. */

const older = process.env.TRIMTAB_TEST_MLFLOW_3_11;
const newest = process.env.TRIMTAB_TEST_MLFLOW_NEWEST;
const postgres = process.env.TRIMTAB_TEST_POSTGRES;
const PROGRAM = new URL('../../bin/trimtab.js', import.meta.url).pathname;
const TIMEOUT = { timeout: 400_000 };
const RUNS = 6;
const OTHER_POINTS = 11;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe.skipIf(older === undefined || newest === undefined)('trimtab import', () => {
  it('takes over a running server, and the database and files of that server', TIMEOUT, async () => {
    const python = older ?? '';
    const folder = makeFolder();
    const server = await startMlflowServer(python, folder);
    cleanups.push(server.stop);
    // More than a page of its histories.
    await makeHistory(python, server.url, folder, 26);
    const expected = await factsAt(python, server.url, folder);

    const ours = await startOurs();
    // An import that is cut off leaves nothing that hinders the next.
    await importInto(ours, [server.url], { killAtFirstProgress: true });
    const first = await importInto(ours, [server.url]);
    expect(await factsAt(python, ours, folder)).toEqual(expected);
    expect(first.summary.runs + first.summary.knownRuns).toBeLessThanOrEqual(RUNS);
    expect(first.progress).toMatch(/^flights: 5 runs, \d+ points so far$/m);

    const again = await importInto(ours, [server.url]);
    expect(again.summary).toMatchObject({ runs: 0, knownRuns: RUNS, points: 0, files: 0, loggedModels: 0 });
    expect(await factsAt(python, ours, folder)).toEqual(expected);

    const others = await startOurs();
    const { summary } = await importInto(others, [`sqlite:///${folder}/mlflow.db`, '--artifacts', `${folder}/files`]);
    expect(summary).toMatchObject({ runs: RUNS, knownRuns: 0, loggedModels: 1, points: 26_000 + OTHER_POINTS });
    expect(await factsAt(python, others, folder)).toEqual(expected);
  });

  it('takes over an mlruns folder', TIMEOUT, async () => {
    const python = older ?? '';
    const folder = makeFolder();
    await makeHistory(python, `file://${folder}/mlruns`, folder);
    const expected = await factsAt(python, `file://${folder}/mlruns`, folder);
    const ours = await startOurs();
    const { summary } = await importInto(ours, [`${folder}/mlruns`]);
    expect(summary).toMatchObject({ runs: RUNS, loggedModels: 1, points: 1000 + OTHER_POINTS });
    expect(await factsAt(python, ours, folder)).toEqual(expected);
    expect((await importInto(ours, [`${folder}/mlruns`])).summary).toMatchObject({ runs: 0, knownRuns: RUNS });
  });

  const missing = postgres === undefined ? ' (skipped: TRIMTAB_TEST_POSTGRES names no server)' : '';
  it.skipIf(missing !== '')(`takes over a PostgreSQL database of the newest MLflow${missing}`, TIMEOUT, async () => {
    const python = newest ?? '';
    const folder = makeFolder();
    const { url: database, drop } = await createScratchPostgres(postgres ?? '');
    cleanups.push(drop);
    const store = database.replace(/^postgres:/, 'postgresql+psycopg2:');
    await makeHistory(python, store, folder);
    const expected = await factsAt(python, store, folder);
    const ours = await startOurs();
    // Their places are relative to where the client ran.
    const { summary } = await importInto(ours, [store], { cwd: folder });
    expect(summary).toMatchObject({ runs: RUNS, loggedModels: 1, points: 1000 + OTHER_POINTS });
    expect(await factsAt(python, ours, folder)).toEqual(expected);
  });
});

function makeFolder(): string {
  const folder = mkdtempSync(join(QUICK_FOLDER, 'trimtab-import-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function startOurs(): Promise<string> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startProgram(url, ['--port', String(port), '--data-dir', makeFolder()]);
  cleanups.push(() => ended(server));
  return url;
}

async function ended(server: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  await exit;
}

async function makeHistory(python: string, trackingUri: string, folder: string, thousands = 1): Promise<void> {
  const { code, all } = await runPython(python, 'history.py', trackingUri, folder, [String(thousands)]);
  expect(code, all).toBe(0);
}

async function factsAt(python: string, trackingUri: string, folder: string): Promise<unknown> {
  const { code, all, output } = await runPython(python, 'facts.py', trackingUri, folder, WITHOUT);
  expect(code, all).toBe(0);
  return JSON.parse(output);
}

const WITHOUT = ['files', 'registry'];

interface Summary {
  readonly runs: number;
  readonly knownRuns: number;
}

function importInto(
  url: string,
  parameters: readonly string[],
  options: { readonly cwd?: string; readonly killAtFirstProgress?: boolean } = {},
): Promise<{ readonly summary: Summary; readonly progress: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, '--url', url, '--json', 'import', ...parameters], {
      ...(options.cwd ? { cwd: options.cwd } : {}),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [output, progress] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      output += part;
    });
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      progress += part;
      if (options.killAtFirstProgress) child.kill('SIGKILL');
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (options.killAtFirstProgress) resolve({ summary: { runs: 0, knownRuns: 0 }, progress });
      else if (code === 0) resolve({ summary: JSON.parse(output) as Summary, progress });
      else reject(new Error(`trimtab import ended with ${code}: ${progress}${output}`));
    });
  });
}
