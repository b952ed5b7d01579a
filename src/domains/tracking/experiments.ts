import { resolve } from 'node:path';
import type { Events } from '#platform/events';
import { type Clock, ref } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { lengthProblem, localPathIn, locationProblem, placesOverlap } from './core/artifact-uri.ts';
import { assertKey, assertText, assertTitle, MAX_EXPERIMENT_NAME, MAX_EXPERIMENT_TAG } from './core/checks.ts';
import { DESCRIPTION_TAG } from './core/mirrored-tags.ts';
import { trackingErrors } from './errors.ts';
import type { Experiment, ExperimentHead, RunLifecycle, Texts } from './model.ts';
import { type ExperimentPage, type ExperimentSearchRequest, searchExperiments } from './search/experiment-search.ts';
import {
  deleteExperimentTag,
  type ExperimentKey,
  findExperimentHead,
  insertExperiment,
  isUnused,
  readExperimentPlaces,
  readExperiments,
  updateExperimentRow,
  writeExperimentTags,
} from './store/experiment-store.ts';
import { setLifecycleOfRuns } from './store/run-store.ts';

export interface NewExperimentRequest {
  readonly name: string;
  readonly description?: string;
  /** A URI or a path; below the server's root by the experiment's number if left out. */
  readonly artifactLocation?: string;
  readonly tags?: Texts;
  /** What to do when the name is taken: answer the experiment that has it, or refuse. */
  readonly ifExists?: 'answer' | 'refuse';
}

interface ExperimentChangeRequest {
  readonly name?: string;
  readonly description?: string;
  readonly tags?: Texts;
  /** Keys of tags to take away; each must be there. */
  readonly dropTags?: readonly string[];
}

interface ExperimentsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly events: Events;
  readonly artifactRoot: string;
}

const DESCRIPTION_LIMIT = 5000;

