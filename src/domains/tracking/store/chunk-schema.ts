import { sql as raw } from 'kysely';
import type { Migration } from '#platform/sql';

export interface ChunkTables {
  /** Points of a series that were packed: see `point-store.ts` and `core/packed-points.ts`. */
  tracking_chunk: {
    series: number;
    /** Unique in the series; the order of chunks is that of their last points. */
    number: number;
    count: number;
    last_step: number;
    last_at: number;
    first_step: number;
    /** Earliest and latest time in it. */
    min_at: number;
    max_at: number;
    points: Uint8Array;
    outline: Uint8Array;
    /** Places of the outline's points in the chunk, doubles. */
    places: Uint8Array;
  };
  /** Points of a series that came together and are not packed into a chunk yet. */
  tracking_packet: {
    series: number;
    /** SHA-256 of the points, base64url: what comes once more is there already. */
    digest: string;
    points: Uint8Array;
  };
}

export const chunkMigrations: readonly Migration[] = [
  {
    id: 'tracking-004-chunks',
    up: async (sql) => {
      const { schema } = sql.tables<ChunkTables>();
      const bytes = sql.dialect === 'sqlite' ? raw`blob` : raw`bytea`;
      await schema
        .createTable('tracking_chunk')
        .addColumn('series', 'integer', (c) => c.notNull())
        .addColumn('number', 'integer', (c) => c.notNull())
        .addColumn('count', 'integer', (c) => c.notNull())
        .addColumn('last_step', 'bigint', (c) => c.notNull())
        .addColumn('last_at', 'bigint', (c) => c.notNull())
        .addColumn('first_step', 'bigint', (c) => c.notNull())
        .addColumn('min_at', 'bigint', (c) => c.notNull())
        .addColumn('max_at', 'bigint', (c) => c.notNull())
        .addColumn('outline', bytes, (c) => c.notNull())
        .addColumn('places', bytes, (c) => c.notNull())
        // Last, so that SQLite reads the others without stepping over it.
        .addColumn('points', bytes, (c) => c.notNull())
        .addPrimaryKeyConstraint('tracking_chunk_key', ['series', 'number'])
        .execute();
    },
  },
  {
    id: 'tracking-006-packets',
    up: async (sql) => {
      const { schema } = sql.tables<ChunkTables>();
      await schema
        .createTable('tracking_packet')
        .addColumn('series', 'integer', (c) => c.notNull())
        .addColumn('digest', 'text', (c) => c.notNull())
        .addColumn('points', sql.dialect === 'sqlite' ? raw`blob` : raw`bytea`, (c) => c.notNull())
        .addPrimaryKeyConstraint('tracking_packet_key', ['series', 'digest'])
        .modifyEnd(sql.dialect === 'sqlite' ? raw`without rowid` : raw``)
        .execute();
    },
  },
];
