import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { freePort } from '../program.ts';

const PROGRAM = new URL('../../bin/trimtab.js', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'trimtab-stop-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Where the machine's own programs are, and its Node, which may be older than ours. */
const MACHINE_PATH = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((place) => !place.includes('node_modules'))
  .join(delimiter);

it.each(['SIGTERM', 'SIGINT'] as const)(
  '%s to what was started stops the server',
  async (signal) => {
    const port = await freePort();
    const child = spawn(PROGRAM, ['serve', '--port', String(port), '--data-dir', join(folder, signal)], {
      stdio: 'ignore',
      env: { ...process.env, PATH: MACHINE_PATH },
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const answers = () =>
      fetch(`http://127.0.0.1:${port}/health`).then(
        () => true,
        () => false,
      );
    await expect.poll(answers, { timeout: 20_000, interval: 50 }).toBe(true);
    child.kill(signal);
    expect(await ended).toBe(0);
    expect(await answers()).toBe(false);
  },
  40_000,
);
