import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PipelineDefinition, StepDefinition } from '#contract';
import { type Rng, seededRng } from '#platform/kernel';
import { openDatabase } from '#platform/sql';
import { RunStore } from './store/run-store.ts';
import { shell } from './testing.ts';

const STEPS = 24;

describe('a server that is killed at random moments, again and again', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'trimtab-pipelines-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('runs each attempt of each step once and ends the run well', async () => {
    const rng = seededRng(3);
    const definition = randomPipeline(rng);
    const file = join(folder, 'definition.json');
    writeFileSync(file, JSON.stringify(definition));
    let kills = 0;
    while (!(await liveFor(file, kills < 60 ? rng.next() * 90 : 60_000))) kills += 1;

    const database = await openDatabase(`sqlite:${join(folder, 'trimtab.db')}`);
    const runs = new RunStore(database);
    const [run, ...others] = await runs.list({ limit: 10 });
    expect(others).toEqual([]);
    const steps = await runs.listSteps(run?.id ?? '');
    const attempts = await runs.listAttempts(run?.id ?? '');
    const outputs = await runs.listOutputs(run?.id ?? '');
    await database.close();
    expect(run?.status).toBe('succeeded');
    const wrong = steps.filter(({ status }) => status !== 'succeeded' && status !== 'reused');
    expect(wrong).toEqual([]);
    // What ran, by its own word, is what is written down, each once.
    const effects = readFileSync(join(folder, 'effects'), 'utf8').trim().split('\n').sort();
    expect(effects).toEqual(attempts.map(({ step, number }) => `${step} ${number}`).sort());
    for (const step of steps) {
      const numbers = attempts.filter((one) => one.step === step.name).map(({ number }) => number);
      const expected = step.status === 'reused' ? [] : isFlaky(step.name) ? [1, 2] : [1];
      expect([step.name, numbers]).toEqual([step.name, expected]);
      expect([step.name, outputs.get(step.name)?.length]).toEqual([step.name, 1]);
    }
    expect(attempts.every(({ finishedAtMs }) => finishedAtMs !== null)).toBe(true);
    expect(kills).toBeGreaterThan(10);
    expect(['steps', 'processes'].flatMap((name) => readdirSync(join(folder, name)))).toEqual([]);
  }, 180_000);

  /** One life of the server; true when it got to the end of the run. */
  async function liveFor(definition: string, afterMs: number): Promise<boolean> {
    const argv = [join(import.meta.dirname, 'fixtures/server.ts'), folder, definition];
    const server = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(server, 'exit');
    server.stdout.once('data', () => setTimeout(() => server.kill('SIGKILL'), afterMs).unref());
    const [code, signal] = await ended;
    if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the server ended with ${code}`);
    return code === 0;
  }

  /** Steps that say what they do, one of five failing at first, each reading what some earlier ones made. */
  function randomPipeline(rng: Rng): PipelineDefinition {
    const steps: StepDefinition[] = [];
    for (let index = 0; index < STEPS; index++) {
      const name = `s${index}`;
      const sources = steps.filter(() => rng.next() < 2 / (index + 1));
      const inputs = Object.fromEntries(sources.map((source) => [source.name, { step: source.name, output: 'o' }]));
      const attempt = `$(sed -n 's/.*"attempt": \\([0-9]*\\).*/\\1/p' "$TRIMTAB_STEP")`;
      const check = sources.map((source) => `test -s "$IN/${source.name}" &&`).join(' ');
      const seconds = (0.01 + rng.next() * 0.08).toFixed(3);
      const fail = isFlaky(name) ? '[ $n -ge 2 ] &&' : '';
      const script = `n=${attempt}; echo "${name} $n" >> effects; sleep ${seconds}; ${check} ${fail} echo ${name} > "$OUT/o"`;
      steps.push(
        shell(name, script, {
          inputs,
          outputs: [{ name: 'o', kind: 'file' }],
          cache: index % 3 === 0 ? 'readwrite' : 'off',
          retries: { max: 1, backoffMs: 20 },
        }),
      );
    }
    // A twin of the first step: computed once by whichever comes first.
    const [first] = steps;
    return { name: 'p', steps: first ? [...steps, { ...first, name: 'twin' }] : steps };
  }
});

function isFlaky(name: string): boolean {
  return /^s(2|7|11|16|20)$/.test(name);
}
