import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlobStore, MemoryBlobStore } from '#platform/blob';
import { createEvents, eventsMigrations } from '#platform/events';
import { ManualClock, seededRng } from '#platform/kernel';
import type { Database, Migration } from '#platform/sql';
import { openTables } from '#platform/table';
import { createData, type DataOptions } from './data.ts';
import { dataMigrations } from './store/schema.ts';

export const DATA_TEST_MIGRATIONS: readonly Migration[] = [...eventsMigrations, ...dataMigrations];
const TEST_START_MS = Date.UTC(2001, 0, 1);

/** What the test's data domain wrote to the ports of other rooms. */
interface Recorded {
  readonly moves: { pointer: string; from: string | null; to: string | null; actor: string }[];
  readonly links: { from: string; to: string; relation: string }[];
}

/** A data domain over real tables and objects in memory, with all its parts in reach. */
export async function openTestData(
  database: Database,
  options: Partial<Pick<DataOptions, 'blobs' | 'localCopiesBytes' | 'uploadLimitBytes'>> = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'trimtab-data-test-'));
  const clock = new ManualClock(TEST_START_MS);
  const rng = seededRng(7);
  const blobs: BlobStore = options.blobs ?? new MemoryBlobStore();
  const recorded: Recorded = { moves: [], links: [] };
  const tables = openTables({ memoryMb: 512, scratchFolder: join(folder, 'tables') });
  const events = createEvents({ database, clock });
  const data = createData({
    ...options,
    database,
    blobs,
    clock,
    rng,
    events,
    pointerLog: {
      record: async (_, { pointer, from, to, actor }) => void recorded.moves.push({ pointer, from, to, actor }),
    },
    lineage: { link: async (_, edge) => void recorded.links.push(edge) },
    tables,
    scratchFolder: join(folder, 'scratch'),
  });
  return {
    data,
    blobs,
    clock,
    events,
    tables,
    folder,
    recorded,
    close: async () => {
      await tables.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type TestData = Awaited<ReturnType<typeof openTestData>>;

/** Bytes as a caller sends them: in pieces. */
export async function* sent(content: Uint8Array | string, pieceBytes = 60_000): AsyncGenerator<Uint8Array> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** All bytes of a stream. */
export async function received(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}
