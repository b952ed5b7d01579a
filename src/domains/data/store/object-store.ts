import type { TableFacts } from '#contract';
import type { Database, Sql } from '#platform/sql';
import type { ChunkName } from '../core/manifest.ts';
import { decodeManifest, encodeManifest } from '../core/manifest.ts';
import type { DataTables } from './schema.ts';

/** Where a chunk lies: a run of bytes of a pack. */
export interface ChunkPlace {
  readonly digest: string;
  readonly pack: string;
  readonly startByte: number;
  readonly storedBytes: number;
  readonly sizeBytes: number;
  readonly encoding: 'raw' | 'zstd';
}

export interface StoredObject {
  readonly digest: string;
  readonly sizeBytes: number;
  readonly chunks: readonly ChunkName[];
}

/** Identifiers in one `in (…)`: far below what either database takes. */
const BATCH = 500;

/** Tables of what is stored: objects, chunks, uploads and table facts. Facts only: no row is ever changed. */
export class ObjectStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The places of those chunks that are stored. */
  async findChunks(digests: readonly string[]): Promise<ReadonlyMap<string, ChunkPlace>> {
    const rows = await inBatches(digests, (batch) =>
      this.#tables.selectFrom('data_chunk').selectAll().where('digest', 'in', batch).execute(),
    );
    return new Map(rows.map((row) => [row.digest, toPlace(row)]));
  }

  /** Notes where chunks lie. A chunk that another writer stored at the same time keeps its first place. */
  async addChunks(places: readonly ChunkPlace[]): Promise<void> {
    await this.#database.insertRows(
      'data_chunk',
      ['digest', 'pack', 'start_byte', 'stored_bytes', 'size_bytes', 'encoding'],
      inOrder(places, (place) => place.digest).map((place) => [
        place.digest,
        place.pack,
        place.startByte,
        place.storedBytes,
        place.sizeBytes,
        place.encoding,
      ]),
      { onConflict: 'ignore' },
    );
  }

  async findObject(digest: string): Promise<StoredObject | undefined> {
    return (await this.findObjects([digest])).get(digest);
  }

  async findObjects(digests: readonly string[]): Promise<ReadonlyMap<string, StoredObject>> {
    const rows = await inBatches(digests, (batch) =>
      this.#tables
        .selectFrom('data_object')
        .select(['digest', 'size_bytes', 'manifest'])
        .where('digest', 'in', batch)
        .execute(),
    );
    return new Map(rows.map((row) => [row.digest, toObject(row)]));
  }

  /** Notes an object whose chunks are all stored. */
  async addObject(object: StoredObject, nowMs: number): Promise<void> {
    const { digest, sizeBytes, chunks } = object;
    const manifest = isOneChunk(object) ? null : encodeManifest(chunks);
    await this.#database.insertRows(
      'data_object',
      ['digest', 'size_bytes', 'chunks', 'manifest', 'created_at'],
      [[digest, sizeBytes, chunks.length, manifest, nowMs]],
      { onConflict: 'ignore' },
    );
  }

  async addUpload(repository: string, object: string, nowMs: number): Promise<void> {
    await this.#database.insertRows(
      'data_upload',
      ['repository', 'object', 'created_at'],
      [[repository, object, nowMs]],
      { onConflict: 'ignore' },
    );
  }

  /** Sizes of those objects that were uploaded to the repository. */
  async findUploads(repository: string, objects: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await inBatches(objects, (batch) =>
      this.#tables
        .selectFrom('data_upload')
        .innerJoin('data_object', 'data_object.digest', 'data_upload.object')
        .select(['data_object.digest', 'data_object.size_bytes'])
        .where('data_upload.repository', '=', repository)
        .where('data_upload.object', 'in', batch)
        .execute(),
    );
    return new Map(rows.map((row) => [row.digest, row.size_bytes]));
  }

  async listUploads(repository: string): Promise<readonly string[]> {
    const rows = await this.#tables
      .selectFrom('data_upload')
      .select('object')
      .where('repository', '=', repository)
      .execute();
    return rows.map((row) => row.object);
  }

  /** What is known of objects read as files of an extension: facts, null for no table, nothing when never looked at. */
  async findTables(
    files: readonly { readonly object: string; readonly extension: string }[],
  ): Promise<(file: { readonly object: string; readonly extension: string }) => TableFacts | null | undefined> {
    const rows = await inBatches([...new Set(files.map((file) => file.object))], (batch) =>
      this.#tables.selectFrom('data_table').selectAll().where('object', 'in', batch).execute(),
    );
    const known = new Map(rows.map((row) => [row.object + row.extension, JSON.parse(row.facts) as TableFacts | null]));
    return (file) => known.get(file.object + file.extension);
  }

  async addTable(object: string, extension: string, facts: TableFacts | null): Promise<void> {
    await this.#database.insertRows(
      'data_table',
      ['object', 'extension', 'facts'],
      [[object, extension, JSON.stringify(facts)]],
      { onConflict: 'ignore' },
    );
  }

  /** Texts of tree nodes by digest. */
  async findNodes(digests: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await inBatches(digests, (batch) =>
      this.#tables.selectFrom('data_tree_node').selectAll().where('digest', 'in', batch).execute(),
    );
    return new Map(rows.map((row) => [row.digest, row.content]));
  }

  async addNodes(tx: Sql, nodes: ReadonlyMap<string, string>): Promise<void> {
    const rows = inOrder([...nodes], ([digest]) => digest);
    await tx.insertRows('data_tree_node', ['digest', 'content'], rows, { onConflict: 'ignore' });
  }

  get #tables() {
    return this.#database.tables<DataTables>();
  }
}

/** A file that is one chunk has the chunk's digest, so its manifest need not be stored. */
function isOneChunk({ digest, chunks }: StoredObject): boolean {
  return chunks.length === 1 && chunks[0]?.digest === digest;
}

function toObject(row: { digest: string; size_bytes: number; manifest: string | null }): StoredObject {
  const { digest, size_bytes: sizeBytes, manifest } = row;
  return { digest, sizeBytes, chunks: manifest === null ? [{ digest, sizeBytes }] : decodeManifest(manifest) };
}

function toPlace(row: DataTables['data_chunk']): ChunkPlace {
  return {
    digest: row.digest,
    pack: row.pack,
    startByte: row.start_byte,
    storedBytes: row.stored_bytes,
    sizeBytes: row.size_bytes,
    // Only addChunks writes the column.
    encoding: row.encoding as ChunkPlace['encoding'],
  };
}

/** Rows in the order of their key: writers that add the same rows then wait for each other one way round, and never in a circle. */
function inOrder<Row>(rows: readonly Row[], keyOf: (row: Row) => string): readonly Row[] {
  return [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

async function inBatches<Row>(
  keys: readonly string[],
  load: (batch: readonly string[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let at = 0; at < keys.length; at += BATCH) rows.push(...(await load(keys.slice(at, at + BATCH))));
  return rows;
}
