import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { freePort, startProgram } from '../program.ts';
import { QUICK_FOLDER } from './mlflow-server.ts';
import { runPython } from './python.ts';

const PROGRAM = new URL('../../bin/trimtab.js', import.meta.url).pathname;

/** Undone in reverse when a test is over. */
const cleanups: (() => unknown)[] = [];

export function cleanUp(undo: () => unknown): void {
  cleanups.push(undo);
}

export async function cleanUpAll(): Promise<void> {
  for (const undo of cleanups.splice(0).reverse()) await undo();
}

export function makeFolder(): string {
  const folder = mkdtempSync(join(QUICK_FOLDER, 'trimtab-migration-'));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Our own server, empty. */
export async function startOurs(): Promise<string> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startProgram(url, ['--port', String(port), '--data-dir', makeFolder()]);
  cleanUp(async () => {
    const exit = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await exit;
  });
  return url;
}

/** Something of everything, made with MLflow's client; its longest history has so many thousand points. */
export async function makeHistory(python: string, trackingUri: string, folder: string, thousands = 1): Promise<void> {
  const { code, all } = await runPython(python, 'history.py', trackingUri, folder, [String(thousands)]);
  expect(code, all).toBe(0);
}

/** All that MLflow's client reads of a server or store. */
export async function factsAt(python: string, trackingUri: string, folder: string): Promise<unknown> {
  const { code, all, output } = await runPython(python, 'facts.py', trackingUri, folder);
  expect(code, all).toBe(0);
  return JSON.parse(output);
}

interface Summary {
  readonly runs: number;
  readonly knownRuns: number;
}

/** Runs a command of ours that tells a summary; it may be killed at its first line of progress. */
export function trimtab(
  url: string,
  parameters: readonly string[],
  options: { readonly cwd?: string; readonly killAtFirstProgress?: boolean } = {},
): Promise<{ readonly summary: Summary; readonly progress: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, '--url', url, '--json', ...parameters], {
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
      else reject(new Error(`trimtab ${parameters[0]} ended with ${code}: ${progress}${output}`));
    });
  });
}
