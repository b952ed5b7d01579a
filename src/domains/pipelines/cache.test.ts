import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { PipelineDefinition, RunStep, StepDefinition } from '#contract';
import { describeDatabases } from '#testing/platform/sql';
import type { PipelinesOptions } from './pipelines.ts';
import { type Bench, ended, PIPELINES_TEST_MIGRATIONS, setUpPipelines, shell } from './testing.ts';

describeDatabases('the cache of steps', (open) => {
  let bench: Bench;
  afterEach(() => bench.close());

  async function setUp(changes: Partial<PipelinesOptions> = {}) {
    bench = setUpPipelines(await open(PIPELINES_TEST_MIGRATIONS), changes);
    await bench.pipelines.start();
    return bench;
  }

  async function runOf(definition: PipelineDefinition, request = {}) {
    await bench.pipelines.putPipeline(definition, 'user:ann');
    const { id } = await bench.pipelines.startRun(definition.name, request, 'user:ann');
    return ended(bench.pipelines, id);
  }

  /** Runs a one-step pipeline; how the step ended. */
  async function statusOf(
    step: StepDefinition,
    more: Partial<PipelineDefinition> = {},
    request = {},
  ): Promise<RunStep> {
    const detail = await runOf({ name: 'p', steps: [step], ...more }, request);
    const [only] = detail.steps;
    if (!only) throw new Error('no step');
    return only;
  }

  const write = (name: string, text: string) => writeFileSync(join(bench.base, name), text);
  const count = () => readFileSync(join(bench.base, 'ran'), 'utf8').trim().split('\n').length;
  const cached = (more: Partial<StepDefinition> = {}): StepDefinition =>
    shell('a', 'echo x >> ran; echo 1$(date +%N) > "$OUT/n"', {
      cache: 'readwrite',
      outputs: [{ name: 'n', kind: 'json' }],
      ...more,
    });

  it('uses the outputs of a step with the same key again, and says from where', async () => {
    await setUp();
    const first = await statusOf(cached());
    const second = await statusOf({ ...cached(), name: 'renamed' }, { name: 'other' });
    expect(second).toMatchObject({
      status: 'reused',
      attempts: [],
      outputs: first.outputs,
      actionKey: first.actionKey,
    });
    expect(first.actionKey).toMatch(/^[0-9a-f]{64}$/);
    const third = await statusOf(cached());
    expect(third.reusedFrom).toEqual(second.reusedFrom);
    expect(count()).toBe(1);
  });

  it('never reuses a result after anything that decides it has changed', async () => {
    let passed = 'one';
    await setUp({
      environment: {
        PATH: process.env.PATH,
        get PASSED() {
          return passed;
        },
      },
    });
    mkdirSync(join(bench.base, 'lib/deep'), { recursive: true });
    write('lib/deep/code.py', 'x = 1');
    write('script.sh', 'echo x >> ran; echo 1 > "$(dirname "$TRIMTAB_STEP")/outputs/n"');
    const { pipelines } = bench;
    const one = (await pipelines.putFile(bytes('one'))).digest;
    const two = (await pipelines.putFile(bytes('two'))).digest;
    let params: Record<string, unknown> = { n: 1 };
    let inputs: Record<string, { digest: string }> = { rows: { digest: one }, more: { digest: two } };
    let step: StepDefinition = {
      name: 'a',
      command: ['/bin/sh', 'script.sh'],
      code: ['lib'],
      cache: 'readwrite',
      params: { n: '{{params.n}}', fixed: [1, { a: 1 }] },
      env: { E: '1' },
      passEnv: ['PASSED'],
      inputs: { rows: { run: 'rows' }, more: { run: 'more' } },
      outputs: [{ name: 'n', kind: 'json' }],
    };
    const status = async () =>
      (await statusOf(step, { params: { n: 0 }, inputs: ['rows', 'more'] }, { params, inputs })).status;
    expect(await status()).toBe('succeeded');
    expect(await status()).toBe('reused');
    const changes: Record<string, () => void> = {
      'a param of the run': () => (params = { n: 2 }),
      'its type': () => (params = { n: '2' }),
      'a fixed param': () => (step = { ...step, params: { ...step.params, fixed: [1, { a: 2 }] } }),
      'an input byte': () => (inputs = { ...inputs, rows: { digest: two } }),
      'inputs swapped': () => (inputs = { rows: { digest: two }, more: { digest: one } }),
      'a file deep in its code': () => write('lib/deep/code.py', 'x = 2'),
      'a new file in its code': () => write('lib/new.py', ''),
      'a file that moved': () => {
        rmSync(join(bench.base, 'lib/new.py'));
        write('lib/moved.py', '');
      },
      'the right to execute': () => chmodSync(join(bench.base, 'lib/moved.py'), 0o755),
      'the script, which nobody declared': () =>
        write('script.sh', 'echo x >> ran; echo 2 > "$(dirname "$TRIMTAB_STEP")/outputs/n"'),
      'an environment variable': () => (step = { ...step, env: { E: '2' } }),
      'a variable passed on': () => (passed = 'two'),
      'an argument': () => (step = { ...step, command: ['/bin/sh', 'script.sh', '-v'] }),
      'the name of an output': () =>
        (step = { ...step, outputs: [...(step.outputs ?? []), { name: 'n2', kind: 'file' }] }),
    };
    for (const [what, change] of Object.entries(changes)) {
      const before = existsSync(join(bench.base, 'ran')) ? count() : 0;
      change();
      // With the output that it never writes it fails, but it runs.
      const expected = what === 'the name of an output' ? 'failed' : 'succeeded';
      expect([what, await status(), count()]).toEqual([what, expected, before + 1]);
      if (expected === 'succeeded') expect([what, await status()]).toEqual([what, 'reused']);
    }
  });

  it('does not depend on order, on what is declared but not read, or on the clock of files', async () => {
    await setUp();
    write('code.txt', 'x');
    const first = await statusOf(cached({ code: ['code.txt'], params: { a: 1, b: { c: 1, d: 2 } } }));
    write('code.txt', 'x');
    const second = await statusOf(
      cached({ code: ['code.txt'], params: { b: { d: 2, c: 1 }, a: 1 }, timeoutMs: 60_000 }),
    );
    expect([first.status, second.status]).toEqual(['succeeded', 'reused']);
  });

  it('reuses nothing that failed, whose files are gone, or whose code changed while it ran', async () => {
    const { blobs } = await setUp();
    const failing = cached({ command: ['/bin/sh', '-c', 'echo x >> ran; exit 1'] });
    expect((await statusOf(failing)).status).toBe('failed');
    expect((await statusOf(failing)).status).toBe('failed');

    expect((await statusOf(cached())).status).toBe('succeeded');
    for await (const key of blobs.list('')) await blobs.delete(key);
    expect((await statusOf(cached())).status).toBe('succeeded');
    expect((await statusOf(cached())).status).toBe('reused');

    write('moving.txt', '1');
    const moving = cached({
      code: ['moving.txt'],
      command: ['/bin/sh', '-c', 'echo 2 > moving.txt; echo 1 > "$(dirname "$TRIMTAB_STEP")/outputs/n"'],
    });
    expect(await statusOf(moving)).toMatchObject({
      status: 'succeeded',
      note: expect.stringContaining('while it ran'),
    });
    write('moving.txt', '1');
    expect((await statusOf(moving)).status).toBe('succeeded');
  });

  it('computes once what many steps ask for at the same time', async () => {
    await setUp({ maxParallelSteps: 4 });
    const twin = (name: string): StepDefinition => ({
      ...shell(name, 'echo x >> ran; sleep 0.2; echo 1$(date +%N) > "$OUT/n"'),
      cache: 'readwrite',
      outputs: [{ name: 'n', kind: 'file' }],
    });
    const definition = { name: 'p', steps: ['a', 'b', 'c'].map(twin) };
    const [one, two] = await Promise.all([runOf(definition), runOf({ ...definition, name: 'q' })]);
    const steps = [...(one?.steps ?? []), ...(two?.steps ?? [])];
    expect(steps.map(({ status }) => status).sort()).toEqual([...Array(5).fill('reused'), 'succeeded']);
    expect(new Set(steps.map(({ outputs }) => outputs[0]?.digest)).size).toBe(1);
    expect(count()).toBe(1);
  });

  it('lets a twin try when the first one failed', async () => {
    await setUp({ maxParallelSteps: 4 });
    const script = 'echo x >> ran; sleep 0.1; [ $(wc -l < ran) -ge 2 ]';
    const steps = ['a', 'b'].map((name) => shell(name, script, { cache: 'readwrite' }));
    const detail = await runOf({ name: 'p', steps });
    expect(detail.steps.map(({ status }) => status).sort()).toEqual(['failed', 'succeeded']);
    expect(count()).toBe(2);
  });

  it('stops the wave where a step that ran again made the same bytes', async () => {
    await setUp();
    const definition = (word: string): PipelineDefinition => ({
      name: 'p',
      steps: [
        shell('make', `echo ${word} > /dev/null; echo same > "$OUT/x"`, {
          cache: 'readwrite',
          outputs: [{ name: 'x', kind: 'file' }],
        }),
        cached({ inputs: { x: { step: 'make', output: 'x' } } }),
      ],
    });
    await runOf(definition('one'));
    const second = await runOf(definition('two'));
    expect(second.steps.map(({ status }) => status)).toEqual(['succeeded', 'reused']);
  });

  it('explains why a step ran or was reused', async () => {
    const { pipelines } = await setUp();
    write('code.txt', '1');
    const definition = (trees: number): PipelineDefinition => ({
      name: 'p',
      steps: [cached({ code: ['code.txt'], params: { trees } }), shell('always', 'true', { params: { trees } })],
    });
    const words = async (trees: number, step = 'a') => {
      const detail = await runOf(definition(trees));
      return { run: detail.run.id, ...(await pipelines.explainStep(detail.run.id, step)) };
    };
    const first = await words(100);
    expect(first.words).toBe('It ran because no earlier run of the pipeline had looked at this step.');
    expect(first.components).toMatchObject({ 'params.trees': 100, 'outputs.n': 'json', 'code:code.txt': digestLike });
    const second = await words(100);
    expect(second).toMatchObject({
      words: `Not run: run ${first.run} had made the same from the same.`,
      differences: [],
    });
    write('code.txt', '2');
    const third = await words(200);
    expect(third.words).toBe(
      `It ran because of a change. code:code.txt changed, params.trees changed from 100 to 200 since run ${second.run}.`,
    );
    expect(third.differences).toEqual([
      { component: 'code:code.txt', before: digestLike, after: digestLike },
      { component: 'params.trees', before: 100, after: 200 },
    ]);
    const always = await words(300, 'always');
    expect(always.words).toMatch(/^It always runs, because it is not cached .* params.trees changed from 200 to 300/);
    await expect(pipelines.explainStep(first.run, 'none')).rejects.toMatchObject({ code: 'PIPELINES_STEP_NOT_FOUND' });
  });
});

const digestLike = expect.stringMatching(/^[0-9a-f]{64}$/);

async function* bytes(text: string) {
  yield Buffer.from(text);
}
