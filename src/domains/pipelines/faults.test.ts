import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { type BlobStore, MemoryBlobStore } from '#platform/blob';
import { createHttpServer } from '#platform/http';
import { seededRng } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { describeDatabases } from '#testing/platform/sql';
import type { PipelinesOptions } from './pipelines.ts';
import { pipelinesRoutes } from './routes.ts';
import { type Bench, ended, PIPELINES_TEST_MIGRATIONS, setUpPipelines, shell } from './testing.ts';

describeDatabases('pipelines when something goes wrong', (open) => {
  let bench: Bench;
  afterEach(() => bench.close());

  async function setUp(changes: Partial<PipelinesOptions> = {}, wrap = (database: Database) => database) {
    bench = setUpPipelines(wrap(await open(PIPELINES_TEST_MIGRATIONS)), changes);
    await bench.pipelines.start();
    return bench;
  }

  const effects = () => readFileSync(join(bench.base, 'effects'), 'utf8').trim().split('\n').sort();
  const chain = ['a', 'b', 'c', 'd', 'e'].map((name, index, names) =>
    shell(name, `echo ${name} >> effects; cat "$IN"/* > "$OUT/o" 2> /dev/null; echo ${name} >> "$OUT/o"`, {
      inputs: index === 0 ? {} : { before: { step: names[index - 1] ?? '', output: 'o' } },
      outputs: [{ name: 'o', kind: 'file' }],
    }),
  );

  it('goes on when transactions fail, or are kept although their answer is lost', async () => {
    const rng = seededRng(5);
    let failures = 0;
    let trouble = false;
    const errors: unknown[] = [];
    const { pipelines } = await setUp({ onError: (error) => void errors.push(error) }, (database) => ({
      dialect: database.dialect,
      tables: () => database.tables(),
      insertRows: (...parameters) => database.insertRows(...parameters),
      close: () => database.close(),
      transaction: async (work) => {
        const luck = trouble ? rng.next() : 1;
        if (luck < 0.25) {
          failures += 1;
          throw new Error('no connection');
        }
        const result = await database.transaction(work);
        if (luck < 0.5) {
          failures += 1;
          throw new Error('the answer was lost');
        }
        return result;
      },
    }));
    await pipelines.putPipeline({ name: 'p', steps: chain }, 'user:ann');
    const { id } = await pipelines.startRun('p', {}, 'user:ann');
    trouble = true;
    const detail = await ended(pipelines, id, 60_000);
    trouble = false;
    expect(detail.run.status).toBe('succeeded');
    expect(detail.steps.map(({ attempts }) => attempts.length)).toEqual([1, 1, 1, 1, 1]);
    expect(effects()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(failures).toBeGreaterThan(0);
    expect(errors.length).toBeGreaterThan(0);
  });

  it('waits for object storage that is away, and blames no step for it', async () => {
    const real = new MemoryBlobStore();
    let away = 0;
    const failing = <Result>(work: () => Promise<Result>): Promise<Result> => {
      if (away-- > 0) return Promise.reject(new Error('no route to storage'));
      return work();
    };
    const blobs: BlobStore = {
      put: (key, data) => failing(() => real.put(key, data)),
      read: (key, range) => failing(() => real.read(key, range)),
      bytes: (key, range) => failing(() => real.bytes(key, range)),
      stat: (key) => failing(() => real.stat(key)),
      delete: (key) => real.delete(key),
      list: (prefix) => real.list(prefix),
    };
    const { pipelines } = await setUp({ blobs });
    await pipelines.putPipeline({ name: 'p', steps: chain }, 'user:ann');
    const { id } = await pipelines.startRun('p', {}, 'user:ann');
    away = 4;
    const detail = await ended(pipelines, id);
    expect(away).toBeLessThan(0);
    expect(detail.run.status).toBe('succeeded');
    expect(detail.steps.map(({ attempts }) => attempts.length)).toEqual([1, 1, 1, 1, 1]);
    expect(effects()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('calls an attempt lost whose processes vanished, and tries again when told to', async () => {
    const { pipelines, processes } = await setUp();
    const script = 'echo $$ >> effects; [ $(wc -l < effects) -ge 2 ] || exec sleep 60';
    await pipelines.putPipeline(
      { name: 'p', steps: [shell('a', script, { retries: { max: 1, backoffMs: 1, on: ['lost'] } })] },
      'user:ann',
    );
    const { id } = await pipelines.startRun('p', {}, 'user:ann');
    while (!existsSync(join(bench.base, 'effects')) || effects()[0] === '') await sleep(2);
    // As when power fails: the wrapper goes first and cannot write anything down, then the rest.
    const [attempt = ''] = processes.list();
    const wrapper = Number(readFileSync(join(processes.folder, attempt, 'claim'), 'utf8').split(' ')[0]);
    process.kill(wrapper, 'SIGKILL');
    process.kill(Number(effects()[0]), 'SIGKILL');
    const detail = await ended(pipelines, id);
    expect(detail.steps[0]?.attempts.map(({ failure }) => failure)).toEqual(['lost', null]);
    expect(detail.run.status).toBe('succeeded');
  });

  it('cancels after a restart what was asked to be cancelled before the crash', async () => {
    const { pipelines } = await setUp({ maxParallelSteps: 1 });
    const steps = [shell('a', 'echo up >> effects; sleep 60'), shell('b', 'echo b >> effects')];
    await pipelines.putPipeline({ name: 'p', steps }, 'user:ann');
    const { id } = await pipelines.startRun('p', {}, 'user:ann');
    while (!existsSync(join(bench.base, 'effects'))) await sleep(2);
    await pipelines.stop();
    expect((await pipelines.cancelRun(id, 'user:bob', 'wrong data')).words).toBe(
      'Being cancelled by user:bob; 1 step still to stop.',
    );
    const later = bench.again();
    await later.start();
    const detail = await ended(later, id);
    expect(detail.steps.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    expect(detail.run.status).toBe('cancelled');
    expect(effects()).toEqual(['up']);
  });

  it('keeps the time limit over a restart', async () => {
    const { pipelines } = await setUp();
    await pipelines.putPipeline(
      { name: 'p', steps: [shell('a', 'echo >> effects; sleep 60', { timeoutMs: 300 })] },
      'x',
    );
    const { id } = await pipelines.startRun('p', {}, 'x');
    while (!existsSync(join(bench.base, 'effects'))) await sleep(2);
    await pipelines.stop();
    await sleep(350);
    const later = bench.again();
    await later.start();
    const detail = await ended(later, id);
    expect(detail.steps[0]?.attempts).toMatchObject([{ number: 1, failure: 'timeout' }]);
  });

  it('keeps a long log whole, of any bytes, and gives it in parts', async () => {
    const { pipelines } = await setUp();
    writeFileSync(
      join(bench.base, 'talk.mjs'),
      `for (let i = 0; i < 40000; i++) process.stdout.write('zeile ' + i + ' \u00e4\u{1F600}\\n');
       process.stdout.write(Buffer.from([0, 255, 10])); process.exitCode = 1;`,
    );
    const steps = [{ name: 'a', command: ['{{node}}', 'talk.mjs'] }, shell('zero', "printf 'a\\0b\\377'; exit 1")];
    await pipelines.putPipeline({ name: 'p', steps }, 'x');
    const { id } = await pipelines.startRun('p', {}, 'x');
    const followed = textOf(await pipelines.followLog(id, 'a', 0, new AbortController().signal));
    const detail = await ended(pipelines, id);
    const expected = `${Array.from({ length: 40_000 }, (_, i) => `zeile ${i} \u00e4\u{1F600}\n`).join('')}\0\uFFFD\n`;
    let text = '';
    let parts = 0;
    for (let offset = 0, complete = false; !complete; parts++) {
      const part = await pipelines.readLog(id, 'a', offset);
      ({ complete, nextOffset: offset } = part);
      text += part.text;
    }
    expect(text === expected).toBe(true);
    expect(parts).toBeGreaterThan(2);
    expect((await followed) === expected).toBe(true);
    const tail = detail.steps[0]?.attempts[0]?.logTail ?? '';
    expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(4_100);
    expect(tail.startsWith('zeile 3')).toBe(true);
    expect((await pipelines.readLog(id, 'zero')).text).toBe('a\0b\uFFFD');
    expect(detail.steps[1]?.attempts[0]?.logTail).toBe('a\uFFFDb\uFFFD');
    await expect(pipelines.readLog(id, 'a', 0, 2)).rejects.toMatchObject({ code: 'PIPELINES_ATTEMPT_NOT_FOUND' });
  });

  it('answers bad requests with an error that names the field, and stores nothing of them', async () => {
    const { pipelines } = await setUp();
    const app = await createHttpServer({
      routes: pipelinesRoutes(pipelines),
      authenticate: () => ({ id: 'user:ann' }),
      info: { title: 't', version: '0', description: '' },
      checkAnswers: true,
    });
    const ask = async (method: 'GET' | 'POST', url: string, body?: unknown) => {
      const payload =
        body === undefined ? {} : { payload: body as object, headers: { 'content-type': 'application/json' } };
      const response = await app.inject({ method, url, ...payload });
      const { error } = response.json<{ error?: { code: string; message: string } }>();
      return [response.statusCode, error?.code ?? '', error?.message ?? ''];
    };
    const step = { name: 'a', command: ['true'] };
    const big = `"${'x'.repeat(5 * 1024 * 1024)}"`;
    const rows: [Parameters<typeof ask>, number, string, RegExp][] = [
      [['POST', '/api/pipelines', { name: 'p' }], 400, 'HTTP_INVALID', /steps/],
      [['POST', '/api/pipelines', { name: 'p', steps: [] }], 400, 'HTTP_INVALID', /body\.steps/],
      [['POST', '/api/pipelines', { name: '../p', steps: [step] }], 400, 'KERNEL_NAME_INVALID', /"\.\.\/p"/],
      [
        ['POST', '/api/pipelines', { name: 'p', steps: [{ ...step, timeoutMs: '5' }] }],
        400,
        'HTTP_INVALID',
        /timeoutMs/,
      ],
      [['POST', '/api/pipelines', { name: 'p', steps: [{ ...step, color: 1 }] }], 400, 'HTTP_INVALID', /color/],
      [['POST', '/api/pipelines', { name: 'p', steps: [step, step] }], 400, 'PIPELINES_DEFINITION_INVALID', /step "a"/],
      [['POST', '/api/pipelines', big], 413, 'HTTP_BODY_TOO_LARGE', /KiB/],
      [['POST', '/api/pipelines', '{"name": NaN}'], 400, 'HTTP_JSON_MALFORMED', /JSON/],
      [['GET', '/api/pipelines/a%00b'], 400, 'HTTP_INVALID', /pipeline/],
      [['GET', '/api/pipelines/p?version=x'], 400, 'HTTP_INVALID', /version/],
      [['POST', '/api/pipelines/none/runs', {}], 404, 'PIPELINES_PIPELINE_NOT_FOUND', /"none"/],
      [['POST', '/api/pipelines/p/runs', { inputs: { a: { digest: 'x' } } }], 400, 'HTTP_INVALID', /digest/],
      [['GET', '/api/pipeline-runs/..%2f..%2fetc'], 404, 'PIPELINES_RUN_NOT_FOUND', /etc/],
      [['GET', '/api/pipeline-runs?status=sad'], 400, 'HTTP_INVALID', /status/],
      [['GET', '/api/pipeline-runs?before=x'], 404, 'PIPELINES_RUN_NOT_FOUND', /"x"/],
      [['POST', '/api/pipeline-runs/x/cancel', { reason: '' }], 400, 'HTTP_INVALID', /reason/],
    ];
    for (const [parameters, status, code, message] of rows) {
      const [gotStatus, gotCode, gotMessage] = await ask(...parameters);
      expect([parameters, gotStatus, gotCode]).toEqual([parameters, status, code]);
      expect(gotMessage).toMatch(message);
    }
    await app.close();
    expect([await pipelines.listPipelines(), await pipelines.listRuns({})]).toEqual([[], []]);
  });
});

async function textOf(events: AsyncIterable<{ readonly event: string; readonly data: unknown }>): Promise<string> {
  let text = '';
  for await (const { event, data } of events) {
    if (event === 'text') text += (data as { text: string }).text;
  }
  return text;
}
