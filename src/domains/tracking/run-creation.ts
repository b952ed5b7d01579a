import { type Clock, newId, type Rng } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { belowUri } from './core/artifact-uri.ts';
import { assertRunId, assertText, assertTexts, assertTitle, MAX_CODE_COMMIT, MAX_TAG_VALUE } from './core/checks.ts';
import { partTags } from './core/mirrored-tags.ts';
import { madeUpName } from './core/run-name.ts';
import { trackingErrors } from './errors.ts';
import { GroupCommit } from './group-commit.ts';
import type { Run, RunInput, RunState, Texts } from './model.ts';
import { assertInputs, type RunLinks } from './run-links.ts';
import type { RunNews } from './run-news.ts';
import { type ExperimentKey, type ExperimentPlace, holdExperiments } from './store/experiment-store.ts';
import {
  ALL_COLUMNS,
  findRunRow,
  insertRuns,
  insertTexts,
  type RunHead,
  readRuns,
  writeParams,
  writeTags,
} from './store/run-store.ts';

export interface NewRunRequest {
  /** Name of the experiment, or its number. */
  readonly experiment: string | { readonly id: number };
  /** A letter or a digit, then letters, digits, dashes and underscores, 256 at most; made if left out. */
  readonly id?: string;
  readonly name?: string;
  /** Must exist; one that the tag `mlflow.parentRunId` names need not. */
  readonly parent?: string;
  readonly status?: RunState;
  readonly userId?: string;
  readonly params?: Texts;
  readonly tags?: Texts;
  readonly startedAtMs?: number;
  readonly codeCommit?: string;
  readonly inputs?: readonly RunInput[];
}

interface RunCreationOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly news: RunNews;
  readonly links: RunLinks;
  readonly artifactRoot: string;
}

/** Runs of one transaction; more wait for the next. */
const MAX_RUNS_TOGETHER = 500;

interface Item {
  readonly request: NewRunRequest;
  readonly actor: string;
}

/** Starts runs; those that are asked for at the same time are stored together. */
export class RunCreation {
  readonly #options: RunCreationOptions;
  readonly #writer: GroupCommit<Item, Run>;

  constructor(options: RunCreationOptions) {
    this.#options = options;
    this.#writer = new GroupCommit({
      database: options.database,
      storeAll: (tx, items) => this.#storeAll(tx, items),
      maxWeight: MAX_RUNS_TOGETHER,
    });
  }

  create(request: NewRunRequest, actor: string): Promise<Run> {
    checkNewRun(request);
    return this.#writer.store({ request, actor });
  }

  settle(): Promise<void> {
    return this.#writer.settle();
  }

  async #storeAll(tx: Sql, items: readonly Item[]): Promise<readonly Run[]> {
    const keys = items.map(({ request }) => keyOf(request.experiment));
    const places = await holdExperiments(tx, keys, this.#options.artifactRoot);
    const runs: Run[] = [];
    // What has an id that nobody else can have is written together.
    const fresh: Run[] = [];
    for (const [index, item] of items.entries()) {
      const run = this.#runOf(item, placeOf(places, keys[index] as ExperimentKey));
      const known = item.request.id === undefined ? undefined : await this.#storeNamed(tx, run, item.request);
      if (item.request.id === undefined) fresh.push(run);
      runs.push(known ?? run);
    }
    await insertRuns(tx, fresh);
    await insertTexts(tx, 'tracking_param', fresh, (run) => run.params);
    await insertTexts(tx, 'tracking_tag', fresh, (run) => run.tags);
    for (const [index, { request }] of items.entries()) {
      if (request.id === undefined) await this.#tell(tx, runs[index] as Run, request);
    }
    return runs;
  }

  /** Stores a run under the id that its caller chose. @returns the run that has it already, if any */
  async #storeNamed(tx: Sql, run: Run, request: NewRunRequest): Promise<Run | undefined> {
    if ((await findRunRow(tx, run.id)) || (await insertRuns(tx, [run])) === 0) {
      const [known] = await readRuns(tx, [run.id], ALL_COLUMNS);
      if (known?.experimentId === run.experimentId) return known;
      throw trackingErrors.TRACKING_RUN_EXISTS({ run: run.id, experiment: known?.experiment ?? '' });
    }
    await writeParams(tx, run.id, run.params);
    await writeTags(tx, run.id, run.tags);
    await this.#tell(tx, run, request);
    return undefined;
  }

  async #tell(tx: Sql, run: Run, request: NewRunRequest): Promise<void> {
    const { links, news } = this.#options;
    if (request.parent !== undefined && !(await findRunRow(tx, request.parent))) {
      throw trackingErrors.TRACKING_RUN_NOT_FOUND({ run: request.parent });
    }
    await links.addInputs(tx, run.id, run.inputs);
    if (run.codeCommit) await links.linkCode(tx, run.id, run.codeCommit);
    await news.tell(tx, run.id, 'created');
  }

  #runOf({ request, actor }: Item, place: ExperimentPlace): Run {
    const { clock, rng } = this.#options;
    const nowMs = clock.now();
    const id = request.id ?? newId(clock, rng);
    const { kept: tags, properties } = partTags(request.tags ?? new Map());
    const head: RunHead = {
      id,
      experiment: place.name,
      experimentId: String(place.id),
      name: request.name || properties.name || madeUpName(rng),
      status: request.status ?? 'running',
      lifecycle: 'active',
      parent: request.parent ?? properties.parent ?? null,
      createdBy: actor,
      userId: request.userId ?? '',
      codeCommit: request.codeCommit ?? properties.codeCommit ?? null,
      artifactUri: belowUri(place.artifactLocation, id, 'artifacts'),
      startedAtMs: request.startedAtMs ?? nowMs,
      endedAtMs: null,
      changedAtMs: nowMs,
    };
    const { params = new Map<string, string>(), inputs = [] } = request;
    return { ...head, params, tags, inputs, metrics: [], datasets: [], modelInputs: [], modelOutputs: [] };
  }
}

function keyOf(experiment: NewRunRequest['experiment']): ExperimentKey {
  return typeof experiment === 'string' ? { name: experiment } : experiment;
}

function placeOf(places: readonly ExperimentPlace[], key: ExperimentKey): ExperimentPlace {
  const place = places.find(({ id, name }) => ('id' in key ? id === key.id : name === key.name));
  if (!place) {
    throw trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment: 'id' in key ? `#${key.id}` : key.name, ...key });
  }
  if (place.lifecycle === 'active') return place;
  throw trackingErrors.TRACKING_EXPERIMENT_DELETED({ experiment: place.name, id: String(place.id) });
}

function checkNewRun(request: NewRunRequest): void {
  const { id, name, codeCommit, userId = '', params = new Map(), tags = new Map(), inputs = [] } = request;
  if (id !== undefined) assertRunId(id);
  if (name !== undefined && name !== '') assertTitle('name of a run', name);
  const tagged = partTags(tags).properties.name;
  if (name && tagged && name !== tagged) {
    const problem = `is "${tagged}", and the name is "${name}": they are the same thing, so leave one out`;
    throw trackingErrors.TRACKING_VALUE_INVALID({ field: 'tags.mlflow.runName', problem });
  }
  if (codeCommit !== undefined) assertText('codeCommit', codeCommit, MAX_CODE_COMMIT);
  assertText('userId', userId, MAX_TAG_VALUE);
  assertTexts('param', params);
  assertTexts('tag', tags);
  assertInputs(inputs);
}
