import { onTestFinished } from 'vitest';
import type { GateMeasurements, NewModelVersion } from '#contract';
import { type BlobStore, MemoryBlobStore } from '#platform/blob';
import { createEvents, eventsMigrations } from '#platform/events';
import { createHttpServer } from '#platform/http';
import { ManualClock, seededRng } from '#platform/kernel';
import { type Database, type Migration, migrate, openDatabase } from '#platform/sql';
import { cardMigrations } from './cards/schema.ts';
import type { LineageLog, MayEdit, MayRead, PointerLog, RolesOf, RunsOf, SignatureOf } from './ports.ts';
import { promotionMigrations } from './promotions/schema.ts';
import { createRegistry, type Registry } from './registry.ts';
import { registryRoutes } from './routes.ts';
import { registryMigrations } from './store/schema.ts';
import type { NewSource } from './versions.ts';

export const REGISTRY_TEST_MIGRATIONS: readonly Migration[] = [
  ...eventsMigrations,
  ...registryMigrations,
  ...promotionMigrations,
  ...cardMigrations,
];

type Move = Parameters<PointerLog['record']>[1];
type Edge = Parameters<LineageLog['link']>[1];

export interface RegistryBench {
  readonly database: Database;
  readonly registry: Registry;
  readonly blobs: BlobStore;
  readonly clock: ManualClock;
  readonly moves: readonly Move[];
  readonly edges: readonly Edge[];
  /** What versions are in use by, by their references. */
  readonly used: Map<string, string>;
}

/** A registry with model `delays`, whose moves and edges are kept in memory. */
export async function setUpRegistry(
  database: Database,
  ports: {
    readonly rolesOf?: RolesOf;
    readonly runsOf?: RunsOf;
    readonly signatureOf?: SignatureOf;
    readonly mayRead?: MayRead;
    readonly mayEdit?: MayEdit;
  } = {},
): Promise<RegistryBench> {
  const clock = new ManualClock(Date.UTC(2001, 2, 1));
  const blobs = new MemoryBlobStore();
  const moves: Move[] = [];
  const edges: Edge[] = [];
  const used = new Map<string, string>();
  const registry = createRegistry({
    database,
    blobs,
    clock,
    rng: seededRng(7),
    events: createEvents({ database, clock }),
    pointerLog: { record: async (_, move) => void moves.push(move) },
    lineage: { link: async (_, edge) => void edges.push(edge) },
    use: { of: async (refs) => new Map([...used].filter(([ref]) => refs.includes(ref))) },
    runsOf: async () => new Map(),
    mayRead: () => true,
    mayEdit: () => true,
    ...ports,
  });
  await registry.createModel({ name: 'delays' }, 'user:ann');
  return { database, registry, blobs, clock, moves, edges, used };
}

/** The smallest file with the outline of an ONNX model; the text makes it differ from others. */
export function outlineOf(text: string): Uint8Array<ArrayBuffer> {
  const producer = new TextEncoder().encode(text.slice(0, 100));
  return Uint8Array.from([8, 8, 0x12, producer.length, ...producer, 0x3a, 0]);
}

export async function* streamOf(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

export function newVersion(file: string, changes: Partial<NewModelVersion> = {}): NewModelVersion {
  return {
    run: 'run:r1',
    inputs: ['commit:flights/c1'],
    codeCommit: 'abc123',
    file,
    signature: {
      inputs: [
        { name: 'origin', type: 'string', nullable: false },
        { name: 'distance', type: 'number', nullable: true },
      ],
      output: 'probability',
    },
    golden: { rows: [{ origin: 'ATL', distance: 500 }, { origin: 'SFO' }], predictions: [0.25, 0.125] },
    metrics: { 'test.auc': 0.673, 'test.logLoss': null },
    evaluation: { whole: { rows: 100 }, segments: [] },
    reference: 'reference-1',
    tags: { team: 'ops' },
    ...changes,
  };
}

/** A version whose files lie elsewhere. */
export function newSource(uri: string): NewSource {
  return {
    description: '',
    run: null,
    source: { uri, location: uri, loggedModel: null, runLink: null },
    tags: { team: 'ops' },
  };
}

/** Registers a version with a file of its own and returns its number. */
export async function registered(registry: Registry, text: string, changes?: Partial<NewModelVersion>) {
  const { digest } = await registry.uploadFile(streamOf(outlineOf(text)));
  return registry.registerVersion('delays', newVersion(digest, changes), 'user:ann');
}

/** Measurements that pass every check of the default policy. */
export function goodMeasurements(opponent = 'baseline', changes: Partial<GateMeasurements> = {}): GateMeasurements {
  return {
    comparison: {
      opponent,
      rows: 12_000,
      candidateLogLoss: 0.45,
      opponentLogLoss: 0.48,
      candidateAuc: 0.67,
      opponentAuc: 0.61,
      difference: -0.03,
      low: -0.035,
      high: -0.025,
    },
    segments: [segment('ATL', -0.02), segment('SFO', 0.001)],
    onnx: { rows: 12_000, maxDifference: 2e-7 },
    latency: { requests: 500, p50Ms: 0.4, p99Ms: 1.2 },
    ...changes,
  };
}

export function segment(value: string, difference: number, changes: { halfWidth?: number; rows?: number } = {}) {
  const { halfWidth = 0.005, rows = 1000 } = changes;
  return {
    column: 'origin',
    value,
    rows,
    candidateLogLoss: 0.5 + difference,
    opponentLogLoss: 0.5,
    difference,
    low: difference - halfWidth,
    high: difference + halfWidth,
  };
}

type Authenticate = Parameters<typeof createHttpServer>[0]['authenticate'];

/** A server with model `delays` of two versions, until the test ends; everybody is Ann if it is not told otherwise. */
export async function serveModels(authenticate: Authenticate = () => ({ id: 'user:ann' })) {
  const database = await openDatabase('sqlite::memory:');
  onTestFinished(() => database.close());
  await migrate(database, REGISTRY_TEST_MIGRATIONS);
  const { registry } = await setUpRegistry(database);
  for (const text of ['one', 'two']) await registered(registry, text);
  const app = await createHttpServer({
    routes: registryRoutes(registry),
    authenticate,
    info: { title: 'test', version: '0', description: '' },
    checkAnswers: true,
  });
  onTestFinished(() => app.close());
  return { registry, url: await app.listen({ host: '127.0.0.1', port: 0 }) };
}
