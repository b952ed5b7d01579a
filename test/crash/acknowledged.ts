import { type Client, createClient } from '#sdk';

/** What a caller was told is stored. */
export interface Acknowledged {
  readonly metrics: number[];
  readonly commits: string[];
  readonly predictions: string[];
  readonly branches: string[];
}

const PROBE = 'crash-probe';
const EXPERIMENT = PROBE;
const RUN = 'c'.repeat(32);
const PATIENCE_MS = 60_000;

/**
 * Writes without pause until told to stop, and notes what was acknowledged. It asks again when the server dies in the
 * middle of an answer, as a client of ours does, so each write is made at most once in effect.
 */
export async function writeUntil(url: string, stop: AbortSignal): Promise<Acknowledged> {
  const client = createClient({ baseUrl: url, patienceMs: PATIENCE_MS });
  const noted: Acknowledged = { metrics: [], commits: [], predictions: [], branches: [] };
  await client.tracking.createExperiment({ body: { name: EXPERIMENT } });
  await client.tracking.createRun({ body: { id: RUN, experiment: EXPERIMENT } });
  await client.data.createRepository({ body: { name: PROBE } });
  for (let n = 0; !stop.aborted; n++) {
    await client.tracking.logBatch({
      params: { run: RUN },
      body: { metrics: [{ key: 'n', value: n, step: n, timestampMs: 1_000_000 + n }] },
    });
    noted.metrics.push(n);
    noted.commits.push(await commitOne(client, n));
    const name = `b${n}`;
    await client.data.createBranch({ params: { repository: PROBE }, body: { name, from: 'main' } });
    noted.branches.push(name);
    noted.predictions.push(...(await predictOne(client, n)));
  }
  return noted;
}

async function commitOne(client: Client, n: number): Promise<string> {
  const params = { repository: PROBE };
  const upload = await client.data.uploadFile({ params, query: { name: 'n.txt' }, body: `number ${n}\n` });
  const commit = await client.data.commit({
    params,
    body: {
      branch: 'main',
      message: `number ${n}`,
      changes: [{ path: 'n.txt', object: upload.object }],
      idempotencyKey: `n/${n}`,
    },
  });
  return commit.id;
}

/** Once the demo's endpoint is there, a prediction of our own. */
async function predictOne(client: Client, n: number): Promise<string[]> {
  const { endpoints } = await client.serving.listEndpoints();
  const endpoint = endpoints[0]?.name;
  if (endpoint === undefined) return [];
  const id = `probe-${n}`;
  // In a time of their own, so that they are in no window of the demo's monitor; each a little later than the one before,
  // so that the newest thousand of a list are those that were made last.
  const at = Date.UTC(1999, 0, 1) + n;
  const row = { date: '1999-01-01T12:00:00Z', distance: 500, origin: 'ATL', destination: 'ORD' };
  await client.serving.predict({ params: { endpoint }, body: { rows: [row], inferenceIds: [id], at } });
  return [id];
}

/** What of it the server does not hold any more; empty when nothing was lost. */
export async function missingFrom(url: string, noted: Acknowledged): Promise<string[]> {
  const client = createClient({ baseUrl: url, patienceMs: PATIENCE_MS });
  const { points } = await client.tracking.getMetricHistory({
    params: { run: RUN },
    query: { key: 'n', maxPoints: 100_000 },
  });
  const steps = points.map(({ step }) => step);
  const { commits } = await client.data.listCommits({
    params: { repository: PROBE },
    query: { ref: 'main', limit: 10_000 },
  });
  const { branches } = await client.data.listBranches({ params: { repository: PROBE } });
  const { predictions } = await client.serving.listPredictions({
    params: { endpoint: 'delays' },
    query: { limit: 1000, beforeMs: Date.UTC(1999, 0, 2) },
  });
  const lost = <T>(what: string, acknowledged: readonly T[], held: readonly T[]) => {
    const there = new Set(held);
    return acknowledged.filter((one) => !there.has(one)).map((one) => `${what} ${one}`);
  };
  const twice = steps.length === new Set(steps).size ? [] : ['a metric is stored twice'];
  return [
    ...twice,
    ...lost('metric', noted.metrics, steps),
    ...lost(
      'commit',
      noted.commits,
      commits.map(({ id }) => id),
    ),
    ...lost(
      'branch',
      noted.branches,
      branches.map(({ name }) => name),
    ),
    ...lost(
      'prediction',
      noted.predictions.slice(-1000),
      predictions.map(({ inferenceId }) => inferenceId),
    ),
  ];
}
