import type { AddressInfo } from 'node:net';
import { MemoryBlobStore } from '#platform/blob';
import { createEvents, eventsMigrations } from '#platform/events';
import { createHttpServer } from '#platform/http';
import { ManualClock, seededRng } from '#platform/kernel';
import { type Database, type Migration, migrate, openDatabase } from '#platform/sql';
import type { Tables } from '#platform/table';
import type { Dependents, ForeignFiles, LineageLog, PointerLog } from './ports.ts';
import { trackingRoutes } from './routes.ts';
import { trackingMigrations } from './store/schema.ts';
import { createTracking, type Tracking } from './tracking.ts';

export const TRACKING_TEST_MIGRATIONS: readonly Migration[] = [...eventsMigrations, ...trackingMigrations];

/** Keeps the edges in memory, those of rolled back transactions too. */
class MemoryLineageLog implements LineageLog {
  readonly edges: string[] = [];

  async link(_tx: unknown, edge: Parameters<LineageLog['link']>[1]): Promise<void> {
    this.edges.push(`${edge.from} ${edge.relation} ${edge.to}`);
  }
}

/** A tracking domain on a database, with a clock that stands still. */
export function setUpTracking(
  database: Database,
  dependents?: Dependents,
  foreignFiles?: ForeignFiles,
  tables?: Tables,
) {
  const clock = new ManualClock(Date.UTC(2001, 2, 1));
  const lineage = new MemoryLineageLog();
  const blobs = new MemoryBlobStore();
  const events = createEvents({ database, clock });
  const moves: string[] = [];
  const pointerLog: PointerLog = {
    record: async (_, { pointer, from, to }) => void moves.push(`${pointer}: ${from} -> ${to}`),
  };
  const tracking = createTracking({
    database,
    blobs,
    clock,
    rng: seededRng(1),
    events,
    lineage,
    pointerLog,
    ...(dependents ? { dependents } : {}),
    ...(foreignFiles ? { foreignFiles } : {}),
    ...(tables ? { tables } : {}),
  });
  return { database, clock, lineage, blobs, moves, tracking };
}

/** Answers for a tracking domain at an address of this machine, as user ann. */
export async function listenForTracking(tracking: Tracking) {
  const app = await createHttpServer({
    routes: trackingRoutes(tracking),
    authenticate: () => ({ id: 'user:ann' }),
    info: { title: 'test', version: '0', description: '' },
    checkAnswers: true,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, close: () => app.close() };
}

/** A tracking domain of its own, in memory, with a server. */
export async function serveTracking() {
  const database = await openDatabase('sqlite::memory:');
  await migrate(database, TRACKING_TEST_MIGRATIONS);
  const { tracking, clock } = setUpTracking(database);
  const { url, close: closeServer } = await listenForTracking(tracking);
  return { tracking, clock, url, closeServer, closeDatabase: () => database.close() };
}
