import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSchema, RowPage, StoredSchema, TableProfile } from '#contract';
import type { Events } from '#platform/events';
import { type Clock, ref } from '#platform/kernel';
import type { Database } from '#platform/sql';
import type { Tables } from '#platform/table';
import type { LineageLog } from '../ports.ts';
import { CommitMaker } from './commit-maker.ts';
import { inferSchema, type KnownTimes } from './inferring.ts';
import { createMaking } from './making.ts';
import { columnOf, type OpenTable, TableOpener, type TablePlace } from './open-table.ts';
import type { DataFiles } from './ports.ts';
import { profileTable } from './profiling.ts';
import { readRows } from './rows.ts';
import { assertSchema, readSchema, schemaDigest, schemaPathOf, schemaText } from './schema-files.ts';
import { QualityStore } from './store/quality-store.ts';
import { createValidation } from './validation.ts';

export interface DataQualityOptions {
  readonly data: DataFiles;
  readonly tables: Tables;
  readonly database: Database;
  readonly clock: Clock;
  readonly events: Events;
  readonly lineage: LineageLog;
}

export type DataQuality = ReturnType<typeof createDataQuality>;

/**
 * The verbs of data quality. What is found out about a content is a fact, stored under its digest and computed once.
 * Rows and schemas live in commits: this part reads files of commits and makes new commits, and moves nothing else.
 */
export function createDataQuality(options: DataQualityOptions) {
  const { data, tables, database, clock, events, lineage } = options;
  const store = new QualityStore(database);
  const opener = new TableOpener(data, tables);
  const maker = new CommitMaker({ data, opener, database, store, clock, scratchFolder: tables.scratchFolder });
  const validation = createValidation({ tables, opener, database, store, clock, events });
  const making = createMaking({ data, tables, opener, maker, validation, events, lineage });

  async function profile(place: TablePlace): Promise<TableProfile> {
    return opener.withTable(place, async (table) => profileOf(table, place));
  }

  async function profileOf(table: OpenTable, place: TablePlace): Promise<TableProfile> {
    const known = await store.findFact(table.content, 'profile');
    if (known !== undefined) return { ...(JSON.parse(known) as TableProfile), path: place.path };
    const startedMs = performance.now();
    const found = await profileTable(table);
    const { object, sizeBytes } = table.file;
    const fact: TableProfile = {
      object,
      path: place.path,
      format: table.format,
      sizeBytes,
      ...found,
      profiledAtMs: clock.now(),
      tookMs: Math.round((performance.now() - startedMs) * 10) / 10,
    };
    await database.transaction(async (tx) => {
      const added = await store.addFact(tx, table.content, 'profile', JSON.stringify(fact), clock.now());
      if (!added) return;
      const subject = commitRef(place.repository, table.file.commit);
      const payload = { path: place.path, rows: fact.rows, object };
      await events.publish(tx, { topic: 'data.table.profiled', subject, payload });
    });
    return fact;
  }

  async function infer(
    place: TablePlace,
    wish: { readonly name?: string; readonly times?: readonly KnownTimes[] },
  ): Promise<DataSchema> {
    const { path } = place;
    return opener.withTable(place, async (table) => {
      for (const { column } of wish.times ?? []) columnOf(table, path, column);
      const known = await profileOf(table, place);
      const commit = commitRef(place.repository, table.file.commit);
      const name = wish.name ?? nameFrom(path);
      const schema = await inferSchema(table, known, { name, commit, path, times: wish.times ?? [] });
      await assertSchema(schema, table.session);
      return schema;
    });
  }

  async function putSchema(
    request: {
      readonly repository: string;
      readonly name: string;
      readonly schema: DataSchema;
      readonly branch: string;
      readonly message?: string;
      readonly expectedHead?: string;
      readonly idempotencyKey?: string;
    },
    actor: string,
  ): Promise<StoredSchema> {
    const { repository, name, branch, expectedHead, idempotencyKey } = request;
    const path = schemaPathOf(name);
    const schema: DataSchema = { ...request.schema, name };
    await tables.session((session) => assertSchema(schema, session));
    const commit = await maker.withFolder(async (folder) => {
      const file = join(folder, `${name}.json`);
      await writeFile(file, schemaText(schema));
      const { object } = await data.putLocalFile(repository, file);
      const message = request.message ?? `Schema ${name}`;
      const wanted = { repository, branch, message, changes: [{ path, object }] };
      return maker.commit(
        { ...wanted, ...(expectedHead ? { expectedHead } : {}), ...(idempotencyKey ? { idempotencyKey } : {}) },
        actor,
      );
    });
    return { schema, path, digest: schemaDigest(schema), commit: commit.id };
  }

  return {
    profile,
    inferSchema: infer,
    putSchema,
    getSchema: (of: { readonly repository: string; readonly ref: string; readonly name: string }) =>
      readSchema(opener, { repository: of.repository, ref: of.ref, path: schemaPathOf(of.name) }),
    validate: validation.validate,
    quarantine: making.quarantine,
    splitByTime: making.splitByTime,
    sampleRows: (
      place: TablePlace,
      query: { readonly offset: number; readonly limit: number; readonly where?: string },
    ): Promise<RowPage> => opener.withTable(place, (table) => readRows(table, query)),
  };
}

function commitRef(repository: string, commit: string): string {
  return ref('commit', `${repository}/${commit}`);
}

/** A schema's name from the path of its table: `raw/flights 2001.parquet` gives `flights-2001`. */
function nameFrom(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1).replace(/\.[A-Za-z0-9]+$/, '');
  const name = file.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return name.slice(0, 128) || 'table';
}
