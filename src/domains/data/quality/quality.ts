import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  Commit,
  CommittedTable,
  DataSchema,
  QuarantineResult,
  RowPage,
  SplitResult,
  StoredSchema,
  TableProfile,
  ValidationReport,
} from '#contract';
import { digestOf } from '#platform/digest';
import type { Events } from '#platform/events';
import { type Clock, isTrimtabError, type Json, ref } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import type { Tables } from '#platform/table';
import type { LineageLog } from '../ports.ts';
import { type CheckedTable, checkTable } from './checking.ts';
import { qualityErrors } from './errors.ts';
import { inferSchema, type KnownTimes } from './inferring.ts';
import { columnOf, type OpenTable, TableOpener, type TablePlace } from './open-table.ts';
import type { DataFiles } from './ports.ts';
import { profileTable } from './profiling.ts';
import { writeApart } from './quarantining.ts';
import { readRows } from './rows.ts';
import { assertSchema, readSchema, schemaDigest, schemaPathOf, schemaText } from './schema-files.ts';
import { type SplitChoice, writeParts } from './splitting.ts';
import { QualityStore } from './store/quality-store.ts';

export interface DataQualityOptions {
  readonly data: DataFiles;
  readonly tables: Tables;
  readonly database: Database;
  readonly clock: Clock;
  readonly events: Events;
  readonly lineage: LineageLog;
}

/** A schema given as such, or by its path at the same ref. */
export interface SchemaChoice {
  readonly schema?: DataSchema;
  readonly schemaPath?: string;
}

export interface QuarantineRequest extends TablePlace, SchemaChoice {
  readonly branch: string;
  readonly cleanPath?: string;
  readonly quarantinePath?: string;
  readonly quarantineBranch?: string;
  readonly idempotencyKey?: string;
}

export interface SplitRequest extends TablePlace, SplitChoice {
  readonly branch: string;
  readonly outPrefix: string;
  readonly message?: string;
  readonly idempotencyKey?: string;
}

const COMMIT_ATTEMPTS = 5;

export type DataQuality = ReturnType<typeof createDataQuality>;

/**
 * The verbs of data quality. What is found out about a content is a fact, stored under its digest and computed once.
 * Rows and schemas live in commits: this part reads files of commits and makes new commits, and moves nothing else.
 */
