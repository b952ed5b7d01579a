import { hash } from 'node:crypto';
import { sql as raw } from 'kysely';
import type { Database, Sql } from '#platform/sql';
import {
  joinPoints,
  makePoints,
  mergeAll,
  mergePoints,
  type Points,
  packPoints,
  slicePoints,
  unpackPoints,
} from '../core/packed-points.ts';
import { OUTLINE_BLOCK, outlineOf, Thinning } from '../core/thinning.ts';
import type { ChunkTables } from './chunk-schema.ts';
import type { TrackingTables } from './schema.ts';

/*
 * A point is written as a row of tracking_point, or, when many of a series come together, they are a packet of
 * tracking_packet: these points are open. When a series has many, the oldest by step and time are packed into a chunk of
 * tracking_chunk, in one transaction that locks the series, so that every point is open or in a chunk. A point that
 * comes late, or once more, is open again, until it is merged into its chunk. Whoever reads takes the open points first
 * and the chunks after: what is packed between the two is then there twice, which merging mends, and never missing.
 */

/** From so many points of a series on, that came together, a packet is less work than rows. */
export const PACKET_FROM = 16;

/** Points of a chunk. */
const CHUNK_POINTS = 4096;
/** Latest points that stay open: late ones are likely to fall among them. */
const OPEN_POINTS = 1024;
/** Open points of a series from which packing is worth its while. */
export const SEAL_FROM = CHUNK_POINTS + OPEN_POINTS;

/** Where points lie that are in no chunk. */
const OPEN_TABLES = ['tracking_point', 'tracking_packet'] as const;

/** An outline replaces the points where buckets hold at least so many of its blocks. */
const BLOCKS_A_BUCKET = 2;

export interface Range {
  /** What the range is of. */
  readonly of: 'step' | 'time';
  readonly from: number;
  readonly to: number;
}

type Outline = Pick<ChunkTables['tracking_chunk'], 'outline' | 'places'>;

interface ChunkHead {
  readonly number: number;
  readonly count: number;
  readonly last_step: number;
  readonly last_at: number;
  readonly first_step: number;
  readonly min_at: number;
  readonly max_at: number;
}

export interface ThinSeries {
  readonly points: Points;
  /** Points there are, in the range when one was asked for. */
  readonly total: number;
  /** Whether there is something to pack, or to merge. */
  readonly ripe: boolean;
}

/** Ids of the series of a metric, by run. */
export async function findSeries(sql: Sql, runs: readonly string[], key: string): Promise<ReadonlyMap<string, number>> {
  const list =
    sql.dialect === 'sqlite'
      ? raw`(select value from json_each(${JSON.stringify(runs)}))`
      : raw`(select unnest(${runs}::text[]))`;
  const { rows } = await raw<{ id: number; run: string }>`
    select id, run from tracking_series where key = ${key} and run in ${list}`.execute(sql.tables());
  return new Map(rows.map(({ id, run }) => [run, id]));
}

/** Every point of a series in the order of step, time and value; those of a range if one is given. */
export async function readPoints(sql: Sql, series: number, range?: Range): Promise<Points> {
  const open = await readOpen(sql, series);
  const heads = await readHeads(sql, series, ['points']);
  const wanted = heads.filter((head) => range === undefined || overlaps(head, range));
  const sealed = joinPoints(wanted.map(({ points }) => unpackPoints(points)));
  const all = mergePoints(sealed, open);
  return range === undefined ? all : within(all, range);
}

/** A series with at most so many points, its peaks among them. */
export async function readThin(sql: Sql, series: number, maxPoints: number, range?: Range): Promise<ThinSeries> {
  let ripe = false;
  if (range === undefined) {
    const open = await readOpen(sql, series);
    const heads = await readHeads(sql, series, ['outline', 'places']);
    const late = lateCount(open, heads.at(-1));
    const total = heads.reduce((sum, { count }) => sum + count, open.count);
    const thinning = new Thinning(total, maxPoints);
    const coarse = thinning.bucketSize >= OUTLINE_BLOCK * BLOCKS_A_BUCKET;
    if (heads.length === 0 || (coarse && late === 0)) {
      addOutlines(thinning, heads);
      thinning.addAll(open, total - open.count);
      return { points: thinning.points(), total, ripe: open.count >= SEAL_FROM };
    }
    ripe = late > 0 || open.count >= SEAL_FROM;
  }
  const points = await readPoints(sql, series, range);
  const thinning = new Thinning(points.count, maxPoints);
  thinning.addAll(points, 0);
  return { points: thinning.points(), total: points.count, ripe };
}

