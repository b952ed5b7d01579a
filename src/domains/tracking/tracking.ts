import type { BlobStore } from '#platform/blob';
import type { Events } from '#platform/events';
import type { Clock, Rng } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import type { Tables } from '#platform/table';
import { createArtifactSpace } from './artifacts/artifact-space.ts';
import { type Artifacts, createArtifacts } from './artifacts/artifacts.ts';
import { type Browsing, createBrowsing } from './artifacts/browsing.ts';
import { createTablePreview } from './artifacts/table-preview.ts';
import { BatchWriter, touchRun } from './batch-writer.ts';
import { assertKey, assertText, assertTexts, assertTitle, MAX_CODE_COMMIT } from './core/checks.ts';
import { compareRuns, type RunComparison } from './core/comparison.ts';
import { MIRRORED_TAGS } from './core/mirrored-tags.ts';
import { trackingErrors } from './errors.ts';
import { createExperiments, placeOf } from './experiments.ts';
import type { Batch, DatasetInput, Run, RunInput, RunLifecycle, RunState, Texts } from './model.ts';
import { createOrganizing, type Organizing } from './organizing.ts';
import type { Dependents, ForeignFiles, LineageLog, PointerLog } from './ports.ts';
import { type NewRunRequest, RunCreation } from './run-creation.ts';
import { assertDatasets, assertInputs, RunLinks } from './run-links.ts';
import { RunNews } from './run-news.ts';
import { Sealing } from './sealing.ts';
import type { RunFormat } from './search/run-documents.ts';
import {
  createRunSearch,
  type RunDocumentsPage,
  type RunDocumentsRequest,
  type RunPage,
  type RunSearchRequest,
} from './search/run-search.ts';
import { createRunTables, type RunTables } from './search/run-tables.ts';
import { type ModelLinks, writeDatasets, writeModelLinks } from './store/dataset-store.ts';
import { findExperimentId, readColumns } from './store/experiment-store.ts';
import { ALL_COLUMNS, deleteTag, findRunRow, readRuns, updateRunRow } from './store/run-store.ts';

interface TrackingOptions {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: Events;
  readonly lineage: LineageLog;
  readonly pointerLog: PointerLog;
  /** What elsewhere needs runs and logged models; nothing if left out. */
  readonly dependents?: Dependents;
  /** Where experiments keep files unless told otherwise; a path or a URI, this server's own if left out. */
  readonly artifactRoot?: string;
  /** Looks into tables; files are not shown as tables if left out. */
  readonly tables?: Tables;
  /** Files that lie elsewhere; none if left out. */
  readonly foreignFiles?: ForeignFiles;
}

interface RunChangeRequest {
  readonly status?: RunState;
  readonly endedAtMs?: number;
  readonly name?: string;
  readonly tags?: Texts;
  readonly codeCommit?: string;
}

type Experiments = ReturnType<typeof createExperiments>;

export interface Tracking extends Experiments, RunTables, Organizing, Artifacts, Browsing {
  /** Every key that active runs of the experiment have, with how many have it. */
  listColumns(name: string): ReturnType<typeof readColumns>;
  /** With an id given by the caller the same request again answers the run that exists. */
  createRun(request: NewRunRequest, actor: string): Promise<Run>;
  getRun(id: string): Promise<Run>;
  searchRuns(request: RunSearchRequest): Promise<RunPage>;
  /** Runs as a protocol writes them. What it wrote is remembered as long as a run does not change. */
  searchRunDocuments(request: RunDocumentsRequest, format: RunFormat): Promise<RunDocumentsPage>;
  compareRuns(ids: readonly string[]): Promise<RunComparison>;
  updateRun(id: string, change: RunChangeRequest): Promise<Run>;
  deleteRun(id: string): Promise<Run>;
  restoreRun(id: string): Promise<Run>;
  /** Writes all of the batch or nothing; when it returns the batch is stored. The same batch again changes nothing. */
  logBatch(id: string, batch: Partial<Batch>): Promise<void>;
  /** Makes a new value of a tag from its present one; nobody else changes the run in between. */
  changeRunTag(id: string, key: string, change: (value: string | undefined) => string): Promise<void>;
  deleteRunTag(id: string, key: string): Promise<void>;
  addInputs(id: string, inputs: readonly RunInput[]): Promise<Run>;
  /** Tells what data sets of MLflow's clients a run read; known ones change nothing. */
  addDatasets(id: string, inputs: readonly DatasetInput[]): Promise<void>;
  /** Tells which logged models a run read and made; known links change nothing. */
  addModels(id: string, links: Partial<ModelLinks>): Promise<void>;
  /** Waits for what is being written and tells what was not told yet. */
  stop(): Promise<void>;
}

