import { freezeReference } from '#domains/monitoring';
import { type Rng, seededRng } from '#platform/kernel';
import { encodeOnnx, OnnxGraphBuilder } from '#platform/onnx';
import type { Client } from '#sdk';

const DAY_MS = 86_400_000;
/** When the simulated clock of the seeded server starts. */
export const START = '2001-03-01T00:00:00Z';
const START_MS = Date.parse(START);
const AIRPORTS = ['ATL', 'ORD', 'SFO'];

export interface Seeded {
  readonly run: string;
  readonly commit: string;
  readonly pipelineRun: string;
}

/** One of everything, through the API alone: from a data commit to a loop with three judged days. */
export async function seed(client: Client): Promise<Seeded> {
  const commit = await seedData(client);
  const run = await seedRuns(client, commit);
  await seedStudy(client);
  await seedModel(client, run, commit);
  await seedTraffic(client);
  const pipelineRun = await seedPipeline(client);
  return { run, commit, pipelineRun };
}

async function seedData(client: Client): Promise<string> {
  const params = { repository: 'flights' };
  await client.data.createRepository({ body: { name: 'flights', description: 'Flights of three airports' } });
  const rows = Array.from({ length: 300 }, (_, i) => {
    const delay = i === 7 ? -1116 : (i * 7) % 60;
    return `2001-01-${String(1 + (i % 28)).padStart(2, '0')}T10:00:00Z,${delay},${300 + i},${AIRPORTS[i % 3]}`;
  });
  const upload = await client.data.uploadFile({
    params,
    query: { name: 'raw/flights.csv' },
    body: ['date,delay,distance,origin', ...rows, ''].join('\n'),
  });
  const branch = 'main';
  const changes = [{ path: 'raw/flights.csv', object: upload.object }];
  await client.data.commit({ params, body: { branch, message: 'Flights of January', changes } });
  const at = { ref: branch, path: 'raw/flights.csv' };
  const schema = await client.data.inferSchema({ params, body: { ...at, name: 'flights' } });
  const columns = schema.columns.map((column) =>
    column.name === 'delay'
      ? { ...column, checks: [{ kind: 'range' as const, min: -90, severity: 'error' as const }] }
      : column,
  );
  await client.data.putSchema({
    params: { ...params, schema: 'flights' },
    body: { branch, schema: { ...schema, columns } },
  });
  await client.data.quarantine({ params, body: { ...at, schemaPath: 'schemas/flights.json', branch } });
  const { latest } = await client.data.getRepository({ params });
  if (!latest) throw new Error('the repository has no commit');
  return latest.id;
}

async function seedRuns(client: Client, commit: string): Promise<string> {
  const experiment = 'delays';
  await client.tracking.createExperiment({ body: { name: experiment } });
  const ids: string[] = [];
  for (const depth of [4, 6]) {
    const run = await client.tracking.createRun({
      body: {
        experiment,
        name: `depth ${depth}`,
        params: [{ key: 'depth', value: depth }],
        inputs: [{ ref: `commit:flights/${commit}`, path: 'clean/raw/flights.parquet', role: 'training' }],
      },
    });
    ids.push(run.id);
    const params = { run: run.id };
    const metrics = Array.from({ length: 30 }, (_, step) => ({
      key: 'valid.logLoss',
      value: 0.7 - 0.01 * step * (depth / 6),
      step,
      timestampMs: START_MS + step,
    }));
    await client.tracking.logBatch({ params, body: { metrics } });
    await client.tracking.putArtifact({ params: { ...params, path: 'notes/read-me.txt' }, body: 'how it was trained' });
    await client.tracking.updateRun({ params, body: { status: 'finished' } });
  }
  return ids[0] ?? '';
}

async function seedStudy(client: Client): Promise<void> {
  const params = { study: 'delays' };
  const space = {
    rate: { kind: 'float' as const, low: 0.01, high: 0.3, log: true },
    depth: { kind: 'int' as const, low: 2, high: 8 },
    growth: { kind: 'categorical' as const, choices: ['by leaf', 'by level'] },
  };
  await client.tuning.createStudy({
    body: { name: params.study, directions: ['minimize'], space, sampler: { name: 'random', seed: 1 } },
  });
  for (let number = 0; number < 6; number++) {
    const trial = await client.tuning.ask({ params, body: {} });
    const one = { ...params, number: trial.number };
    const ended =
      number === 3 ? { state: 'pruned' as const, words: 'Behind the median' } : { values: [1 / (number + 1)] };
    await client.tuning.report({ params: one, body: { step: 1, value: 1 } });
    await client.tuning.tell({ params: one, body: ended });
  }
}

/** The probability is a sigmoid of the distance. */
async function modelFile(): Promise<Uint8Array<ArrayBuffer>> {
  const graph = new OnnxGraphBuilder();
  const distance = graph.input({ name: 'distance', type: 'float32', dims: ['N', 1] });
  const origin = graph.input({ name: 'origin', type: 'string', dims: ['N', 1] });
  const keys = { keys_strings: { strings: AIRPORTS }, values_floats: { floats: AIRPORTS.map((_, index) => index) } };
  const code = graph.node('LabelEncoder', [origin], keys, 'ai.onnx.ml');
  const scaled = graph.node('Div', [distance, graph.scalar('float32', 1000)]);
  const score = graph.node('Add', [scaled, graph.node('Mul', [code, graph.scalar('float32', 0.1)])]);
  const answer = graph.node('Sigmoid', [graph.node('Sub', [score, graph.scalar('float32', 2)])]);
  graph.output({ name: 'probability', type: 'float32', dims: ['N', 1] }, answer);
  return new Uint8Array(await encodeOnnx(graph.build()));
}