function addOutlines(thinning: Thinning, heads: readonly (ChunkHead & Outline)[]): void {
  let start = 0;
  for (const { count, outline, places } of heads) {
    const points = unpackPoints(outline);
    // A copy: bytes of PostgreSQL lie somewhere in a larger buffer.
    const at = new Float64Array(new Uint8Array(places).buffer);
    for (let i = 0; i < points.count; i++) thinning.add(points, i, start + (at[i] ?? 0));
    start += count;
  }
}

/** Writes points that came together. Those that came so before are left alone. */
export async function writePackets(
  tx: Sql,
  packets: readonly { readonly series: number; readonly points: Points }[],
): Promise<void> {
  const rows = packets.map(({ series, points }) => {
    const packed = packPoints(points);
    return [series, hash('sha256', packed, 'base64url'), packed];
  });
  await tx.insertRows('tracking_packet', ['series', 'digest', 'points'], rows, { onConflict: 'ignore' });
}

async function readOpen(sql: Sql, series: number): Promise<Points> {
  const { rows } = await raw<{ step: number; at_ms: number; value: number; is_nan: number }>`
    select step, at_ms, value, is_nan from tracking_point where series = ${series}
    order by step, at_ms, value, is_nan`.execute(sql.tables());
  const points = makePoints(rows.length);
  rows.forEach(({ step, at_ms, value, is_nan }, i) => {
    points.steps[i] = step;
    points.times[i] = at_ms;
    points.values[i] = is_nan ? Number.NaN : value;
  });
  const packets = await raw<{ points: Uint8Array }>`
    select points from tracking_packet where series = ${series}`.execute(sql.tables());
  const parts = packets.rows.map((packet) => unpackPoints(packet.points));
  // Most follow one another: in their order nothing has to be merged.
  parts.sort((a, b) => (a.steps[0] ?? 0) - (b.steps[0] ?? 0));
  return mergePoints(mergeAll(parts), points);
}

/** Chunks of a series in their order, with such parts of them in one statement, so that they belong together. */
async function readHeads<Part extends 'points' | 'outline' | 'places'>(
  sql: Sql,
  series: number,
  parts: readonly Part[],
): Promise<readonly (ChunkHead & Pick<ChunkTables['tracking_chunk'], Part>)[]> {
  const columns = ['number', 'count', 'last_step', 'last_at', 'first_step', 'min_at', 'max_at', ...parts];
  const { rows } = await raw<ChunkHead & Pick<ChunkTables['tracking_chunk'], Part>>`
    select ${raw.join(columns.map((column) => raw.ref(column)))} from tracking_chunk
    where series = ${series} order by last_step, last_at, number`.execute(sql.tables());
  return rows;
}

async function readChunk(tx: Sql, series: number, number: number): Promise<Points> {
  const { points } = await tx
    .tables<ChunkTables>()
    .selectFrom('tracking_chunk')
    .select('points')
    .where('series', '=', series)
    .where('number', '=', number)
    .executeTakeFirstOrThrow();
  return unpackPoints(points);
}

/** How many rows belong among the chunks, or are in them already. */
function lateCount(open: Points, last: ChunkHead | undefined): number {
  if (last === undefined) return 0;
  let late = 0;
  while (late < open.count && isUpTo(open, late, last.last_step, last.last_at)) late += 1;
  return late;
}

function isUpTo({ steps, times }: Points, i: number, step: number, atMs: number): boolean {
  return steps[i] === step ? (times[i] as number) <= atMs : (steps[i] as number) < step;
}

function overlaps(head: ChunkHead, { of, from, to }: Range): boolean {
  const [first, last] = of === 'step' ? [head.first_step, head.last_step] : [head.min_at, head.max_at];
  return last >= from && first <= to;
}

function within(points: Points, { of, from, to }: Range): Points {
  const xs = of === 'step' ? points.steps : points.times;
  const kept = makePoints(points.count);
  let count = 0;
  for (let i = 0; i < points.count; i++) {
    const x = xs[i] as number;
    if (x < from || x > to) continue;
    kept.steps[count] = points.steps[i] as number;
    kept.times[count] = points.times[i] as number;
    kept.values[count++] = points.values[i] as number;
  }
  return slicePoints(kept, 0, count);
}

