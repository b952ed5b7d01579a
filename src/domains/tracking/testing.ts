import { MemoryBlobStore } from '#platform/blob';
import { createEvents, eventsMigrations } from '#platform/events';
import { ManualClock, seededRng } from '#platform/kernel';
import type { Database, Migration } from '#platform/sql';
import type { Dependents, LineageLog, PointerLog } from './ports.ts';
import { trackingMigrations } from './store/schema.ts';
import { createTracking } from './tracking.ts';

export const TRACKING_TEST_MIGRATIONS: readonly Migration[] = [...eventsMigrations, ...trackingMigrations];

/** Keeps the edges in memory, those of rolled back transactions too. */
class MemoryLineageLog implements LineageLog {
  readonly edges: string[] = [];

  async link(_tx: unknown, edge: Parameters<LineageLog['link']>[1]): Promise<void> {
    this.edges.push(`${edge.from} ${edge.relation} ${edge.to}`);
  }
}

/** A tracking domain on a database, with a clock that stands still. */
export function setUpTracking(database: Database, dependents?: Dependents) {
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
  });
  return { database, clock, lineage, blobs, moves, tracking };
}