/** Experiments: their names, notes and life. Runs of a deleted experiment are deleted with it and come back with it. */
export function createExperiments({ database, clock, events, artifactRoot }: ExperimentsOptions) {
  const find = (key: ExperimentKey) => findExperimentHead(database, key, artifactRoot);

  async function publish(tx: Sql, id: number, what: 'created' | 'changed', name: string): Promise<void> {
    const subject = ref('experiment', String(id));
    await events.publish(tx, { topic: `tracking.experiment.${what}`, subject, payload: { name } });
  }

  async function createExperiment(request: NewExperimentRequest, actor: string): Promise<ExperimentHead> {
    const { name, ifExists = 'answer' } = request;
    assertTitle('name of an experiment', name, MAX_EXPERIMENT_NAME);
    const { description, tags } = partDescription(request.tags ?? new Map());
    const artifactLocation = request.artifactLocation && placeOf(request.artifactLocation);
    const known = await find({ name });
    if (known) return answerKnown(known, ifExists);
    const id = await database.transaction(async (tx) => {
      const made = await insertExperiment(tx, {
        name,
        description: request.description ?? description ?? null,
        artifactLocation: artifactLocation || undefined,
        artifactRoot,
        nowMs: clock.now(),
        actor,
      });
      if (made === undefined) return undefined;
      await writeExperimentTags(tx, made, tags);
      await publish(tx, made, 'created', name);
      return made;
    });
    const made = await find({ name });
    if (!made) throw trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment: name });
    return id === undefined ? answerKnown(made, ifExists) : made;
  }

  function answerKnown(known: ExperimentHead, ifExists: 'answer' | 'refuse'): ExperimentHead {
    if (ifExists === 'refuse') throw trackingErrors.TRACKING_EXPERIMENT_EXISTS({ experiment: known.name });
    if (known.lifecycle === 'active') return known;
    throw trackingErrors.TRACKING_EXPERIMENT_DELETED({ experiment: known.name, id: known.id });
  }

  async function getHead(sql: Sql, key: ExperimentKey, hold = false): Promise<ExperimentHead> {
    const experiment = await findExperimentHead(sql, key, artifactRoot, hold);
    if (experiment) return experiment;
    throw trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment: 'id' in key ? `#${key.id}` : key.name, ...key });
  }

  /** Changes an experiment that is not deleted. */
  function change(key: ExperimentKey, work: (tx: Sql, id: number, now: ExperimentHead) => Promise<void>) {
    return database.transaction(async (tx) => {
      const experiment = await getHead(tx, key, true);
      const { id, name, lifecycle } = experiment;
      if (lifecycle === 'deleted') throw trackingErrors.TRACKING_EXPERIMENT_DELETED({ experiment: name, id });
      await work(tx, Number(id), experiment);
      await publish(tx, Number(id), 'changed', name);
    });
  }

  async function update(key: ExperimentKey, request: ExperimentChangeRequest): Promise<void> {
    const { name, dropTags = [] } = request;
    if (name !== undefined) assertTitle('name of an experiment', name, MAX_EXPERIMENT_NAME);
    const { description: tagged, tags } = partDescription(request.tags ?? new Map());
    const description = request.description ?? tagged;
    await change(key, async (tx, id, now) => {
      const other = name === undefined ? undefined : await findExperimentHead(tx, { name }, artifactRoot);
      if (other && other.id !== now.id) throw trackingErrors.TRACKING_EXPERIMENT_EXISTS({ experiment: other.name });
      if (name !== undefined || description !== undefined) {
        await updateExperimentRow(tx, id, {
          ...(name === undefined ? {} : { name, updated_at: clock.now() }),
          ...(description === undefined ? {} : { description }),
        });
      }
      await writeExperimentTags(tx, id, tags);
      for (const tag of dropTags) await dropTag(tx, now, tag);
    });
  }

  async function dropTag(tx: Sql, experiment: ExperimentHead, tag: string): Promise<void> {
    const { id, name, description } = experiment;
    if (tag === DESCRIPTION_TAG && description !== null) {
      await updateExperimentRow(tx, Number(id), { description: null });
    } else if (!(await deleteExperimentTag(tx, Number(id), tag))) {
      throw trackingErrors.TRACKING_TAG_NOT_FOUND({ of: `experiment "${name}"`, key: tag, experiment: id });
    }
  }

  async function setLifecycle(key: ExperimentKey, to: RunLifecycle): Promise<ExperimentHead> {
    await database.transaction(async (tx) => {
      const { id, name, lifecycle } = await getHead(tx, key, true);
      if (lifecycle === to) return;
      const nowMs = clock.now();
      const deletedAt = to === 'deleted' ? nowMs : null;
      await updateExperimentRow(tx, Number(id), { lifecycle: to, updated_at: nowMs, deleted_at: deletedAt });
      await setLifecycleOfRuns(tx, Number(id), to, nowMs);
      await publish(tx, Number(id), 'changed', name);
    });
    return getHead(database, key);
  }

  return {
    createExperiment,

    /** Active ones, without the default one while nobody used it. */
    async listExperiments(): Promise<readonly Experiment[]> {
      const experiments = await readExperiments(database, artifactRoot);
      return experiments.filter((experiment) => experiment.lifecycle === 'active' && !isUnused(experiment));
    },

    async getExperiment(name: string): Promise<Experiment> {
      const [experiment] = await readExperiments(database, artifactRoot, name);
      if (!experiment) throw trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment: name });
      return experiment;
    },

    findExperiment: find,

    /** Ids of the experiments whose runs keep files at a URI, below it or above it. */
    async experimentsAt(uri: string): Promise<readonly string[]> {
      const places = await readExperimentPlaces(database, artifactRoot);
      return places.flatMap(({ id, location }) => (placesOverlap(uri, location) ? [String(id)] : []));
    },

    searchExperiments: (request: ExperimentSearchRequest): Promise<ExperimentPage> =>
      searchExperiments(database, artifactRoot, request),

    updateExperiment: (key: ExperimentKey, request: ExperimentChangeRequest) => update(key, request),

    setExperimentTags: (key: ExperimentKey, tags: Texts) => update(key, { tags }),

    /** @throws TRACKING_TAG_NOT_FOUND */
    deleteExperimentTag: (key: ExperimentKey, tag: string) => update(key, { dropTags: [tag] }),

    /** Puts an experiment aside, with all its runs. Doing so again changes nothing. */
    deleteExperiment: (key: ExperimentKey) => setLifecycle(key, 'deleted'),

    /** Brings a deleted experiment back, with all its runs. */
    restoreExperiment: (key: ExperimentKey) => setLifecycle(key, 'active'),
  };
}

/** The description among the tags of MLflow's clients, and the tags that are tags. */
function partDescription(given: Texts): { readonly description: string | undefined; readonly tags: Texts } {
  const tags = new Map(given);
  const description = tags.get(DESCRIPTION_TAG);
  tags.delete(DESCRIPTION_TAG);
  if (description !== undefined) assertText(`tags.${DESCRIPTION_TAG}`, description, DESCRIPTION_LIMIT);
  for (const [key, value] of tags) {
    assertKey('key of a tag', key);
    assertText(`tags.${key}`, value, MAX_EXPERIMENT_TAG);
  }
  return { description, tags };
}

/** A place for artifacts; one on this machine becomes absolute, from where the server was started. */
export function placeOf(location: string): string {
  const local = localPathIn(location);
  const path = local && resolve(local.path);
  const place = local?.scheme === 'file:' ? `file://${path}` : (path ?? location);
  const problem = locationProblem(location) ?? lengthProblem(place);
  if (problem) throw trackingErrors.TRACKING_VALUE_INVALID({ field: 'artifactLocation', problem });
  return place;
}
