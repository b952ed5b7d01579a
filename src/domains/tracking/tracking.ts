import type { Readable } from 'node:stream';
import type { BlobStore } from '#platform/blob';
import type { Events } from '#platform/events';
import { type Clock, newId, parseRef, type Rng, ref } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { createArtifacts } from './artifacts.ts';
import { BatchWriter, touchRun } from './batch-writer.ts';
import { assertKey, assertText, assertTexts, assertTitle, MAX_PARAM_VALUE } from './core/checks.ts';
import { compareRuns, type RunComparison } from './core/comparison.ts';
import { madeUpName } from './core/run-name.ts';
import { trackingErrors } from './errors.ts';
import type { Artifact, Batch, Experiment, Run, RunInput, RunState, Texts } from './model.ts';
import type { LineageLog } from './ports.ts';
import { RunNews } from './run-news.ts';
import { createRunSearch, type RunPage, type RunSearchRequest } from './run-search.ts';
import { findExperimentId, insertExperiment, readColumns, readExperiments } from './store/experiment-store.ts';
import { type History, readHistory } from './store/metric-store.ts';
import {
  ALL_COLUMNS,
  findRunRow,
  insertRun,
  readRuns,
  updateRunRow,
  writeInputs,
  writeParams,
  writeTags,
} from './store/run-store.ts';

interface TrackingOptions {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: Events;
  readonly lineage: LineageLog;
}

interface NewRunRequest {
  readonly experiment: string;
  /** 32 lower-case hex digits; made if left out. */
  readonly id?: string;
  readonly name?: string;
  readonly parent?: string;
  readonly params?: Texts;
  readonly tags?: Texts;
  readonly startedAtMs?: number;
  readonly codeCommit?: string;
  readonly inputs?: readonly RunInput[];
}

interface RunChangeRequest {
  readonly status?: RunState;
  readonly endedAtMs?: number;
  readonly name?: string;
  readonly tags?: Texts;
  readonly codeCommit?: string;
}

/** How an input of a role relates to the run in the lineage. */
const RELATION_OF_ROLE = {
  training: 'trained-on',
  validation: 'validated-on',
  test: 'tested-on',
  other: 'used',
} as const;

const MAX_CODE_COMMIT = 200;
const RUN_ID = /^[0-9a-f]{32}$/;

export interface Tracking {
  createExperiment(request: { name: string; description?: string }, actor: string): Promise<Experiment>;
  listExperiments(): Promise<readonly Experiment[]>;
  getExperiment(name: string): Promise<Experiment>;
  /** Every key that active runs of the experiment have, with how many have it. */
  listColumns(name: string): ReturnType<typeof readColumns>;
  createRun(request: NewRunRequest, actor: string): Promise<Run>;
  getRun(id: string): Promise<Run>;
  searchRuns(request: RunSearchRequest): Promise<RunPage>;
  compareRuns(ids: readonly string[]): Promise<RunComparison>;
  updateRun(id: string, change: RunChangeRequest): Promise<Run>;
  deleteRun(id: string): Promise<Run>;
  restoreRun(id: string): Promise<Run>;
  /** Writes all of the batch or nothing; when it returns the batch is stored. The same batch again changes nothing. */
  logBatch(id: string, batch: Partial<Batch>): Promise<void>;
  addInputs(id: string, inputs: readonly RunInput[]): Promise<Run>;
  getMetricHistory(id: string, key: string, maxPoints: number): Promise<History>;
  putArtifact(id: string, path: string, data: Uint8Array | AsyncIterable<Uint8Array>): Promise<Artifact>;
  listArtifacts(id: string, folder?: string): Promise<readonly Artifact[]>;
  getArtifact(id: string, path: string): Promise<{ artifact: Artifact; read: () => Promise<Readable> }>;
  /** Waits for what is being written and tells what was not told yet. */
  stop(): Promise<void>;
}

