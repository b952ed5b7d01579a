import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { seededRng } from '#platform/kernel';
import { createScratchPostgres } from '#testing/platform/sql';
import { freePort, startProgram } from '../program.ts';
import { readBack, type Written, writeUntil } from './mlflow-writer.ts';

/** `kill -9` while eight clients of MLflow's protocol write: what was acknowledged is there. */

const KILLS = Number(process.env.TRIMTAB_KILLS ?? 8);
const WRITERS = 8;
const postgres = process.env.TRIMTAB_TEST_POSTGRES;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe.each([
  ['SQLite', undefined],
  ['PostgreSQL', postgres],
] as const)('on %s', (backend, url) => {
  it.skipIf(backend === 'PostgreSQL' && !url)(
    `${KILLS} kills under ${WRITERS} writers lose nothing that was acknowledged`,
    { timeout: 600_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'trimtab-killed-'));
      cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
      const scratch = url === undefined ? undefined : await createScratchPostgres(url);
      if (scratch) cleanups.push(scratch.drop);
      const port = await freePort();
      const address = `http://127.0.0.1:${port}`;
      const flags = ['--port', String(port), '--data-dir', folder, ...(scratch ? ['--database', scratch.url] : [])];
      let server = await startProgram(address, flags);
      cleanups.push(() => killed(server));

      const stop = new AbortController();
      const writers = Array.from({ length: WRITERS }, (_, writer) => writeUntil(address, writer, stop.signal));
      const rng = seededRng(20_261_125);
      for (let kill = 0; kill < KILLS; kill++) {
        await new Promise((resolve) => setTimeout(resolve, rng.int(400)));
        await killed(server);
        server = await startProgram(address, flags);
      }
      stop.abort();
      const written = await Promise.all(writers);
      expect(total(written)).toBeGreaterThan(KILLS * WRITERS);
      for (const one of written) expect(await readBack(address, one)).toEqual([]);
    },
  );
});

function total(written: readonly Written[]): number {
  return written.reduce((sum, { runs }) => sum + runs.reduce((all, run) => all + run.metrics.length, 0), 0);
}

async function killed(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  await ended;
}
