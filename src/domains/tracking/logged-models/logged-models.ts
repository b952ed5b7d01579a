import type { Events } from '#platform/events';
import { type Clock, newId, type Rng, ref } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { belowUri } from '../core/artifact-uri.ts';
import { assertText } from '../core/checks.ts';
import { madeUpName } from '../core/run-name.ts';
import { trackingErrors } from '../errors.ts';
import type { RunLifecycle, Texts } from '../model.ts';
import type { LineageLog } from '../ports.ts';
import { type ExperimentKey, findExperimentId, holdExperiments } from '../store/experiment-store.ts';
import { findRunRow } from '../store/run-store.ts';
import { loggedModelErrors } from './errors.ts';
import type { LoggedModel, LoggedModelStatus } from './model.ts';
import { findModelIds, type ModelQuery } from './search.ts';
import {
  deleteModelTag,
  insertLoggedModel,
  moveLifecycle,
  readLoggedModels,
  updateLoggedModel,
  writeModelParams,
  writeModelTags,
} from './store.ts';

export interface LoggedModelsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: Events;
  readonly lineage: LineageLog;
  readonly artifactRoot: string;
}

interface NewLoggedModelRequest {
  readonly experiment: ExperimentKey;
  /** Given by a caller who may repeat the request. */
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly type?: string | undefined;
  readonly sourceRun?: string | undefined;
  readonly params?: Texts;
  readonly tags?: Texts;
}

interface LoggedModelChangeRequest {
  readonly status?: LoggedModelStatus | undefined;
  readonly params?: Texts;
  readonly tags?: Texts;
  readonly removeTags?: readonly string[];
}