/** Packs the oldest points of a series, merges late ones into their chunks, and makes one packet of what stays open. */
export function sealSeries(database: Database, series: number): Promise<void> {
  return database.transaction(async (tx) => {
    // Whoever writes points has written the series before: on PostgreSQL he waits here, or we for him.
    if (tx.dialect === 'postgres') {
      await raw`select id from tracking_series where id = ${series} for update`.execute(tx.tables());
    }
    const open = await readOpen(tx, series);
    const heads = await readHeads(tx, series, []);
    const late = lateCount(open, heads.at(-1));
    if (late > 0) await mergeLate(tx, series, heads, slicePoints(open, 0, late));
    let number = heads.reduce((most, head) => Math.max(most, head.number + 1), 0) + late;
    let sealed = late;
    while (open.count - sealed >= SEAL_FROM) {
      const end = endOfChunk(open, sealed + CHUNK_POINTS);
      await insertChunk(tx, series, number++, slicePoints(open, sealed, end));
      sealed = end;
    }
    for (const table of OPEN_TABLES) {
      await raw`delete from ${raw.table(table)} where series = ${series}`.execute(tx.tables());
    }
    if (sealed < open.count) await writePackets(tx, [{ series, points: slicePoints(open, sealed, open.count) }]);
  });
}

/** A chunk ends between two points that differ in step or time. */
function endOfChunk({ count, steps, times }: Points, wanted: number): number {
  let end = wanted;
  while (end < count && steps[end] === steps[end - 1] && times[end] === times[end - 1]) end += 1;
  return end;
}

async function mergeLate(tx: Sql, series: number, heads: readonly ChunkHead[], late: Points): Promise<void> {
  let start = 0;
  // A chunk that has grown is cut; no more parts come of it than there are late points, so their numbers are free.
  let number = heads.reduce((most, head) => Math.max(most, head.number + 1), 0);
  for (const head of heads) {
    let end = start;
    while (end < late.count && isUpTo(late, end, head.last_step, head.last_at)) end += 1;
    if (end === start) continue;
    const merged = mergePoints(await readChunk(tx, series, head.number), slicePoints(late, start, end));
    start = end;
    await tx
      .tables<ChunkTables>()
      .deleteFrom('tracking_chunk')
      .where('series', '=', series)
      .where('number', '=', head.number)
      .execute();
    let from = 0;
    for (let own = head.number; from < merged.count; own = number++) {
      const to = merged.count - from >= 2 * CHUNK_POINTS ? endOfChunk(merged, from + CHUNK_POINTS) : merged.count;
      await insertChunk(tx, series, own, slicePoints(merged, from, to));
      from = to;
    }
  }
}

async function insertChunk(tx: Sql, series: number, number: number, points: Points): Promise<void> {
  const last = points.count - 1;
  const outline = outlineOf(points);
  const places = new Uint8Array(outline.places.buffer);
  await tx
    .tables<ChunkTables>()
    .insertInto('tracking_chunk')
    .values({
      ...{ series, number, count: points.count },
      first_step: points.steps[0] as number,
      last_step: points.steps[last] as number,
      last_at: points.times[last] as number,
      min_at: points.times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY),
      max_at: points.times.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY),
      points: Buffer.from(packPoints(points)),
      outline: Buffer.from(packPoints(outline.points)),
      places: Buffer.from(places),
    })
    .execute();
}

/** Copies the histories of a run to another that has none. */
export async function copyHistories(tx: Sql, from: string, to: string): Promise<void> {
  const copy = async (table: keyof (TrackingTables & ChunkTables), columns: readonly string[]) => {
    const names = columns.map((column) => raw.ref(column));
    const values = columns.map((column) => raw.ref(`p.${column}`));
    await raw`insert into ${raw.table(table)} (series, ${raw.join(names)})
      select copied.id, ${raw.join(values)} from tracking_series original
      join tracking_series copied on copied.run = ${to} and copied.key = original.key
      join ${raw.table(table)} p on p.series = original.id where original.run = ${from}`.execute(tx.tables());
  };
  await raw`insert into tracking_series (run, key, step, at_ms, value, is_nan, min_value, max_value)
    select ${to}, key, step, at_ms, value, is_nan, min_value, max_value
    from tracking_series where run = ${from}`.execute(tx.tables());
  await copy('tracking_point', ['step', 'at_ms', 'value', 'is_nan']);
  await copy('tracking_packet', ['digest', 'points']);
  const head = ['number', 'count', 'first_step', 'last_step', 'last_at', 'min_at', 'max_at'];
  await copy('tracking_chunk', [...head, 'points', 'outline', 'places']);
}

/** Deletes the histories of a run. */
export async function deleteHistories(tx: Sql, run: string): Promise<void> {
  for (const table of [...OPEN_TABLES, 'tracking_chunk']) {
    await raw`delete from ${raw.table(table)}
      where series in (select id from tracking_series where run = ${run})`.execute(tx.tables());
  }
  await raw`delete from tracking_series where run = ${run}`.execute(tx.tables());
}
