import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { migrate, openDatabase } from '#platform/sql';
import { SERVING_TEST_MIGRATIONS, setUpServing } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'trimtab-serving-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Predicts with 16 callers until it is killed, and prints each inference id once its answer is there. */
const PREDICTING = `
import { openDatabase } from '#platform/sql';
import { FLIGHT, setUpServing } from ${JSON.stringify(new URL('./testing.ts', import.meta.url).href)};
const { serving } = await setUpServing(await openDatabase(process.env.TEST_DATABASE));
await Promise.all(Array.from({ length: 16 }, async () => {
  for (;;) {
    const { predictions } = await serving.predict('delays', { rows: [FLIGHT, FLIGHT] });
    process.stdout.write(predictions.map(({ inferenceId }) => inferenceId + '\\n').join(''));
  }
}));
`;

describe('a process that is killed', () => {
  it('has logged every prediction that it answered', async () => {
    const url = `sqlite:${join(folder, 'trimtab.db')}`;
    const database = await openDatabase(url);
    await migrate(database, SERVING_TEST_MIGRATIONS);
    const bench = await setUpServing(database);
    const variants = [{ name: 'champion', version: 'version:flights/1', weight: 10_000 }] as const;
    await bench.serving.createEndpoint({ name: 'delays', variants }, { actor: 'user:ann', reason: 'test' });
    await bench.serving.stop();
    await database.close();

    const answered = new Set<string>();
    // Three lives, killed after different amounts of work, each starting from what the one before left.
    for (const enough of [50, 700, 3000]) await predictUntilKilled(url, answered.size + enough, answered);

    const reopened = await openDatabase(url);
    const logged = new Set<string>();
    const { inferenceLog } = (await setUpServing(reopened)).serving;
    for await (const page of inferenceLog.scan('delays', 0, Number.MAX_SAFE_INTEGER)) {
      for (const { inferenceId } of page) logged.add(inferenceId);
    }
    await reopened.close();
    expect(answered.size).toBeGreaterThan(3700);
    expect([...answered].filter((id) => !logged.has(id))).toEqual([]);
  }, 60_000);
});

function predictUntilKilled(url: string, enough: number, answered: Set<string>): Promise<void> {
  const root = new URL('../../../', import.meta.url);
  const child = spawn(process.execPath, ['--input-type=module', '-e', PREDICTING], {
    cwd: root,
    env: { ...process.env, TEST_DATABASE: url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (id) => {
    // The last line may be cut off by the kill; a whole id has 36 characters.
    if (id.length === 36) answered.add(id);
    if (answered.size >= enough) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    lines.once('close', resolve);
    child.once('exit', (code, signal) => signal !== 'SIGKILL' && reject(new Error(`ended by itself with ${code}`)));
  });
}
