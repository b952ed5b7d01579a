import type { Events } from '#platform/events';
import { type Clock, ref } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { trackingErrors } from '../errors.ts';
import type { createExperiments } from '../experiments.ts';
import { loggedModelErrors } from '../logged-models/errors.ts';
import { moveLifecycle, readLoggedModels } from '../logged-models/store.ts';
import type { RunLifecycle } from '../model.ts';
import { readFamily } from '../moves/run-family.ts';
import type { RunNews } from '../run-news.ts';
import { findExperimentHead, findExperimentId } from '../store/experiment-store.ts';
import { updateRunRow } from '../store/run-store.ts';
import { trashErrors } from './errors.ts';
import { countTrash, readTrash, type TrashCounts, type TrashItem, type TrashKind } from './trash-store.ts';

/** Things by id; of experiments the number, as text. */
export interface TrashSelection {
  readonly runs?: readonly string[] | undefined;
  readonly experiments?: readonly string[] | undefined;
  readonly loggedModels?: readonly string[] | undefined;
}

interface TrashOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly events: Events;
  readonly news: RunNews;
  readonly artifactRoot: string;
  readonly experiments: Pick<ReturnType<typeof createExperiments>, 'deleteExperiment' | 'restoreExperiment'>;
}

interface TrashRequest {
  readonly kind?: TrashKind | undefined;
  /** Name of an experiment. */
  readonly experiment?: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

export type Trash = ReturnType<typeof createTrash>;

/** Deleting is putting into the trash, from where things can be brought back. */
export function createTrash(options: TrashOptions) {
  const { database, clock, events, news, artifactRoot, experiments } = options;

  /** All of the selection, refused as a whole when one of it does not exist. */
  async function move(selection: TrashSelection, to: RunLifecycle): Promise<TrashCounts> {
    const { runs = [], loggedModels = [] } = selection;
    const heads = await experimentsOf(selection.experiments ?? []);
    const counts = { runs: 0, experiments: 0, loggedModels: 0 };
    await database.transaction(async (tx) => {
      await assertThere(tx, runs, loggedModels, to === 'active');
      // In one order everywhere, so that two writers wait for each other instead of for ever.
      for (const run of [...new Set(runs)].sort()) counts.runs += await moveRun(tx, run, to);
      for (const model of [...new Set(loggedModels)].sort()) counts.loggedModels += await moveModel(tx, model, to);
    });
    for (const { id, lifecycle } of heads) {
      if (lifecycle === to) continue;
      counts.experiments += 1;
      const key = { id: Number(id) };
      await (to === 'deleted' ? experiments.deleteExperiment(key) : experiments.restoreExperiment(key));
    }
    return counts;
  }

  async function moveRun(tx: Sql, run: string, to: RunLifecycle): Promise<number> {
    const nowMs = clock.now();
    const changes = { lifecycle: to, changed_at: nowMs, deleted_at: to === 'deleted' ? nowMs : null };
    if (!(await updateRunRow(tx, run, to === 'deleted' ? 'active' : 'deleted', changes))) return 0;
    await news.tell(tx, run, 'changed');
    return 1;
  }

  async function moveModel(tx: Sql, model: string, to: RunLifecycle): Promise<number> {
    if (!(await moveLifecycle(tx, model, to, clock.now()))) return 0;
    const subject = ref('logged-model', model);
    await events.publish(tx, { topic: 'tracking.logged-model.changed', subject, payload: {} });
    return 1;
  }

  async function experimentsOf(ids: readonly string[]) {
    const heads = [];
    for (const id of new Set(ids)) {
      const number = /^\d{1,9}$/.test(id) ? Number(id) : undefined;
      const head = number === undefined ? undefined : await findExperimentHead(database, { id: number }, artifactRoot);
      if (!head) throw trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment: `#${id}` });
      heads.push(head);
    }
    return heads;
  }

  /** @param inExperiments that their experiments must not lie in the trash themselves */
  async function assertThere(tx: Sql, runs: readonly string[], models: readonly string[], inExperiments: boolean) {
    const family = await readFamily(tx, [...new Set(runs)], false);
    const found = await readLoggedModels(tx, models);
    const missing = models.find((id) => !found.some((model) => model.id === id));
    if (missing !== undefined) throw loggedModelErrors.TRACKING_LOGGED_MODEL_NOT_FOUND({ model: missing });
    if (!inExperiments) return;
    const places = [
      ...family.map(({ id, experiment }) => ({ kind: 'run' as const, id, experiment })),
      ...found.map(({ id, experimentId }) => ({ kind: 'logged model' as const, id, experiment: Number(experimentId) })),
    ];
    const lifecycles = new Map<number, Awaited<ReturnType<typeof findExperimentHead>>>();
    for (const { kind, id, experiment } of places) {
      const known = lifecycles.get(experiment);
      const head = known ?? (await findExperimentHead(tx, { id: experiment }, artifactRoot));
      lifecycles.set(experiment, head);
      if (head?.lifecycle !== 'deleted') continue;
      throw trashErrors.TRACKING_TRASH_EXPERIMENT_DELETED({ kind, id, experiment: head.name, experimentId: head.id });
    }
  }

  return {
    /** What lies in the trash, the latest first, and how much there is. */
    async listTrash({ kind, experiment, limit, offset }: TrashRequest) {
      const number = experiment === undefined ? undefined : await findExperimentId(database, experiment);
      if (experiment !== undefined && number === undefined) {
        throw trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment });
      }
      const filter = { kind, experiment: number };
      const items: readonly TrashItem[] = await readTrash(database, { ...filter, limit, offset });
      return { items, counts: await countTrash(database, filter) };
    },

    /** Puts things into the trash, experiments with their runs. @returns how many were put there now */
    putIntoTrash: (selection: TrashSelection) => move(selection, 'deleted'),

    /** Brings things back, experiments with their runs. @returns how many were brought back now */
    restoreFromTrash: (selection: TrashSelection) => move(selection, 'active'),
  };
}
