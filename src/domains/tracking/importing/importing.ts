import type { Events } from '#platform/events';
import { type Clock, ref } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { belowUri } from '../core/artifact-uri.ts';
import {
  assertKey,
  assertRunId,
  assertText,
  assertTexts,
  assertTitle,
  MAX_EXPERIMENT_NAME,
  MAX_EXPERIMENT_TAG,
} from '../core/checks.ts';
import { DESCRIPTION_TAG, partTags } from '../core/mirrored-tags.ts';
import { trackingErrors } from '../errors.ts';
import { placeOf } from '../experiments.ts';
import type { LoggedModel } from '../logged-models/model.ts';
import { insertLoggedModel, writeModelMetrics, writeModelParams, writeModelTags } from '../logged-models/store.ts';
import type { DatasetInput, LoggedMetric, Run, RunLifecycle, Texts } from '../model.ts';
import type { LineageLog } from '../ports.ts';
import { assertDatasets, RunLinks } from '../run-links.ts';
import { writeDatasets, writeModelLinks } from '../store/dataset-store.ts';
import {
  type ExperimentKey,
  findExperimentHead,
  holdExperiments,
  insertExperiment,
  updateExperimentRow,
  writeExperimentTags,
} from '../store/experiment-store.ts';
import { writeMetrics } from '../store/metric-store.ts';
import { insertRuns, insertTexts } from '../store/run-store.ts';
import type { TrackingTables } from '../store/schema.ts';

/** Marks a run of which everything is imported, with where it came from. */
const IMPORTED_TAG = 'trimtab.importedFrom';

interface ImportingOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly events: Events;
  readonly lineage: LineageLog;
  readonly artifactRoot: string;
}

export interface ImportedExperiment {
  readonly name: string;
  readonly lifecycle: RunLifecycle;
  readonly createdAtMs?: number;
  readonly artifactLocation?: string;
  readonly tags: Texts;
}

type ImportedRun = Pick<
  Run,
  'id' | 'name' | 'userId' | 'status' | 'lifecycle' | 'startedAtMs' | 'endedAtMs' | 'params' | 'tags'
> &
  Pick<Run, 'datasets' | 'modelInputs' | 'modelOutputs'> & { readonly artifactUri?: string };

export interface RunImport {
  readonly experiment: number;
  /** Where they come from, for people. */
  readonly source: string;
  readonly runs: readonly ImportedRun[];
  readonly series: readonly { readonly run: string; readonly metrics: readonly LoggedMetric[] }[];
  /** Runs of which all is imported with this. */
  readonly complete: readonly string[];
}

export type ImportedLoggedModel = Omit<
  LoggedModel,
  'experiment' | 'experimentId' | 'lifecycle' | 'createdBy' | 'artifactUri'
> & { readonly experimentId: number; readonly artifactUri?: string };

const IDS_A_QUERY = 500;

/** Takes over what another server keeps, with its ids and times. Everything may be told again, which changes nothing. */
export function createImporting({ database, clock, events, lineage, artifactRoot }: ImportingOptions) {
  const links = new RunLinks(lineage);

  async function importExperiment(experiment: ImportedExperiment, actor: string) {
    const { name, lifecycle } = experiment;
    assertTitle('name of an experiment', name, MAX_EXPERIMENT_NAME);
    const tags = new Map(experiment.tags);
    const description = tags.get(DESCRIPTION_TAG) ?? null;
    tags.delete(DESCRIPTION_TAG);
    for (const [key, value] of tags) {
      assertKey('key of a tag', key);
      assertText(`tags.${key}`, value, MAX_EXPERIMENT_TAG);
    }
    const artifactLocation = experiment.artifactLocation && placeOf(experiment.artifactLocation);
    return database.transaction(async (tx) => {
      const nowMs = experiment.createdAtMs ?? clock.now();
      const row = { name, description, artifactLocation: artifactLocation || undefined, artifactRoot, nowMs, actor };
      const made = await insertExperiment(tx, row);
      if (made !== undefined) {
        await writeExperimentTags(tx, made, tags);
        if (lifecycle === 'deleted') {
          await updateExperimentRow(tx, made, { lifecycle, deleted_at: clock.now() });
        }
        const subject = ref('experiment', String(made));
        await events.publish(tx, { topic: 'tracking.experiment.created', subject, payload: { name } });
      }
      const found = await findExperimentHead(tx, { name }, artifactRoot);
      if (!found) throw trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment: name });
      return found;
    });
  }

  async function importRuns(batch: RunImport, actor: string): Promise<number> {
    for (const run of batch.runs) checkRun(run);
    for (const { metrics } of batch.series) {
      for (const key of new Set(metrics.map((metric) => metric.key))) assertKey('key of a metric', key);
    }
    return database.transaction(async (tx) => {
      const place = await hold(tx, { id: batch.experiment });
      const known = await experimentsOfRuns(tx, [
        ...batch.runs.map(({ id }) => id),
        ...batch.series.map(({ run }) => run),
        ...batch.complete,
      ]);
      const fresh = batch.runs.filter(({ id }) => !known.has(id)).map((run) => toRun(run, place, actor));
      await insertRuns(tx, fresh);
      await insertTexts(tx, 'tracking_param', fresh, (run) => run.params);
      await insertTexts(tx, 'tracking_tag', fresh, (run) => run.tags);
      for (const run of fresh) await writeLinks(tx, run, place.id);
      for (const { id } of fresh) known.set(id, place.id);
      const missing = [...batch.series.map(({ run }) => run), ...batch.complete].find((id) => !known.has(id));
      if (missing !== undefined) throw trackingErrors.TRACKING_RUN_NOT_FOUND({ run: missing });
      const nowMs = clock.now();
      await writeMetrics(
        tx,
        batch.series.map(({ run, metrics }) => ({ run, nowMs, metrics })),
      );
      await markComplete(tx, batch.complete, batch.source);
      await touchRuns(tx, [...new Set([...batch.series.map(({ run }) => run), ...batch.complete])], nowMs);
      const subject = ref('experiment', String(place.id));
      await events.publish(tx, { topic: 'tracking.experiment.changed', subject, payload: { name: place.name } });
      return fresh.length;
    });
  }

  async function hold(tx: Sql, key: ExperimentKey & { readonly id: number }) {
    const [place] = await holdExperiments(tx, [key], artifactRoot);
    if (place) return place;
    throw trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment: `#${key.id}` });
  }

  async function writeLinks(tx: Sql, run: Run, experiment: number): Promise<void> {
    await writeDatasets(tx, { run: run.id, experiment }, run.datasets);
    await writeModelLinks(tx, run.id, { inputs: run.modelInputs, outputs: run.modelOutputs });
    if (run.codeCommit) await links.linkCode(tx, run.id, run.codeCommit);
  }

  return {
    importExperiment,
    /** @returns how many runs were not known before */
    importRuns,

    /** Which of some runs were imported whole. */
    async importedRuns(ids: readonly string[]): Promise<readonly string[]> {
      if (ids.length === 0) return [];
      const rows = await database
        .tables<TrackingTables>()
        .selectFrom('tracking_tag')
        .select('run')
        .where('run', 'in', ids)
        .where('key', '=', IMPORTED_TAG)
        .execute();
      return rows.map(({ run }) => run);
    },

    /** @returns how many models were not known before */
    async importLoggedModel(model: ImportedLoggedModel, actor: string): Promise<number> {
      const { experimentId, artifactUri, params, tags, metrics, ...rest } = model;
      return database.transaction(async (tx) => {
        const place = await hold(tx, { id: experimentId });
        const head = {
          ...rest,
          experiment: place.name,
          experimentId: String(place.id),
          lifecycle: 'active' as const,
          createdBy: actor,
          artifactUri: artifactUri ?? belowUri(place.artifactLocation, 'models', model.id, 'artifacts'),
        };
        if (!(await insertLoggedModel(tx, head))) return 0;
        await writeModelParams(tx, model.id, params);
        await writeModelTags(tx, model.id, tags);
        await writeModelMetrics(
          tx,
          metrics.map(({ datasetName, datasetDigest, ...metric }) => ({
            ...metric,
            model: model.id,
            ...(datasetName === null ? {} : { dataset: { name: datasetName, digest: datasetDigest ?? '' } }),
          })),
        );
        return 1;
      });
    },
  };
}