export function createDataQuality(options: DataQualityOptions) {
  const { data, tables, database, clock, events, lineage } = options;
  const store = new QualityStore(database);
  const opener = new TableOpener(data, tables);

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
      ...{ object, path: place.path, format: table.format, sizeBytes, ...found },
      ...{ profiledAtMs: clock.now(), tookMs: rounded(performance.now() - startedMs) },
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
    const commit = await withFolder(async (folder) => {
      const file = join(folder, `${name}.json`);
      await writeFile(file, schemaText(schema));
      const { object } = await data.putLocalFile(repository, file);
      const message = request.message ?? `Schema ${name}`;
      const wanted = { repository, branch, message, changes: [{ path, object }] };
      return commitPatiently(
        { ...wanted, ...(expectedHead ? { expectedHead } : {}), ...(idempotencyKey ? { idempotencyKey } : {}) },
        actor,
      );
    });
    return { schema, path, digest: schemaDigest(schema), commit: commit.id };
  }

  /** The schema a request means, checked. */
  async function chosenSchema(place: TablePlace, choice: SchemaChoice): Promise<DataSchema> {
    const { schema, schemaPath } = choice;
    if ((schema === undefined) === (schemaPath === undefined)) {
      const problem = schema === undefined ? 'No schema is named' : 'Two schemas are named';
      throw qualityErrors.DATA_QUALITY_SCHEMA_MISSING({ problem });
    }
    const chosen = schema ?? (await readSchema(opener, { ...place, path: schemaPath ?? '' })).schema;
    await tables.session((session) => assertSchema(chosen, session));
    return chosen;
  }

  async function validate(place: TablePlace, choice: SchemaChoice): Promise<ValidationReport> {
    const schema = await chosenSchema(place, choice);
    const subject = `validation/${schemaDigest(schema)}`;
    return opener.withTable(
      place,
      async (table) => {
        const known = await store.findFact(table.content, subject);
        if (known !== undefined) return { ...(JSON.parse(known) as ValidationReport), path: place.path };
        return (await check(table, place, schema)).report;
      },
      schema,
    );
  }

  /** Checks a table and stores the report as a fact. */
  async function check(
    table: OpenTable,
    place: TablePlace,
    schema: DataSchema,
  ): Promise<{ readonly checked: CheckedTable; readonly report: ValidationReport }> {
    const startedMs = performance.now();
    const checked = await checkTable(table, schema);
    const { rules, passed, failedRows, warnedRows } = checked;
    const digest = schemaDigest(schema);
    const report: ValidationReport = {
      ...{ object: table.file.object, path: place.path, schema: schema.name, schemaDigest: digest },
      ...{ rows: table.rowCount, failedRows, warnedRows, passed, rules: [...rules] },
      ...{ validatedAtMs: clock.now(), tookMs: rounded(performance.now() - startedMs) },
    };
    await database.transaction(async (tx) => {
      const fact = JSON.stringify(report);
      if (!(await store.addFact(tx, table.content, `validation/${digest}`, fact, clock.now()))) return;
      const failed = rules.filter((rule) => !rule.passed).map(({ rule }) => rule);
      const payload = { path: place.path, schema: schema.name, passed, rows: table.rowCount, failedRows, failed };
      await events.publish(tx, {
        topic: 'data.table.validated',
        subject: commitRef(place.repository, table.file.commit),
        payload,
      });
    });
    return { checked, report };
  }

  async function quarantine(request: QuarantineRequest, actor: string): Promise<QuarantineResult> {
    const { repository, branch, path, idempotencyKey: key } = request;
    const stem = path.replace(/\.[A-Za-z0-9]+$/, '');
    const cleanPath = parquetPath('cleanPath', request.cleanPath ?? `clean/${stem}.parquet`);
    const quarantinePath = parquetPath('quarantinePath', request.quarantinePath ?? `quarantine/${stem}.parquet`);
    return once<QuarantineResult>(request, { path, actor }, async (place, finish) => {
      const schema = await chosenSchema(place, request);
      const work = async (table: OpenTable, folder: string) => {
        const { checked, report } = await check(table, place, schema);
        const { clean, failed } = await writeApart(table, checked, { folder, path });
        const source = commitRef(repository, table.file.commit);
        const keep = async (
          part: { readonly file: string | undefined; readonly rows: number },
          to: { readonly branch: string; readonly path: string; readonly message: string; readonly suffix: string },
        ): Promise<CommittedTable | null> => {
          if (part.rows === 0) return null;
          const stored = part.file === undefined ? table.file : await data.putLocalFile(repository, part.file);
          const { object, sizeBytes } = stored;
          const meta = { source, sourcePath: path, schema: schema.name, schemaDigest: report.schemaDigest };
          const commit = await commitPatiently(
            {
              ...{ repository, branch: to.branch, message: to.message, changes: [{ path: to.path, object }], meta },
              ...(key === undefined ? {} : { idempotencyKey: `${key}/${to.suffix}` }),
            },
            actor,
          );
          return { commit: commit.id, ref: commit.ref, branch: to.branch, path: to.path, rows: part.rows, sizeBytes };
        };
        const named = `${path} by schema ${schema.name}`;
        const quarantined = await keep(failed, {
          branch: request.quarantineBranch ?? branch,
          path: quarantinePath,
          message: `Quarantine ${failed.rows} of ${report.rows} rows of ${named}`,
          suffix: 'quarantine',
        });
        const cleaned = await keep(clean, {
          ...{ branch, path: cleanPath, suffix: 'clean' },
          message: `Keep ${clean.rows} of ${report.rows} rows of ${named}`,
        });
        const result: QuarantineResult = { report, source, clean: cleaned, quarantine: quarantined };
        await finish(result, async (tx) => {
          if (cleaned) await link(tx, source, cleaned.ref, 'cleaned');
          if (quarantined) await link(tx, source, quarantined.ref, 'quarantined');
          const payload = { path, clean: cleaned?.rows ?? 0, quarantined: quarantined?.rows ?? 0 };
          await events.publish(tx, { topic: 'data.table.quarantined', subject: source, payload });
        });
        return result;
      };
      return opener.withTable(place, (table) => withFolder((folder) => work(table, folder)), schema);
    });
  }

  async function splitByTime(request: SplitRequest, actor: string): Promise<SplitResult> {
    const { repository, branch, path, timeColumn, idempotencyKey: key } = request;
    if ((request.boundaries === undefined) === (request.shares === undefined)) {
      const problem = request.shares
        ? 'both boundaries and shares are given'
        : 'neither boundaries nor shares are given';
      throw qualityErrors.DATA_QUALITY_SPLIT_INVALID({ problem });
    }
    const prefix = request.outPrefix.replace(/\/+$/, '');
    return once<SplitResult>(request, { path, actor }, async (place, finish) => {
      const work = async (table: OpenTable, folder: string) => {
        const { parts: written, ...boundaries } = await writeParts(table, tables, request, { folder, path });
        const source = commitRef(repository, table.file.commit);
        const parts: SplitResult['parts'] = [];
        const changes: { path: string; object: string }[] = [];
        for (const { file, ...part } of written) {
          const { object, sizeBytes } = await data.putLocalFile(repository, file);
          const target = `${prefix}/${part.name}.parquet`;
          changes.push({ path: target, object });
          parts.push({ ...part, path: target, sizeBytes });
        }
        const message = request.message ?? `Split ${path} by ${timeColumn} into train, validation and test`;
        const meta = { source, sourcePath: path, timeColumn, ...boundaries };
        const commit = await commitPatiently(
          {
            ...{ repository, branch, message, changes, meta },
            ...(key === undefined ? {} : { idempotencyKey: `${key}/split` }),
          },
          actor,
        );
        const result: SplitResult = { source, commit: commit.id, ref: commit.ref, timeColumn, ...boundaries, parts };
        await finish(result, async (tx) => {
          await link(tx, source, commit.ref, 'split');
          const payload = { path, rows: Object.fromEntries(parts.map(({ name, rows }) => [name, rows])) };
          await events.publish(tx, { topic: 'data.table.split', subject: commit.ref, payload });
        });
        return result;
      };
      return opener.withTable(place, (table) => withFolder((folder) => work(table, folder)));
    });
  }

  /**
   * Runs a request that makes commits. Under a key it is run once: the commit its ref means is noted before anything is
   * done, so that a repetition after a crash works on the same rows and meets the commits of the first attempt.
   */
  async function once<Result>(
    request: TablePlace & { readonly idempotencyKey?: string },
    by: { readonly path: string; readonly actor: string },
    work: (
      place: TablePlace,
      finish: (result: Result, also: (tx: Sql) => Promise<void>) => Promise<void>,
    ) => Promise<Result>,
  ): Promise<Result> {
    const { repository, ref: asked, path, idempotencyKey: key } = request;
    if (key === undefined) {
      return work({ repository, ref: asked, path }, (_, also) => database.transaction(also));
    }
    const digest = digestOf({ ...(request as unknown as Record<string, Json>), actor: by.actor });
    let begun = await store.findRequest(repository, key);
    if (!begun) {
      const sourceCommit = await opener.withFile(request, async (file) => file.commit);
      await store.beginRequest(repository, key, { request: digest, sourceCommit }, clock.now());
      begun = await store.findRequest(repository, key);
    }
    if (!begun || begun.request !== digest) throw qualityErrors.DATA_QUALITY_KEY_REUSED({ key });
    if (begun.answer !== null) return JSON.parse(begun.answer) as Result;
    return work({ repository, ref: begun.sourceCommit, path }, (result, also) =>
      database.transaction(async (tx) => {
        await also(tx);
        await store.finishRequest(tx, repository, key, JSON.stringify(result));
      }),
    );
  }

  /** Adds new files to a branch wherever it is by now; who named the head he expects is told when it moved. */
  async function commitPatiently(request: Parameters<DataFiles['commit']>[0], actor: string): Promise<Commit> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await data.commit(request, actor);
      } catch (error) {
        const moved = isTrimtabError(error, 'DATA_BRANCH_MOVED') && request.expectedHead === undefined;
        if (!moved || attempt === COMMIT_ATTEMPTS) throw error;
      }
    }
  }

  async function link(tx: Sql, from: string, to: string, relation: string): Promise<void> {
    // A commit that changed nothing is the source itself.
    if (from !== to) await lineage.link(tx, { from, to, relation });
  }

  async function withFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
    await mkdir(tables.scratchFolder, { recursive: true });
    const folder = await mkdtemp(join(tables.scratchFolder, 'quality-'));
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  return {
    profile,
    inferSchema: infer,
    putSchema,
    getSchema: (place: { readonly repository: string; readonly ref: string; readonly name: string }) =>
      readSchema(opener, { repository: place.repository, ref: place.ref, path: schemaPathOf(place.name) }),
    validate,
    quarantine,
    splitByTime,
    sampleRows: (
      place: TablePlace,
      query: { readonly offset: number; readonly limit: number; readonly where?: string },
    ): Promise<RowPage> => opener.withTable(place, (table) => readRows(table, query)),
  };
}

function commitRef(repository: string, commit: string): string {
  return ref('commit', `${repository}/${commit}`);
}

function parquetPath(field: string, path: string): string {
  if (path.endsWith('.parquet')) return path;
  throw qualityErrors.DATA_QUALITY_PATH_INVALID({ field, path });
}

/** A schema's name from the path of its table: `raw/flights 2001.parquet` gives `flights-2001`. */
function nameFrom(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1).replace(/\.[A-Za-z0-9]+$/, '');
  const name = file.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return name.slice(0, 128) || 'table';
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