export interface LoggedModelSearchRequest extends Omit<ModelQuery, 'experimentIds'> {
  /** In all when undefined. */
  readonly experiments: readonly ExperimentKey[] | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** More than of runs: clients of MLflow hand on what a learner says of itself uncut. PostgreSQL must still index it. */
const MAX_KEY = 500;
const MAX_VALUE = 1_000_000;
const MAX_TITLE = 500;
/** What would part a name of others: of paths, of `models:/` URIs, and of filters. */
const NAME = /^[^/:.%"']+$/u;

export type LoggedModels = ReturnType<typeof createLoggedModels>;

/** Models that runs logged: what they are told, what is measured of them, and where their files are. */
export function createLoggedModels(options: LoggedModelsOptions) {
  const { database, clock, rng, events, lineage, artifactRoot } = options;

  async function tell(tx: Sql, model: string, what: 'created' | 'changed'): Promise<void> {
    const subject = ref('logged-model', model);
    await events.publish(tx, { topic: `tracking.logged-model.${what}`, subject, payload: {} });
  }

  async function getLoggedModel(id: string): Promise<LoggedModel> {
    const [model] = await readLoggedModels(database, [id]);
    if (!model) throw loggedModelErrors.TRACKING_LOGGED_MODEL_NOT_FOUND({ model: id });
    return model;
  }

  async function insert(tx: Sql, id: string, request: NewLoggedModelRequest, actor: string): Promise<void> {
    const [experiment] = await holdExperiments(tx, [request.experiment], artifactRoot);
    if (!experiment) throw notFound(request.experiment);
    const { name, lifecycle } = experiment;
    if (lifecycle === 'deleted') {
      throw trackingErrors.TRACKING_EXPERIMENT_DELETED({ experiment: name, id: String(experiment.id) });
    }
    const nowMs = clock.now();
    const written = await insertLoggedModel(tx, {
      id,
      name: request.name ?? madeUpName(rng),
      experiment: name,
      experimentId: String(experiment.id),
      type: request.type ?? '',
      status: 'pending',
      lifecycle: 'active',
      sourceRun: request.sourceRun ?? null,
      artifactUri: belowUri(experiment.artifactLocation, 'models', id, 'artifacts'),
      createdAtMs: nowMs,
      createdBy: actor,
      updatedAtMs: nowMs,
    });
    if (!written) return;
    await writeModelParams(tx, id, request.params ?? new Map());
    await writeModelTags(tx, id, request.tags ?? new Map());
    // Clients may name a run of another server, which has no lineage here.
    if (request.sourceRun !== undefined && (await findRunRow(tx, request.sourceRun))) {
      const edge = { from: ref('run', request.sourceRun), to: ref('logged-model', id), relation: 'logged' };
      await lineage.link(tx, edge);
    }
    await tell(tx, id, 'created');
  }

  async function setLifecycle(id: string, to: RunLifecycle): Promise<LoggedModel> {
    await database.transaction(async (tx) => {
      if (await moveLifecycle(tx, id, to, clock.now())) await tell(tx, id, 'changed');
    });
    return getLoggedModel(id);
  }

  return {
    /** With an id given by the caller the same request again answers the model that exists. */
    async createLoggedModel(request: NewLoggedModelRequest, actor: string): Promise<LoggedModel> {
      checkNewModel(request);
      const id = request.id ?? `m-${newId(clock, rng)}`;
      await database.transaction((tx) => insert(tx, id, request, actor));
      const model = await getLoggedModel(id);
      const { experiment } = request;
      const same =
        'id' in experiment ? String(experiment.id) === model.experimentId : experiment.name === model.experiment;
      if (same) return model;
      throw loggedModelErrors.TRACKING_LOGGED_MODEL_EXISTS({ model: id, experiment: model.experiment });
    },

    /** A model, also a deleted one. */
    getLoggedModel,

    /** All of the change or nothing of it. */
    async changeLoggedModel(id: string, change: LoggedModelChangeRequest): Promise<LoggedModel> {
      const { status, params = new Map(), tags = new Map(), removeTags = [] } = change;
      assertModelTexts('params', params);
      assertModelTexts('tags', tags);
      await database.transaction(async (tx) => {
        await updateLoggedModel(tx, id, status === undefined ? { id } : { status, updated_at: clock.now() });
        await writeModelParams(tx, id, params);
        await writeModelTags(tx, id, tags);
        for (const key of removeTags) {
          if (await deleteModelTag(tx, id, key)) continue;
          throw loggedModelErrors.TRACKING_LOGGED_MODEL_TAG_NOT_FOUND({ model: id, key });
        }
        await tell(tx, id, 'changed');
      });
      return getLoggedModel(id);
    },

    /** Puts a model into the trash. Doing so again changes nothing. */
    deleteLoggedModel: (id: string) => setLifecycle(id, 'deleted'),

    /** Brings a deleted model back. */
    restoreLoggedModel: (id: string) => setLifecycle(id, 'active'),

    /** A page of the active models that match, and whether more follow. */
    async searchLoggedModels(request: LoggedModelSearchRequest) {
      const { experiments, offset, limit, ...query } = request;
      const experimentIds = experiments && (await idsOf(database, experiments));
      const ids = await findModelIds(database, { ...query, experimentIds });
      const models = await readLoggedModels(database, ids.slice(offset, offset + limit));
      return { models, nextOffset: ids.length > offset + limit ? offset + limit : null };
    },
  };
}

/** Numbers of experiments. A number that nobody has finds nothing; a name that nobody has is a mistake. */
async function idsOf(sql: Sql, keys: readonly ExperimentKey[]): Promise<readonly number[]> {
  const ids: number[] = [];
  for (const key of keys) {
    const id = 'id' in key ? key.id : await findExperimentId(sql, key.name);
    if (id === undefined) throw notFound(key);
    ids.push(id);
  }
  return ids;
}

function notFound(key: ExperimentKey) {
  return trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment: 'id' in key ? `#${key.id}` : key.name, ...key });
}

function checkNewModel({ name, type, sourceRun, params, tags }: NewLoggedModelRequest): void {
  if (name !== undefined && !NAME.test(name)) {
    throw loggedModelErrors.TRACKING_LOGGED_MODEL_NAME_INVALID({ name: name.slice(0, MAX_KEY) });
  }
  assertText('name', name ?? '', MAX_TITLE);
  assertText('type', type ?? '', MAX_TITLE);
  assertText('sourceRun', sourceRun ?? '', MAX_TITLE);
  assertModelTexts('params', params ?? new Map());
  assertModelTexts('tags', tags ?? new Map());
}

function assertModelTexts(field: 'params' | 'tags', texts: Texts): void {
  for (const [key, value] of texts) {
    assertText(`key of ${field}`, key, MAX_KEY);
    assertText(`${field}.${key}`, value, MAX_VALUE);
  }
}
