import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contract } from '#contract';
import type { Operation } from '#platform/operation';
import { createScratchPostgres } from '#testing/platform/sql';
import { seed } from '../browser/seed.ts';
import { inputsOf, type Known, type Schema, spoiled } from './arbitrary.ts';
import { type Answer, type Asked, openBench, type SystemBench } from './bench.ts';

/** A longer search: TRIMTAB_FUZZ_RUNS=300 TRIMTAB_FUZZ_SEED=7. */
const RUNS = Number(process.env.TRIMTAB_FUZZ_RUNS ?? 30);
const SEED = Number(process.env.TRIMTAB_FUZZ_SEED ?? 20_010_301);
const postgres = process.env.TRIMTAB_TEST_POSTGRES;

/** Every operation; those that take things away come last. */
const operations = Object.values(contract)
  .flatMap((domain): readonly Operation[] => Object.values(domain))
  .sort((a, b) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE'));

const documented = new Set(
  readdirSync('docs/errors').flatMap((file) =>
    [...readFileSync(`docs/errors/${file}`, 'utf8').matchAll(/^\| ([A-Z][A-Z0-9_]+) \|/gm)].map((match) => match[1]),
  ),
);

for (const [backend, url] of [
  ['SQLite', undefined],
  ['PostgreSQL', postgres],
] as const) {
  const missing = backend === 'PostgreSQL' && !url;
  const reason = missing ? ' (skipped: TRIMTAB_TEST_POSTGRES names no server)' : '';
  describe.skipIf(missing)(`whatever an operation is sent, on ${backend}${reason}`, () => {
    let bench: SystemBench;
    let known: Known;
    let drop: (() => Promise<void>) | undefined;
    beforeAll(async () => {
      const scratch = url === undefined ? undefined : await createScratchPostgres(url);
      drop = scratch?.drop;
      bench = await openBench(scratch ? { database: scratch.url } : {});
      known = await knownOn(bench);
    });
    afterAll(async () => {
      await bench?.close();
      await drop?.();
    });

    it.each(operations.map((operation) => [operation.id, operation] as const))(
      '%s answers or refuses in our words',
      async (_, operation) => {
        await fc.assert(
          fc.asyncProperty(callsOf(operation, known, bench.asked), async (call) => {
            const answer = await send(bench, operation, call);
            expectFair(bench, operation, call, answer);
          }),
          { seed: SEED, numRuns: RUNS, endOnFailure: true },
        );
      },
    );
  });
}

interface Call {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** Calls made up from the schemas, and calls that once were good with one thing wrong. */
function callsOf(operation: Operation, known: Known, asked: readonly Asked[]): fc.Arbitrary<Call> {
  const part = (schema: unknown) => (schema ? inputsOf(schema as Schema, known) : fc.constant(undefined));
  const madeUp = fc.record({
    params: part(operation.params),
    query: part(operation.query),
    body: operation.body === 'bytes' ? fc.uint8Array({ maxLength: 200 }) : part(operation.body),
  });
  const good = asked.flatMap((one) => callOf(operation, one) ?? []).slice(0, 20);
  return good.length > 0 ? fc.oneof(madeUp, spoiled(good)) : madeUp;
}

/** A request read back as a call of the operation, when it was one. */
function callOf(operation: Operation, { method, url, body }: Asked): Call | undefined {
  const names: string[] = [];
  const pattern = operation.path.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    names.push(name);
    return '([^/]+)';
  });
  const match = method === operation.method && new RegExp(`^${pattern}$`).exec(url.pathname);
  if (!match) return undefined;
  const params = Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')]));
  return { params, query: Object.fromEntries(url.searchParams), body };
}

function send(bench: SystemBench, operation: Operation, call: Call): Promise<Answer> {
  const { params, query, body } = objectOf(call) as Partial<Call>;
  const named = objectOf(params);
  const path = operation.path
    .split('/')
    .map((part) => {
      if (part === '*') return textOf(named.path).split('/').map(encoded).join('/');
      return part.startsWith(':') ? encoded(textOf(named[part.slice(1)])) : part;
    })
    .join('/');
  const search = Object.entries(objectOf(query))
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encoded(name)}=${encoded(textOf(value))}`)
    .join('&');
  const bytes = operation.body === 'bytes';
  return bench.send({
    method: operation.method,
    path: search ? `${path}?${search}` : path,
    headers: body === undefined || bytes ? {} : { 'content-type': 'application/json' },
    opensStream: operation.response === 'events',
    ...(body === undefined ? {} : { body: body instanceof Uint8Array ? body : (JSON.stringify(body) ?? '') }),
  });
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** Percent-encodes text that need not be well-formed. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function expectFair(bench: SystemBench, operation: Operation, call: Call, answer: Answer): void {
  const told = `${operation.id} ${JSON.stringify(call)?.slice(0, 1500)} -> ${answer.status} ${answer.text.slice(0, 500)}`;
  if (answer.status < 400) return;
  expect(answer.text, told).not.toMatch(/node_modules|\bat .*\.[jt]s:\d|src\/(platform|domains|server)/);
  const { error } = JSON.parse(answer.text) as { error: { code: string; message: string; details: unknown } };
  expect(documented.has(error.code), told).toBe(true);
  expect(error.message.length, told).toBeLessThan(3000);
  expect(answer.text, told).not.toContain(bench.folder);
  if (answer.status >= 500)
    expect([answer.status, operation.errors], told).toEqual([503, expect.arrayContaining([error.code])]);
}

/** One of everything on the server, and how it is called. */
async function knownOn(bench: SystemBench): Promise<Known> {
  const { run, commit, pipelineRun } = await seed(bench.client);
  const { entries } = await bench.client.data.listEntries({ params: { repository: 'flights' } });
  const { digest } = await bench.client.registry.uploadModelFile({ body: 'bytes of a model' });
  const objects = entries.map((entry) => entry.object);
  return {
    repository: ['flights'],
    name: ['flights', 'delays', 'retrain'],
    branch: ['main'],
    ref: ['main', commit, `commit:flights/${commit}`],
    from: ['main', commit],
    to: ['main', commit],
    path: entries.map((entry) => entry.path),
    schemaPath: ['schemas/flights.json'],
    schema: ['flights'],
    object: objects,
    file: [digest],
    digest: [digest],
    run: [run, pipelineRun, `run:${run}`],
    experiment: ['delays'],
    study: ['delays'],
    number: [0, 1, 2],
    model: ['delays'],
    version: ['1', 1, 'champion', 'version:delays/1'],
    alias: ['champion'],
    endpoint: ['delays'],
    monitor: ['delays'],
    loop: ['delays'],
    pipeline: ['retrain'],
    step: ['prepare', 'train'],
    column: ['delay', 'distance', 'origin', 'date'],
    inferenceId: ['0-0', '1-7'],
    subject: [`commit:flights/${commit}`, `run:${run}`, 'version:delays/1', 'endpoint:delays'],
  };
}
