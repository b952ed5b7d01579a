import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createScratchPostgres } from '#testing/platform/sql';
import { spoiled } from './arbitrary.ts';
import { type Answer, openBench, type SystemBench } from './bench.ts';
import { goodCalls, type MlflowRequest } from './mlflow-calls.ts';

/** 50,000 requests: TRIMTAB_MLFLOW_FUZZ=25000 on each database. */
const REQUESTS = Number(process.env.TRIMTAB_MLFLOW_FUZZ ?? 1500);
const SEED = Number(process.env.TRIMTAB_FUZZ_SEED ?? 20_261_125);
const AT_ONCE = 16;
const SLOW_MS = 20_000;
const postgres = process.env.TRIMTAB_TEST_POSTGRES;

describe.each([
  ['SQLite', undefined],
  ['PostgreSQL', postgres],
] as const)("whatever MLflow's routes are sent, on %s", (backend, url) => {
  const missing = backend === 'PostgreSQL' && !url;
  let bench: SystemBench;
  let drop: (() => Promise<void>) | undefined;
  let calls: readonly MlflowRequest[];
  beforeAll(async () => {
    if (missing) return;
    const scratch = url === undefined ? undefined : await createScratchPostgres(url);
    drop = scratch?.drop;
    bench = await openBench({ ...(scratch && { database: scratch.url }), webhookPrivateHosts: true });
    calls = await goodCalls(bench);
  });
  afterAll(async () => {
    await bench?.close();
    await drop?.();
  });

  it.skipIf(missing)('each good call is taken', async () => {
    for (const call of calls) {
      const answer = await send(bench, call);
      expect(answer.status, told(call, answer)).toBeLessThan(300);
    }
  });

  it.skipIf(missing)(
    `${REQUESTS} calls with one thing wrong are answered or refused in MLflow's words`,
    { timeout: 900_000 },
    async () => {
      const made = fc.sample(spoiled(calls), { numRuns: REQUESTS, seed: SEED });
      const statuses = new Map<number, number>();
      let slowestMs = 0;
      for (let start = 0; start < made.length; start += AT_ONCE) {
        await Promise.all(
          made.slice(start, start + AT_ONCE).map(async (call) => {
            const startedMs = performance.now();
            const answer = await send(bench, call);
            const tookMs = performance.now() - startedMs;
            slowestMs = Math.max(slowestMs, tookMs);
            statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
            expectFair(bench, call, answer);
            expect(tookMs, told(call, answer)).toBeLessThan(SLOW_MS);
          }),
        );
      }
      const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} of ${status}`);
      console.info(`${backend}: ${REQUESTS} requests, ${counts.join(', ')}; slowest ${Math.round(slowestMs)} ms`);
    },
  );
});

const METHODS = ['GET', 'PUT', 'PATCH', 'DELETE'];

/** A spoiled call may be anything, not even an object. */
function send(bench: SystemBench, call: MlflowRequest): Promise<Answer> {
  const { method, path, query, body } = (call ?? {}) as Partial<MlflowRequest>;
  const parts = Array.isArray(path) ? path : [path];
  const url = parts.map((part) => encodeURIComponent(textOf(part).toWellFormed()).replaceAll('%2F', '/')).join('/');
  const search = Object.entries(typeof query === 'object' && query !== null ? query : {})
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => [name, textOf(one)] as const))
    .map((pair) => pair.map((text) => encodeURIComponent(text.toWellFormed())).join('='))
    .join('&');
  const text = body === undefined ? undefined : (JSON.stringify(body) ?? '');
  // Node leaves out the length of a body that a DELETE has.
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text ?? '') };
  return bench.send({
    method: METHODS.find((one) => one === method) ?? 'POST',
    path: `/api/${url.replace(/^\/+/, '')}${search ? `?${search}` : ''}`,
    ...(text === undefined ? {} : { headers, body: text }),
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function told(call: MlflowRequest, answer: Answer): string {
  return `${JSON.stringify(call)?.slice(0, 1500)} -> ${answer.status} ${answer.text.slice(0, 500)}`;
}

function expectFair(bench: SystemBench, call: MlflowRequest, answer: Answer): void {
  const words = told(call, answer);
  expect(answer.status, words).toBeLessThan(500);
  expect(answer.text, words).not.toMatch(/node_modules|\bat .*\.[jt]s:\d|src\/(platform|domains|server|protocols)/);
  expect(answer.text, words).not.toContain(bench.folder);
  expect(answer.text, words).not.toMatch(/SQLITE_|syntax error at or near|relation "/);
}