async function seedModel(client: Client, run: string, commit: string): Promise<void> {
  const params = { model: 'delays' };
  const one = { ...params, version: '1' };
  await client.registry.createModel({ body: { name: 'delays', description: 'Arrives more than 15 minutes late' } });
  const { digest } = await client.registry.uploadModelFile({ body: await modelFile() });
  const inputs = [
    { name: 'distance', type: 'number' as const, nullable: false },
    { name: 'origin', type: 'string' as const, nullable: false },
  ];
  await client.registry.registerVersion({
    params,
    body: {
      run: `run:${run}`,
      inputs: [`commit:flights/${commit}`],
      file: digest,
      signature: { inputs, output: 'probability' },
      metrics: { 'test.logLoss': 0.45, 'test.auc': 0.67 },
    },
  });
  await client.registry.runGate({
    params: one,
    body: {
      measurements: {
        comparison: {
          opponent: 'historical rate',
          rows: 5000,
          candidateLogLoss: 0.45,
          opponentLogLoss: 0.48,
          difference: -0.03,
          low: -0.04,
          high: -0.02,
        },
        segments: AIRPORTS.map((value) => ({
          column: 'origin',
          value,
          rows: 1500,
          candidateLogLoss: 0.45,
          opponentLogLoss: 0.48,
          difference: -0.03,
          low: -0.05,
          high: -0.01,
        })),
        onnx: { rows: 100, maxDifference: 1e-7 },
        latency: { requests: 100, p50Ms: 0.2, p99Ms: 0.9 },
      },
    },
  });
  await client.registry.setAlias({ params: { ...params, alias: 'champion' }, body: { version: 1, reason: 'first' } });
  await client.registry.requestPromotion({ params, body: { version: '1', environment: 'dev' } });
  await client.registry.requestPromotion({ params, body: { version: '1', environment: 'staging', comment: 'Try it' } });
  await client.registry.commentPromotion({
    params: { ...params, promotion: 2 },
    body: { comment: 'How is it on ATL?' },
  });
}

/** A flight, the model's answer to it, and a label that the answer is right about. */
function flight(rng: Rng) {
  const distance = 300 + rng.next() * 1500;
  const code = rng.int(3);
  const prediction = 1 / (1 + Math.exp(2 - distance / 1000 - 0.1 * code));
  return { distance, code, prediction, label: Number(rng.next() < prediction) };
}

function reference() {
  const rng = seededRng(3);
  const rows = Array.from({ length: 20 * 200 }, (_, i) => ({
    at: START_MS - 30 * DAY_MS + Math.floor(i / 200) * DAY_MS,
    ...flight(rng),
  }));
  return freezeReference({
    columns: {
      distance: { type: 'number', values: rows.map((row) => row.distance) },
      origin: { type: 'string', codes: rows.map((row) => row.code), categories: AIRPORTS },
    },
    times: rows.map((row) => row.at),
    predictions: rows.map((row) => row.prediction),
    labels: rows.map((row) => row.label),
  });
}

async function seedTraffic(client: Client): Promise<void> {
  const variants = [{ name: 'champion', version: 'version:delays/1', weight: 10_000 }];
  await client.serving.createEndpoint({ body: { name: 'delays', variants } });
  const { id } = await client.monitoring.addReference({ body: { reference: reference() } });
  const named = { name: 'delays', endpoint: 'delays' };
  await client.monitoring.createMonitor({ body: { ...named, reference: id, startMs: START_MS } });
  await client.loop.createLoop({
    body: {
      ...named,
      model: 'delays',
      monitor: 'delays',
      champion: 'version:delays/1',
      policy: { pipeline: 'retrain' },
    },
  });
  const rng = seededRng(4);
  const params = { endpoint: 'delays' };
  for (let day = 0; day < 3; day++) {
    const flights = Array.from({ length: 200 }, () => flight(rng));
    const rows = flights.map(({ distance, code }) => ({ distance, origin: AIRPORTS[code] }));
    const inferenceIds = rows.map((_, index) => `${day}-${index}`);
    const body = { rows, inferenceIds, at: START_MS + day * DAY_MS + DAY_MS / 2 };
    await client.serving.predict({ params, body });
    const labels = flights.map(({ label }, index) => ({ inferenceId: `${day}-${index}`, value: label }));
    await client.monitoring.recordLabels({ params, body: { labels } });
  }
  await client.server.moveTimeline({ body: { nowMs: START_MS + 5 * DAY_MS } });
}

async function seedPipeline(client: Client): Promise<string> {
  const steps = [
    { name: 'prepare', command: ['{{node}}', '-e', 'console.log("prepared")'] },
    { name: 'train', command: ['{{node}}', '-e', 'console.log("trained")'], needs: ['prepare'] },
  ];
  await client.pipelines.putPipeline({ body: { name: 'retrain', steps } });
  const run = await client.pipelines.startRun({ params: { pipeline: 'retrain' }, body: {} });
  for (let attempt = 0; attempt < 300; attempt++) {
    const detail = await client.pipelines.getRun({ params: { run: run.id } });
    if (detail.run.status === 'succeeded') return run.id;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`run ${run.id} did not end well within 30 s`);
}