export type Importing = ReturnType<typeof createImporting>;

function checkRun(run: ImportedRun): void {
  assertRunId(run.id);
  assertTexts('param', run.params);
  assertTexts('tag', run.tags);
  assertDatasets(run.datasets);
}

function toRun(
  run: ImportedRun,
  place: { readonly id: number; readonly name: string; readonly artifactLocation: string },
  actor: string,
): Run {
  const { kept: tags, properties } = partTags(run.tags);
  const { datasets, modelInputs, modelOutputs, params } = run;
  return {
    id: run.id,
    experiment: place.name,
    experimentId: String(place.id),
    name: run.name || properties.name || run.id.slice(0, 8),
    status: run.status,
    lifecycle: run.lifecycle,
    parent: properties.parent ?? null,
    createdBy: actor,
    userId: run.userId,
    codeCommit: properties.codeCommit ?? null,
    artifactUri: run.artifactUri ?? belowUri(place.artifactLocation, run.id, 'artifacts'),
    startedAtMs: run.startedAtMs,
    endedAtMs: run.endedAtMs,
    changedAtMs: run.endedAtMs ?? run.startedAtMs,
    ...{ params, tags, datasets, modelInputs, modelOutputs, metrics: [], inputs: [] },
  };
}

/** The experiment of each run that exists. */
async function experimentsOfRuns(tx: Sql, ids: readonly string[]): Promise<Map<string, number>> {
  const wanted = [...new Set(ids)];
  const found = new Map<string, number>();
  for (let start = 0; start < wanted.length; start += IDS_A_QUERY) {
    const rows = await tx
      .tables<TrackingTables>()
      .selectFrom('tracking_run')
      .select(['id', 'experiment'])
      .where('id', 'in', wanted.slice(start, start + IDS_A_QUERY))
      .execute();
    for (const { id, experiment } of rows) found.set(id, experiment);
  }
  return found;
}

async function markComplete(tx: Sql, runs: readonly string[], source: string): Promise<void> {
  const rows = runs.map((run) => [run, IMPORTED_TAG, source]);
  await tx.insertRows('tracking_tag', ['run', 'key', 'value'], rows, { onConflict: 'ignore' });
}

/** What hangs on these runs changed; deleted ones too, which are imported as they were. */
async function touchRuns(tx: Sql, runs: readonly string[], nowMs: number): Promise<void> {
  for (let start = 0; start < runs.length; start += IDS_A_QUERY) {
    await tx
      .tables<TrackingTables>()
      .updateTable('tracking_run')
      .set({ changed_at: nowMs })
      .where('id', 'in', runs.slice(start, start + IDS_A_QUERY))
      .execute();
  }
}

/** A data set with the tags of its use. */
export function datasetInput(given: DatasetInput['dataset'] & { readonly tags: Readonly<Record<string, string>> }) {
  const { tags, ...dataset } = given;
  return { dataset, tags: new Map(Object.entries(tags)) };
}
