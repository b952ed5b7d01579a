import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import type { PipelineDefinition, PipelineRunDetail } from '#contract';
import type { StoredEvent } from '#platform/events';
import { describeDatabases } from '#testing/platform/sql';
import type { PipelinesOptions } from './pipelines.ts';
import { type Bench, ended, PIPELINES_TEST_MIGRATIONS, setUpPipelines, shell } from './testing.ts';

describeDatabases('pipelines', (open) => {
  let bench: Bench;
  afterEach(() => bench.close());

  async function setUp(changes: Partial<PipelinesOptions> = {}) {
    bench = setUpPipelines(await open(PIPELINES_TEST_MIGRATIONS), changes);
    await bench.pipelines.start();
    return bench;
  }

  async function run(definition: PipelineDefinition, request = {}) {
    await bench.pipelines.putPipeline(definition, 'user:ann');
    const started = await bench.pipelines.startRun(definition.name, request, 'user:ann');
    return ended(bench.pipelines, started.id);
  }

  const file = (name: string) => ({ name, kind: 'file' }) as const;
  const json = (name: string) => ({ name, kind: 'json' }) as const;

  it('runs steps in the order of their needs, hands files on and keeps what they made', async () => {
    const { pipelines, events } = await setUp();
    const seen: StoredEvent[] = [];
    events.subscribe('test', ['pipelines.run.finished'], async (event) => void seen.push(event));
    await events.start();
    const detail = await run({
      name: 'p',
      steps: [
        shell('last', 'cat "$IN/a" "$IN/b" > "$OUT/all"', {
          inputs: { a: { step: 'first', output: 'text' }, b: { step: 'second', output: 'data' } },
          outputs: [file('all')],
        }),
        shell('first', 'echo hello > "$OUT/text"', { outputs: [file('text')] }),
        shell('second', 'echo "{\\"n\\": 3}" > "$OUT/data"', { needs: ['first'], outputs: [json('data')] }),
      ],
    });
    expect(detail.run).toMatchObject({ status: 'succeeded', createdBy: 'user:ann', trigger: { kind: 'manual' } });
    expect(detail.run.words).toMatch(/^All 3 steps ended well in /);
    expect(detail.steps.map(({ name, status, needs }) => [name, status, needs])).toEqual([
      ['last', 'succeeded', ['first', 'second']],
      ['first', 'succeeded', []],
      ['second', 'succeeded', ['first']],
    ]);
    expect(stepOf(detail, 'second').outputs).toMatchObject([{ name: 'data', kind: 'json', value: { n: 3 } }]);
    const { stream } = await pipelines.readOutput(detail.run.id, 'last', 'all');
    expect(await textOf(stream)).toBe('hello\n{"n": 3}\n');
    while (!(await events.isIdle())) await sleep(5);
    await events.stop();
    expect(seen).toMatchObject([
      {
        subject: `pipeline-run:${detail.run.id}`,
        payload: { run: detail.run.id, status: 'succeeded', outputs: [{ step: 'second', name: 'data' }] },
      },
    ]);
    expect(bench.audited).toEqual(['pipeline:p: null -> version 1']);
    expect(await pipelines.activity()).toEqual([]);
    await pipelines.stop();
    expect(bench.processes.list()).toEqual([]);
  });

  it('tells a step its params, files and the server, and nothing of the environment but what it names', async () => {
    await setUp({ token: 'secret-token' });
    const script = 'cat "$TRIMTAB_STEP" > "$OUT/told"; env > "$OUT/env"; pwd > "$OUT/cwd"';
    const detail = await run(
      {
        name: 'p',
        params: { trees: 100, name: 'x', list: [1] },
        steps: [
          shell('a', script, {
            params: { n: '{{params.trees}}', deep: { names: ['{{params.name}}', 'plain'] }, list: '{{params.list}}' },
            env: { GIVEN: 'yes' },
            passEnv: ['PASSED', 'NOT_THERE'],
            outputs: [json('told'), file('env'), file('cwd')],
          }),
        ],
      },
      { params: { trees: 7 } },
    );
    const told = stepOf(detail, 'a').outputs[0]?.value;
    expect(told).toMatchObject({
      run: detail.run.id,
      pipeline: 'p',
      step: 'a',
      attempt: 1,
      params: { n: 7, deep: { names: ['x', 'plain'] }, list: [1] },
      server: { url: 'http://127.0.0.1:5000', token: 'secret-token' },
    });
    const read = async (name: string) => textOf((await bench.pipelines.readOutput(detail.run.id, 'a', name)).stream);
    const env = (await read('env')).split('\n');
    expect(env).toEqual(expect.arrayContaining(['GIVEN=yes', 'PASSED=through', 'TRIMTAB_URL=http://127.0.0.1:5000']));
    expect(env.filter((line) => /^(SECRET|NOT_THERE|VITEST|NODE_ENV)=/.test(line))).toEqual([]);
    expect(await read('cwd')).toBe(`${bench.base}\n`);
  });

  it('gives a run its files by digest, and refuses params and files that do not fit', async () => {
    const { pipelines } = await setUp();
    const { digest, sizeBytes } = await pipelines.putFile(chunks('one', 'two'));
    expect(sizeBytes).toBe(6);
    const definition: PipelineDefinition = {
      name: 'p',
      params: { n: 1 },
      inputs: ['rows'],
      steps: [shell('a', 'cp "$IN/mine" "$OUT/copy"', { inputs: { mine: { run: 'rows' } }, outputs: [file('copy')] })],
    };
    const detail = await run(definition, { inputs: { rows: { digest } } });
    expect(stepOf(detail, 'a').outputs).toMatchObject([{ name: 'copy', digest, sizeBytes: 6 }]);
    const refused = (request: object, words: RegExp) =>
      expect(pipelines.startRun('p', request, 'user:ann')).rejects.toMatchObject({
        code: 'PIPELINES_RUN_INVALID',
        message: expect.stringMatching(words),
      });
    await refused({}, /input "rows" was not given/);
    await refused({ inputs: { rows: { digest: 'a'.repeat(64) } } }, /no file with the digest aaa/);
    await refused({ inputs: { rows: { digest }, more: { digest } } }, /no input "more"/);
    await refused({ inputs: { rows: { digest } }, params: { m: 1 } }, /no param "m"; it has "n"/);
    await expect(pipelines.startRun('q', {}, 'x')).rejects.toMatchObject({ code: 'PIPELINES_PIPELINE_NOT_FOUND' });
    expect(await pipelines.listRuns({})).toHaveLength(1);
  });

  it('starts a run once per key, and refuses the key for another request', async () => {
    const { pipelines } = await setUp();
    await pipelines.putPipeline({ name: 'p', params: { n: 1 }, steps: [shell('a', 'true')] }, 'user:ann');
    const ask = (n: number) =>
      pipelines.startRun('p', { idempotencyKey: 'loop/1', params: { n }, trigger: { kind: 'loop' } }, 'user:ann');
    const all = await Promise.all(Array.from({ length: 5 }, () => ask(2)));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    await expect(ask(3)).rejects.toMatchObject({ code: 'PIPELINES_KEY_CONFLICT' });
    expect(await pipelines.listRuns({})).toHaveLength(1);
  });

  it('versions definitions, and a run follows the version it was started with', async () => {
    const { pipelines } = await setUp();
    const put = (script: string) => pipelines.putPipeline({ name: 'p', steps: [shell('a', script)] }, 'user:ann');
    expect((await put('sleep 0.2')).version).toBe(1);
    const first = await pipelines.startRun('p', {}, 'user:ann');
    expect((await put('exit 3')).version).toBe(2);
    expect((await put('exit 3')).version).toBe(2);
    const second = await pipelines.startRun('p', {}, 'user:ann');
    expect((await ended(pipelines, first.id)).run).toMatchObject({ version: 1, status: 'succeeded' });
    expect((await ended(pipelines, second.id)).run).toMatchObject({ version: 2, status: 'failed' });
    expect((await pipelines.getPipeline('p')).version).toBe(2);
    expect((await pipelines.getPipeline('p', 1)).definition.steps[0]?.command?.at(-1)).toContain('sleep 0.2');
    await expect(pipelines.getPipeline('p', 9)).rejects.toMatchObject({ code: 'PIPELINES_PIPELINE_NOT_FOUND' });
    expect((await pipelines.listPipelines()).map(({ version }) => version)).toEqual([2]);
    expect(bench.audited).toEqual(['pipeline:p: null -> version 1', 'pipeline:p: version 1 -> version 2']);
  });

  it('goes on with what does not depend on a failed step, and says what happened', async () => {
    await setUp();
    const detail = await run({
      name: 'p',
      steps: [
        shell('bad', 'echo "ModuleNotFoundError: No module named \'lightgbm\'" >&2; exit 3'),
        shell('after', 'true', { needs: ['bad'] }),
        shell('beyond', 'true', { needs: ['after'] }),
        shell('apart', 'sleep 0.1'),
        shell('apart-too', 'true', { needs: ['apart'] }),
      ],
    });
    expect(detail.steps.map(({ status }) => status)).toEqual([
      'failed',
      'skipped',
      'skipped',
      'succeeded',
      'succeeded',
    ]);
    expect(stepOf(detail, 'bad').attempts).toMatchObject([{ exitCode: 3, failure: 'exit', signal: null }]);
    expect(detail.run.words).toMatch(
      /^Step bad failed. It ended with code 3. .* module "lightgbm" is not installed. 2 steps after it were skipped.$/,
    );
  });

  it('tries again after the failures it is told to, with pauses', async () => {
    await setUp();
    const flaky = `echo "$0" >> tries; [ $(wc -l < tries) -ge 3 ]`;
    const retries = { max: 5, backoffMs: 30, factor: 2 };
    const detail = await run({
      name: 'p',
      steps: [
        shell('flaky', flaky, { retries }),
        shell('picky', 'echo x >> picky; kill -9 $$', { retries: { ...retries, on: ['exit'] } }),
        shell('hopeless', 'exit 1', { retries: { max: 1, backoffMs: 0 } }),
      ],
    });
    expect(detail.steps.map(({ status, attempts }) => [status, attempts.map(({ failure }) => failure)])).toEqual([
      ['succeeded', ['exit', 'exit', null]],
      ['failed', ['signal']],
      ['failed', ['exit', 'exit']],
    ]);
    const [first, second, third] = stepOf(detail, 'flaky').attempts;
    expect((second?.startedAtMs ?? 0) - (first?.finishedAtMs ?? 0)).toBeGreaterThanOrEqual(30);
    expect((third?.startedAtMs ?? 0) - (second?.finishedAtMs ?? 0)).toBeGreaterThanOrEqual(60);
    expect(stepOf(detail, 'picky').attempts[0]).toMatchObject({ signal: 'SIGKILL', exitCode: null });
    expect(readFileSync(join(bench.base, 'picky'), 'utf8')).toBe('x\n');
  });

  it('stops what takes too long, with all it started', async () => {
    await setUp();
    const script = "(trap '' TERM; sleep 0.9; touch late) & sleep 60";
    const detail = await run({ name: 'p', steps: [shell('slow', script, { timeoutMs: 150 })] });
    expect(stepOf(detail, 'slow').attempts).toMatchObject([{ failure: 'timeout' }]);
    expect(detail.run.words).toContain('It ran longer than the 150 ms it may take.');
    await sleep(900);
    expect(existsSync(join(bench.base, 'late'))).toBe(false);
  });

  it('tells lack of memory from other failures', async () => {
    await setUp();
    const heap = 'const a = []; for (;;) a.push(new Array(1e5).fill(a.length));';
    const detail = await run({
      name: 'p',
      steps: [
        { name: 'node', command: ['{{node}}', '--max-old-space-size=30', '-e', heap] },
        shell('killed', 'kill -KILL $$'),
      ],
    });
    expect(stepOf(detail, 'node').attempts).toMatchObject([{ failure: 'out-of-memory', signal: 'SIGABRT' }]);
    expect(stepOf(detail, 'killed').attempts).toMatchObject([{ failure: 'signal', signal: 'SIGKILL' }]);
  });

  it('fails a step that ended well without its outputs, and takes none of them', async () => {
    await setUp();
    const outputs = [file('there'), json('value')];
    const detail = await run({
      name: 'p',
      steps: [
        shell('missing', 'echo x > "$OUT/there"', { outputs }),
        shell('no-json', 'echo x > "$OUT/there"; echo NaN > "$OUT/value"', { outputs }),
        shell('folder', 'mkdir "$OUT/there"; echo 1 > "$OUT/value"', { outputs }),
      ],
    });
    expect(detail.steps.map(({ attempts }) => attempts.map(({ failure }) => failure))).toEqual(
      Array.from({ length: 3 }, () => ['output']),
    );
    const words = detail.steps.map(({ attempts }) => attempts[0]?.words);
    expect(words[0]).toContain('did not write its output "value"');
    expect(words[1]).toContain('"value" is not JSON');
    expect(words[2]).toContain('"there" is no file');
    expect(detail.steps.flatMap(({ outputs: made }) => made)).toEqual([]);
  });

  it('says what is missing when a step cannot be made ready', async () => {
    const { pipelines, blobs } = await setUp();
    const { digest } = await pipelines.putFile(chunks('rows'));
    const definition: PipelineDefinition = {
      name: 'p',
      inputs: ['rows'],
      steps: [
        { name: 'program', command: ['no-such-program'] },
        { name: 'path', command: ['./not-here.sh'] },
        shell('code', 'true', { code: ['src/nowhere.ts'] }),
        shell('go', 'sleep 0.3'),
        shell('file', 'true', { needs: ['go'], inputs: { rows: { run: 'rows' } }, retries: { max: 1, backoffMs: 1 } }),
      ],
    };
    await pipelines.putPipeline(definition, 'user:ann');
    const started = await pipelines.startRun('p', { inputs: { rows: { digest } } }, 'user:ann');
    for await (const key of blobs.list('')) await blobs.delete(key);
    const detail = await ended(pipelines, started.id);
    const words = (name: string) => stepOf(detail, name).attempts.map((one) => [one.failure, one.words]);
    expect(words('program')).toEqual([
      ['preparation', expect.stringContaining('no program "no-such-program" in PATH')],
    ]);
    expect(words('path')).toEqual([['preparation', expect.stringContaining('no program at')]]);
    expect(words('code')).toEqual([['preparation', expect.stringContaining('"src/nowhere.ts" cannot be read')]]);
    const gone = ['preparation', expect.stringContaining('input "rows" is gone from object storage')];
    expect(words('file')).toEqual([gone, gone]);
  });

  it('cancels what runs with its processes, and what waits', async () => {
    const { pipelines, processes } = await setUp({ maxParallelSteps: 1 });
    const script = "(trap '' TERM; sleep 0.9; touch late) & touch began; sleep 60";
    await pipelines.putPipeline(
      {
        name: 'p',
        steps: [
          shell('done', 'true'),
          shell('runs', script),
          shell('queued', 'touch queued'),
          shell('waits', 'true', { needs: ['runs'] }),
        ],
      },
      'user:ann',
    );
    const { id } = await pipelines.startRun('p', {}, 'user:ann');
    while (!existsSync(join(bench.base, 'began'))) await sleep(2);
    expect(await pipelines.activity()).toEqual([
      expect.stringMatching(/^pipeline p, run \w+: 1 of 4 steps done, 1 running/),
    ]);
    await pipelines.cancelRun(id, 'user:bob', 'no longer needed');
    const detail = await ended(pipelines, id);
    expect(detail.run).toMatchObject({ status: 'cancelled' });
    expect(detail.run.words).toBe('Cancelled by user:bob: no longer needed. 1 of 4 steps had ended well.');
    expect(detail.steps.map(({ status }) => status)).toEqual(['succeeded', 'cancelled', 'cancelled', 'cancelled']);
    expect((await pipelines.cancelRun(id, 'user:bob', 'again')).words).toBe(detail.run.words);
    await pipelines.stop();
    expect(processes.list()).toEqual([]);
    await sleep(900);
    expect(['late', 'queued'].filter((name) => existsSync(join(bench.base, name)))).toEqual([]);
  });

  it('carries on where a failed run ended, and says when code has changed since', async () => {
    const { pipelines } = await setUp();
    writeFileSync(join(bench.base, 'make.sh'), 'echo made >> made');
    const make = { name: 'make', command: ['/bin/sh', 'make.sh'] };
    const first = await run({
      name: 'p',
      steps: [
        make,
        shell('data', 'echo 1 >> data; echo 5 > "$OUT/n"', { outputs: [json('n')] }),
        shell('check', 'test -e fixed && cp "$IN/n" "$OUT/m"', {
          needs: ['make'],
          inputs: { n: { step: 'data', output: 'n' } },
          outputs: [json('m')],
        }),
      ],
    });
    expect(first.run.status).toBe('failed');
    writeFileSync(join(bench.base, 'fixed'), '');
    writeFileSync(join(bench.base, 'make.sh'), 'echo made otherwise >> made');
    const again = await pipelines.rerun(first.run.id, 'user:ann');
    const second = await ended(pipelines, again.id);
    expect(second.run).toMatchObject({ status: 'succeeded', rerunOf: first.run.id, trigger: { kind: 'rerun' } });
    expect(second.steps.map(({ status, note }) => [status, note])).toEqual([
      ['reused', 'Its code has changed since then.'],
      ['reused', null],
      ['succeeded', null],
    ]);
    expect(stepOf(second, 'data').reusedFrom).toEqual({ run: first.run.id, step: 'data' });
    expect(stepOf(second, 'check').outputs[0]?.value).toBe(5);
    expect(readFileSync(join(bench.base, 'made'), 'utf8')).toBe('made\n');
    expect(readFileSync(join(bench.base, 'data'), 'utf8')).toBe('1\n');
    const third = await ended(pipelines, (await pipelines.rerun(second.run.id, 'user:ann')).id);
    expect(third.run).toMatchObject({ status: 'succeeded' });
    expect(stepOf(third, 'data').reusedFrom).toEqual({ run: first.run.id, step: 'data' });
  });

  it('refuses to carry on a run that is not over', async () => {
    const { pipelines } = await setUp();
    await pipelines.putPipeline({ name: 'p', steps: [shell('a', 'sleep 60')] }, 'user:ann');
    const { id } = await pipelines.startRun('p', {}, 'user:ann');
    await expect(pipelines.rerun(id, 'user:ann')).rejects.toMatchObject({ code: 'PIPELINES_RUN_NOT_OVER' });
    await expect(pipelines.rerun('x', 'user:ann')).rejects.toMatchObject({ code: 'PIPELINES_RUN_NOT_FOUND' });
  });

  it('starts no more steps at a time than it may', async () => {
    await setUp({ maxParallelSteps: 2 });
    const script = 'echo + >> log; sleep 0.08; echo - >> log';
    await run({ name: 'p', steps: Array.from({ length: 7 }, (_, i) => shell(`s${i}`, script)) });
    const depths = readFileSync(join(bench.base, 'log'), 'utf8').trim().split('\n');
    let depth = 0;
    const deepest = Math.max(...depths.map((mark) => (depth += mark === '+' ? 1 : -1)));
    expect([depths.length, depth, deepest]).toEqual([14, 0, 2]);
  });

  it('pages through runs, newest first', async () => {
    const { pipelines } = await setUp();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift((await run({ name: `p${i % 2}`, steps: [shell('a', 'true')] })).run.id);
    const all = await pipelines.listRuns({ limit: 2 });
    const rest = await pipelines.listRuns({ before: all.at(-1)?.id });
    expect([...all, ...rest].map(({ id }) => id)).toEqual(ids);
    expect(await pipelines.listRuns({ pipeline: 'p1' })).toHaveLength(2);
    expect(await pipelines.listRuns({ status: 'failed' })).toEqual([]);
  });

  it('takes up what was asked for while it was stopped, and what it left running', async () => {
    const { pipelines } = await setUp();
    await pipelines.putPipeline({ name: 'p', steps: [shell('a', 'echo a >> log; sleep 0.3; echo b >> log')] }, 'x');
    const left = await pipelines.startRun('p', {}, 'x');
    while (!existsSync(join(bench.base, 'log'))) await sleep(2);
    await pipelines.stop();
    const asked = await pipelines.startRun('p', {}, 'x');
    const later = bench.again();
    expect((await later.getRun(asked.id)).run.status).toBe('queued');
    await later.start();
    for (const { id } of [left, asked]) expect((await ended(later, id)).run.status).toBe('succeeded');
    expect(readFileSync(join(bench.base, 'log'), 'utf8').split('\n').sort()).toEqual(['', 'a', 'a', 'b', 'b']);
    rmSync(join(bench.base, 'log'));
  });
});

function stepOf(detail: PipelineRunDetail, name: string) {
  const step = detail.steps.find((one) => one.name === name);
  if (!step) throw new Error(`no step ${name}`);
  return step;
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function* chunks(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}
