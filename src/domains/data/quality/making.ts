import type { CommittedTable, QuarantineResult, SplitResult } from '#contract';
import type { Events } from '#platform/events';
import { ref } from '#platform/kernel';
import type { Sql } from '#platform/sql';
import type { Tables } from '#platform/table';
import type { LineageLog } from '../ports.ts';
import type { CommitMaker, Finish, MakingRequest } from './commit-maker.ts';
import { qualityErrors } from './errors.ts';
import type { OpenTable, TableOpener, TablePlace } from './open-table.ts';
import type { DataFiles } from './ports.ts';
import { type WrittenRows, writeApart } from './quarantining.ts';
import { type SplitChoice, writeParts } from './splitting.ts';
import type { SchemaChoice, Validation } from './validation.ts';

export interface QuarantineRequest extends MakingRequest, SchemaChoice {
  readonly branch: string;
  readonly cleanPath?: string;
  readonly quarantinePath?: string;
  readonly quarantineBranch?: string;
}

export interface SplitRequest extends MakingRequest, SplitChoice {
  readonly branch: string;
  readonly outPrefix: string;
  readonly message?: string;
}

/** The verbs that make commits from tables: quarantine, and split by time. */
export function createMaking(options: {
  readonly data: DataFiles;
  readonly tables: Tables;
  readonly opener: TableOpener;
  readonly maker: CommitMaker;
  readonly validation: Validation;
  readonly events: Events;
  readonly lineage: LineageLog;
}) {
  const { data, tables, opener, maker, validation, events, lineage } = options;

  async function quarantine(request: QuarantineRequest, actor: string): Promise<QuarantineResult> {
    const stem = request.path.replace(/\.[A-Za-z0-9]+$/, '');
    const paths = {
      clean: parquetPath('cleanPath', request.cleanPath ?? `clean/${stem}.parquet`),
      failed: parquetPath('quarantinePath', request.quarantinePath ?? `quarantine/${stem}.parquet`),
    };
    return maker.once<QuarantineResult>(request, actor, async (place, finish) => {
      const schema = await validation.chosenSchema(place, request);
      return opener.withTable(
        place,
        (table) =>
          maker.withFolder(async (folder) => {
            const { checked, report } = await validation.check(table, place, schema);
            const written = await writeApart(table, checked, { folder, path: place.path });
            const named = `of ${report.rows} rows of ${place.path} by schema ${schema.name}`;
            const source = refOf(place.repository, table.file.commit);
            const meta = { source, sourcePath: place.path, schema: schema.name, schemaDigest: report.schemaDigest };
            const keep = (part: 'clean' | 'failed', branch: string, message: string) =>
              keepRows(table, request, written[part], { branch, path: paths[part], message, meta, actor, part });
            // What fails is put away before the rest is called clean.
            const { failed } = written;
            const branch = request.quarantineBranch ?? request.branch;
            const quarantined = await keep('failed', branch, `Quarantine ${failed.rows} ${named}`);
            const clean = await keep('clean', request.branch, `Keep ${written.clean.rows} ${named}`);
            const result: QuarantineResult = { report, source, clean, quarantine: quarantined };
            await finish(result, (tx) => noteQuarantine(tx, place, result));
            return result;
          }),
        schema,
      );
    });
  }

  async function keepRows(
    table: OpenTable,
    request: QuarantineRequest,
    rows: WrittenRows,
    to: {
      readonly branch: string;
      readonly path: string;
      readonly message: string;
      readonly meta: Record<string, unknown>;
      readonly actor: string;
      readonly part: string;
    },
  ): Promise<CommittedTable | null> {
    if (rows.rows === 0) return null;
    const { repository, idempotencyKey: key } = request;
    const { branch, path, message, meta, actor } = to;
    const { object, sizeBytes } = rows.file === undefined ? table.file : await data.putLocalFile(repository, rows.file);
    const keyed = key === undefined ? {} : { idempotencyKey: `${key}/${to.part}` };
    const changes = [{ path, object }];
    const commit = await maker.commit({ repository, branch, message, changes, meta, ...keyed }, actor);
    return { commit: commit.id, ref: commit.ref, branch, path, rows: rows.rows, sizeBytes };
  }

  async function noteQuarantine(tx: Sql, place: TablePlace, result: QuarantineResult): Promise<void> {
    const { source, clean, quarantine: failed } = result;
    if (clean) await link(tx, source, clean.ref, 'cleaned');
    if (failed) await link(tx, source, failed.ref, 'quarantined');
    const payload = { path: place.path, clean: clean?.rows ?? 0, quarantined: failed?.rows ?? 0 };
    await events.publish(tx, { topic: 'data.table.quarantined', subject: source, payload });
  }

  async function splitByTime(request: SplitRequest, actor: string): Promise<SplitResult> {
    if ((request.boundaries === undefined) === (request.shares === undefined)) {
      const problem = request.shares ? 'both boundaries and shares are given' : 'it is not said where';
      throw qualityErrors.DATA_QUALITY_SPLIT_INVALID({ problem });
    }
    return maker.once<SplitResult>(request, actor, (place, finish) =>
      opener.withTable(place, (table) =>
        maker.withFolder((folder) => splitTable(table, { request, place, actor, folder, finish })),
      ),
    );
  }

  async function splitTable(
    table: OpenTable,
    of: {
      readonly request: SplitRequest;
      readonly place: TablePlace;
      readonly actor: string;
      readonly folder: string;
      readonly finish: Finish<SplitResult>;
    },
  ): Promise<SplitResult> {
    const { request, place, actor, folder, finish } = of;
    const { repository, path } = place;
    const { branch, timeColumn, idempotencyKey: key } = request;
    const prefix = request.outPrefix.replace(/\/+$/, '');
    const { parts: written, ...boundaries } = await writeParts(table, tables, request, { folder, path });
    const parts: SplitResult['parts'] = [];
    const changes: { path: string; object: string }[] = [];
    for (const { file, ...part } of written) {
      const { object, sizeBytes } = await data.putLocalFile(repository, file);
      const target = `${prefix}/${part.name}.parquet`;
      changes.push({ path: target, object });
      parts.push({ ...part, path: target, sizeBytes });
    }
    const source = refOf(repository, table.file.commit);
    const message = request.message ?? `Split ${path} by ${timeColumn} into train, validation and test`;
    const meta = { source, sourcePath: path, timeColumn, ...boundaries };
    const keyed = key === undefined ? {} : { idempotencyKey: `${key}/split` };
    const commit = await maker.commit({ repository, branch, message, changes, meta, ...keyed }, actor);
    const result: SplitResult = { source, commit: commit.id, ref: commit.ref, timeColumn, ...boundaries, parts };
    await finish(result, async (tx) => {
      await link(tx, source, commit.ref, 'split');
      const payload = { path, rows: Object.fromEntries(parts.map(({ name, rows }) => [name, rows])) };
      await events.publish(tx, { topic: 'data.table.split', subject: commit.ref, payload });
    });
    return result;
  }

  async function link(tx: Sql, from: string, to: string, relation: string): Promise<void> {
    // A commit that changed no file is the source itself.
    if (from !== to) await lineage.link(tx, { from, to, relation });
  }

  return { quarantine, splitByTime };
}

function refOf(repository: string, commit: string): string {
  return ref('commit', `${repository}/${commit}`);
}

function parquetPath(field: string, path: string): string {
  if (path.endsWith('.parquet')) return path;
  throw qualityErrors.DATA_QUALITY_PATH_INVALID({ field, path });
}