/** Experiments and the runs in them: what was tried, with which data, code and params, and what came of it. */
export function createTracking(options: TrackingOptions): Tracking {
  const { database, blobs, clock, rng, events, lineage } = options;
  const writer = new BatchWriter(database, clock);
  const news = new RunNews(database, events);
  const searchRuns = createRunSearch(database);
  const artifacts = createArtifacts({ database, blobs, clock, news });

  async function createExperiment(request: { name: string; description?: string }, actor: string) {
    const { name, description = null } = request;
    assertTitle('name of an experiment', name);
    if ((await findExperimentId(database, name)) === undefined) {
      await database.transaction(async (tx) => {
        const id = await insertExperiment(tx, { name, description, nowMs: clock.now(), actor });
        if (id === undefined) return;
        const subject = ref('experiment', String(id));
        await events.publish(tx, { topic: 'tracking.experiment.created', subject, payload: { name } });
      });
    }
    return getExperiment(name);
  }

  async function getExperiment(name: string): Promise<Experiment> {
    const [experiment] = await readExperiments(database, name);
    if (!experiment) throw trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment: name });
    return experiment;
  }

  async function experimentId(sql: Sql, name: string): Promise<number> {
    const id = await findExperimentId(sql, name);
    if (id === undefined) throw trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment: name });
    return id;
  }

  async function createRun(request: NewRunRequest, actor: string): Promise<Run> {
    checkNewRun(request);
    const id = request.id ?? newId(clock, rng);
    const nowMs = clock.now();
    await database.transaction(async (tx) => {
      if (request.id !== undefined && (await findRunRow(tx, id))) return;
      const written = await insertRun(tx, {
        id,
        experimentId: await experimentId(tx, request.experiment),
        name: request.name ?? madeUpName(rng),
        status: 'running',
        lifecycle: 'active',
        parent: request.parent ?? null,
        createdBy: actor,
        codeCommit: request.codeCommit ?? null,
        startedAtMs: request.startedAtMs ?? nowMs,
        endedAtMs: null,
        changedAtMs: nowMs,
      });
      if (!written) return;
      if (request.parent !== undefined && !(await findRunRow(tx, request.parent))) {
        throw trackingErrors.TRACKING_RUN_NOT_FOUND({ run: request.parent });
      }
      await writeParams(tx, id, request.params ?? new Map());
      await writeTags(tx, id, request.tags ?? new Map());
      await linkInputs(tx, id, request.inputs ?? []);
      if (request.codeCommit !== undefined) await linkCode(tx, id, request.codeCommit);
      await news.tell(tx, id, 'created');
    });
    const run = await getRun(id);
    if (run.experiment !== request.experiment) {
      throw trackingErrors.TRACKING_RUN_EXISTS({ run: id, experiment: run.experiment });
    }
    return run;
  }

  function linkCode(tx: Sql, run: string, codeCommit: string): Promise<void> {
    return lineage.link(tx, { from: ref('code', codeCommit), to: ref('run', run), relation: 'code' });
  }

  async function linkInputs(tx: Sql, run: string, inputs: readonly RunInput[]): Promise<void> {
    for (const input of await writeInputs(tx, run, inputs)) {
      await lineage.link(tx, { from: input.ref, to: ref('run', run), relation: RELATION_OF_ROLE[input.role] });
    }
  }

  async function getRun(id: string): Promise<Run> {
    const [run] = await readRuns(database, [id], ALL_COLUMNS);
    if (!run) throw trackingErrors.TRACKING_RUN_NOT_FOUND({ run: id });
    return run;
  }

  async function updateRun(id: string, change: RunChangeRequest): Promise<Run> {
    const { status, name, codeCommit, tags = new Map() } = change;
    if (name !== undefined) assertTitle('name of a run', name);
    if (codeCommit !== undefined) assertText('codeCommit', codeCommit, MAX_CODE_COMMIT);
    assertTexts('tag', tags);
    await database.transaction(async (tx) => {
      const nowMs = clock.now();
      await touchRun(tx, id, nowMs);
      const row = await findRunRow(tx, id);
      const over = (status ?? row?.status) !== 'running';
      // A repeated end keeps the time of the first.
      const endedAt = over ? (change.endedAtMs ?? row?.ended_at ?? nowMs) : null;
      await updateRunRow(tx, id, 'active', {
        ended_at: endedAt,
        ...(status === undefined ? {} : { status }),
        ...(name === undefined ? {} : { name }),
        ...(codeCommit === undefined || row?.code_commit ? {} : { code_commit: codeCommit }),
      });
      if (codeCommit !== undefined && !row?.code_commit) await linkCode(tx, id, codeCommit);
      await writeTags(tx, id, tags);
      await news.tell(tx, id, 'changed');
    });
    return getRun(id);
  }

  async function setLifecycle(id: string, from: 'active' | 'deleted', to: 'active' | 'deleted'): Promise<Run> {
    await database.transaction(async (tx) => {
      if (await updateRunRow(tx, id, from, { lifecycle: to, changed_at: clock.now() })) {
        await news.tell(tx, id, 'changed');
      }
    });
    return getRun(id);
  }

  return {
    createExperiment,
    getExperiment,
    listExperiments: () => readExperiments(database),
    listColumns: async (name) => readColumns(database, await experimentId(database, name)),
    createRun,
    getRun,
    searchRuns,
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
    async addInputs(id, inputs) {
      assertInputs(inputs);
      await database.transaction(async (tx) => {
        await touchRun(tx, id, clock.now());
        await linkInputs(tx, id, inputs);
        await news.tell(tx, id, 'changed');
      });
      return getRun(id);
    },
    async getMetricHistory(id, key, maxPoints) {
      const history = await readHistory(database, id, key, maxPoints);
      if (history) return history;
      await getRun(id);
      throw trackingErrors.TRACKING_METRIC_NOT_FOUND({ run: id, key });
    },
    putArtifact: artifacts.put,
    listArtifacts: artifacts.list,
    getArtifact: artifacts.get,
    async stop() {
      await writer.settle();
      await news.settle();
    },
  };
}

function checkNewRun(request: NewRunRequest): void {
  if (request.id !== undefined && !RUN_ID.test(request.id)) {
    const problem = 'use 32 lower-case hex digits, or leave it out';
    throw trackingErrors.TRACKING_KEY_INVALID({ what: 'id of a run', key: request.id.slice(0, 250), problem });
  }
  if (request.name !== undefined) assertTitle('name of a run', request.name);
  if (request.codeCommit !== undefined) assertText('codeCommit', request.codeCommit, MAX_CODE_COMMIT);
  assertTexts('param', request.params ?? new Map());
  assertTexts('tag', request.tags ?? new Map());
  assertInputs(request.inputs ?? []);
}

function assertInputs(inputs: readonly RunInput[]): void {
  inputs.forEach((input, index) => {
    assertText(`inputs.${index}.ref`, input.ref, MAX_PARAM_VALUE);
    assertText(`inputs.${index}.path`, input.path ?? '', MAX_PARAM_VALUE);
    if (parseRef(input.ref)) return;
    const problem = `is "${input.ref}", which is no reference; write kind:id, e.g. commit:flights/3f2a`;
    throw trackingErrors.TRACKING_VALUE_INVALID({ field: `inputs.${index}.ref`, problem });
  });
}
