import { afterEach, expect, it } from 'vitest';
import { createScratchPostgres } from '#testing/platform/sql';
import { openBench } from './bench.ts';

const CLIENTS = 64;
const RUNS = 4;
const BATCHES = Number(process.env.TRIMTAB_BATCHES ?? 6);
const KEYS = ['a', 'b', 'c', 'd', 'e'];
const postgres = process.env.TRIMTAB_TEST_POSTGRES;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

// Two servers, because within one batches share a transaction and never meet in the database.
it.skipIf(postgres === undefined)(
  `${CLIENTS} clients of two servers log batches to the same ${RUNS} runs on PostgreSQL, and each is taken`,
  { timeout: 300_000 },
  async () => {
    const scratch = await createScratchPostgres(postgres ?? '');
    cleanups.push(scratch.drop);
    const servers = [await openBench({ database: scratch.url }), await openBench({ database: scratch.url })];
    for (const server of servers) cleanups.push(server.close);
    const ask = async (client: number, path: string, body: object) => {
      const answer = await servers[client % servers.length]?.send({
        ...{ method: 'POST', path: `/api/2.0/mlflow/${path}`, body },
      });
      expect(answer?.status, answer?.text).toBe(200);
      return JSON.parse(answer?.text ?? '') as { run: { info: { run_id: string } } };
    };
    const runs = await Promise.all(
      Array.from({ length: RUNS }, () => ask(0, 'runs/create', { experiment_id: '0', start_time: 1 })),
    );
    const ids = runs.map(({ run }) => run.info.run_id);
    const work = Array.from({ length: CLIENTS }, async (_, client) => {
      for (let batch = 0; batch < BATCHES; batch++) {
        // Each client goes through runs and keys in an order of its own.
        const run_id = ids[(client + batch) % RUNS];
        const step = client * BATCHES + batch;
        const keys = KEYS.map((_, at) => KEYS[(at + client) % KEYS.length]);
        await ask(client, 'runs/log-batch', {
          run_id,
          metrics: keys.map((key) => ({ key, value: step, timestamp: step, step })),
          params: keys.map((key) => ({ key, value: 'same' })),
          tags: keys.map((key) => ({ key, value: String(step) })),
        });
      }
    });
    await Promise.all(work);
    const stored = await Promise.all(
      ids.flatMap((run) =>
        KEYS.map(async (key) => {
          const answer = await servers[0]?.send({
            path: `/api/2.0/mlflow/metrics/get-history?run_id=${run}&metric_key=${key}&max_results=25000`,
          });
          return (JSON.parse(answer?.text ?? '') as { metrics: unknown[] }).metrics.length;
        }),
      ),
    );
    expect(stored.reduce((sum, points) => sum + points, 0)).toBe(CLIENTS * BATCHES * KEYS.length);
  },
);