/** Experiments and the runs in them: what was tried, with which data, code and params, and what came of it. */
export function createTracking(options: TrackingOptions): Tracking {
  const { database, blobs, clock, rng, events, lineage } = options;
  const artifactRoot = placeOf(options.artifactRoot ?? 'mlflow-artifacts:/');
  const sealing = new Sealing(database);
  const writer = new BatchWriter(database, clock, (series, points) => sealing.wrote(series, points));
  const news = new RunNews(database, events);
  const links = new RunLinks(lineage);
  const search = createRunSearch(database);
  const tables = createRunTables({ database, search, sealing });
  const foreignFiles = options.foreignFiles ?? NO_FOREIGN_FILES;
  const space = createArtifactSpace({ database, blobs, clock, foreignFiles });
  const artifacts = createArtifacts({ database, blobs, clock, news, space, getRun });
  const experiments = createExperiments({ database, clock, events, artifactRoot });
  const organizing = createOrganizing({
    ...options,
    ...{ artifactRoot, news, links, experiments, artifacts, space, getRun },
    dependents: options.dependents ?? NONE,
  });
  const browsing = createBrowsing({
    rootOfRun: async (run) => (await getRun(run)).artifactUri,
    rootOfModel: async (model) => (await organizing.getLoggedModel(model)).artifactUri,
    filesAt: artifacts.filesAt,
    previewTable: options.tables ? createTablePreview({ tables: options.tables, clock, rng }) : async () => undefined,
  });
  const creation = new RunCreation({ database, clock, rng, news, links, artifactRoot });

  async function experimentId(sql: Sql, name: string): Promise<number> {
    const id = await findExperimentId(sql, name);
    if (id === undefined) throw trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment: name });
    return id;
  }

  async function getRun(id: string): Promise<Run> {
    const [run] = await readRuns(database, [id], ALL_COLUMNS);
    if (!run) throw trackingErrors.TRACKING_RUN_NOT_FOUND({ run: id });
    return run;
  }

  /** Changes a run that is not deleted, and tells of it. */
  function change(id: string, work: (tx: Sql) => Promise<void>): Promise<void> {
    return database.transaction(async (tx) => {
      await touchRun(tx, id, clock.now());
      await work(tx);
      await news.tell(tx, id, 'changed');
    });
  }

  async function updateRun(id: string, request: RunChangeRequest): Promise<Run> {
    const { status, name, codeCommit, tags = new Map() } = request;
    if (name !== undefined) assertTitle('name of a run', name);
    if (codeCommit !== undefined) assertText('codeCommit', codeCommit, MAX_CODE_COMMIT);
    assertTexts('tag', tags);
    await change(id, async (tx) => {
      const row = await findRunRow(tx, id);
      const over = !isOpen(status ?? row?.status);
      // A repeated end keeps the time of the first.
      const endedAt = request.endedAtMs ?? (over ? (row?.ended_at ?? clock.now()) : null);
      await updateRunRow(tx, id, 'active', {
        ended_at: endedAt,
        ...(status === undefined ? {} : { status }),
        ...(name === undefined ? {} : { name }),
        ...(codeCommit === undefined || row?.code_commit ? {} : { code_commit: codeCommit }),
      });
      if (codeCommit !== undefined && !row?.code_commit) await links.linkCode(tx, id, codeCommit);
      await links.setTags(tx, id, tags);
    });
    return getRun(id);
  }

  async function setLifecycle(id: string, from: RunLifecycle, to: RunLifecycle): Promise<Run> {
    await database.transaction(async (tx) => {
      const nowMs = clock.now();
      const deletedAt = to === 'deleted' ? nowMs : null;
      if (await updateRunRow(tx, id, from, { lifecycle: to, changed_at: nowMs, deleted_at: deletedAt })) {
        await news.tell(tx, id, 'changed');
      }
    });
    return getRun(id);
  }

  return {
    ...experiments,
    ...organizing,
    listColumns: async (name) => readColumns(database, await experimentId(database, name)),
    createRun: (request, actor) => creation.create(request, actor),
    getRun,
    searchRuns: search.searchRuns,
    searchRunDocuments: search.searchRunDocuments,
    async compareRuns(ids) {
      const runs = await readRuns(database, ids, ALL_COLUMNS);
      const missing = ids.find((id) => !runs.some((run) => run.id === id));
      if (missing !== undefined) throw trackingErrors.TRACKING_RUN_NOT_FOUND({ run: missing });
      return compareRuns(runs);
    },
    updateRun,
    deleteRun: (id) => setLifecycle(id, 'active', 'deleted'),
    restoreRun: (id) => setLifecycle(id, 'deleted', 'active'),
    async logBatch(id, { metrics = [], params = new Map(), tags = new Map() }) {
      for (const key of new Set(metrics.map((metric) => metric.key))) assertKey('key of a metric', key);
      assertTexts('param', params);
      assertTexts('tag', tags);
      await writer.write(id, { metrics, params, tags });
      news.logged(id);
    },
    async changeRunTag(id, key, valueFrom) {
      await change(id, async (tx) => {
        const [run] = await readRuns(tx, [id], { params: [], metrics: [], tags: [key], inputs: false });
        const tags = new Map([[key, valueFrom(run?.tags.get(key))]]);
        assertTexts('tag', tags);
        await links.setTags(tx, id, tags);
      });
    },
    async deleteRunTag(id, key) {
      await change(id, async (tx) => {
        if (await deleteTag(tx, id, key)) return;
        const property = (MIRRORED_TAGS as Readonly<Record<string, string>>)[key];
        const row = await findRunRow(tx, id);
        if (property === 'parent' && row?.parent !== null) await updateRunRow(tx, id, 'active', { parent: null });
        else if (property === 'codeCommit' && row?.code_commit !== null) {
          await updateRunRow(tx, id, 'active', { code_commit: null });
        } else throw trackingErrors.TRACKING_TAG_NOT_FOUND({ of: `run "${id}"`, key, run: id });
      });
    },
    async addInputs(id, inputs) {
      assertInputs(inputs);
      await change(id, (tx) => links.addInputs(tx, id, inputs));
      return getRun(id);
    },
    async addDatasets(id, inputs) {
      assertDatasets(inputs);
      await change(id, async (tx) => {
        const row = await findRunRow(tx, id);
        if (row) await writeDatasets(tx, { run: id, experiment: row.experiment }, inputs);
      });
    },
    async addModels(id, { inputs = [], outputs = [] }) {
      await change(id, (tx) => writeModelLinks(tx, id, { inputs, outputs }));
    },
    ...tables,
    ...artifacts,
    ...browsing,
    async stop() {
      await creation.settle();
      await writer.settle();
      await sealing.stop();
      await news.settle();
    },
  };
}

function isOpen(status: string | undefined): boolean {
  return status === 'running' || status === 'scheduled';
}

const NONE: Dependents = { of: async () => new Map() };

const NO_FOREIGN_FILES: ForeignFiles = { serves: true, open: () => undefined, isOurs: () => false };
