import type { RunViewDefinition } from '#contract';
import type { Events } from '#platform/events';
import { type Clock, newId, type Rng, ref } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { assertTitle } from '../core/checks.ts';
import { trackingErrors } from '../errors.ts';
import { findExperimentId } from '../store/experiment-store.ts';
import type { OrganizingTables } from '../store/organizing-schema.ts';
import { viewErrors } from './errors.ts';

/** What people choose to see of the runs of an experiment, kept under a name and an id that can be shared. */
export interface RunView {
  readonly id: string;
  /** Name of the experiment. */
  readonly experiment: string;
  readonly name: string;
  readonly definition: RunViewDefinition;
  /** Counts changes, from 1. */
  readonly revision: number;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly updatedAtMs: number;
  readonly updatedBy: string;
}

interface ViewsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: Events;
}

interface ViewContent {
  readonly name: string;
  readonly definition: RunViewDefinition;
}

const MAX_NAME = 200;
const MAX_BYTES = 256 * 1024;

type Tables = OrganizingTables & { tracking_experiment: { id: number; name: string } };

export type Views = ReturnType<typeof createViews>;

export function createViews({ database, clock, rng, events }: ViewsOptions) {
  const find = (sql: Sql, view: string) => readViews(sql, { view }).then(([found]) => found);

  async function getRunView(view: string): Promise<RunView> {
    const found = await find(database, view);
    if (found) return found;
    throw viewErrors.TRACKING_VIEW_NOT_FOUND({ view });
  }

  async function experimentId(experiment: string): Promise<number> {
    const id = await findExperimentId(database, experiment);
    if (id === undefined) throw trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment });
    return id;
  }

  async function assertFree(tx: Sql, experiment: string, name: string, view: string): Promise<void> {
    const id = await findExperimentId(tx, experiment);
    const [other] = id === undefined ? [] : await readViews(tx, { experiment: id, name });
    if (other && other.id !== view) throw viewErrors.TRACKING_VIEW_EXISTS({ name, experiment });
  }

  async function tell(tx: Sql, experiment: number, view: string): Promise<void> {
    const subject = ref('experiment', String(experiment));
    await events.publish(tx, { topic: 'tracking.view.changed', subject, payload: { view } });
  }

  return {
    getRunView,

    /** Views of an experiment, by name. */
    async listRunViews(experiment: string): Promise<readonly RunView[]> {
      const views = await readViews(database, { experiment: await experimentId(experiment) });
      return views.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },

    /** With an id given by the caller the same request again answers the view that exists. */
    async createRunView(
      experiment: string,
      request: ViewContent & { readonly id?: string | undefined },
      actor: string,
    ): Promise<RunView> {
      const definition = checked(request);
      const id = request.id ?? newId(clock, rng);
      const experimentNumber = await experimentId(experiment);
      const nowMs = clock.now();
      const row: OrganizingTables['tracking_view'] = {
        ...{ id, experiment: experimentNumber, name: request.name, definition, revision: 1 },
        ...{ created_at: nowMs, created_by: actor, updated_at: nowMs, updated_by: actor },
      };
      await database.transaction(async (tx) => {
        const rows = [Object.values(row)];
        const added = await tx.insertRows('tracking_view', Object.keys(row), rows, { onConflict: 'ignore' });
        if (added === 1) await tell(tx, experimentNumber, id);
      });
      const view = await find(database, id);
      if (view && view.experiment === experiment) return view;
      throw viewErrors.TRACKING_VIEW_EXISTS({ name: request.name, experiment });
    },

    /** Changes a view, unless it is at another revision than the change was made from. */
    async changeRunView(
      view: string,
      request: ViewContent & { readonly revision: number },
      actor: string,
    ): Promise<RunView> {
      const definition = checked(request);
      const { name, revision } = request;
      await database.transaction(async (tx) => {
        const known = await find(tx, view);
        if (!known) throw viewErrors.TRACKING_VIEW_NOT_FOUND({ view });
        await assertFree(tx, known.experiment, name, view);
        const result = await tx
          .tables<Tables>()
          .updateTable('tracking_view')
          .set({ name, definition, revision: revision + 1, updated_at: clock.now(), updated_by: actor })
          .where('id', '=', view)
          .where('revision', '=', revision)
          .executeTakeFirst();
        if (Number(result.numUpdatedRows) === 1)
          return tell(tx, (await findExperimentId(tx, known.experiment)) ?? 0, view);
        // The answer to the same request got lost.
        if (known.revision === revision + 1 && known.name === name && definition === JSON.stringify(known.definition))
          return;
        const { revision: now, updatedBy: by } = known;
        throw viewErrors.TRACKING_VIEW_CHANGED({ view: known.name, revision: now, given: revision, by });
      });
      return getRunView(view);
    },

    /** Deletes a view; one that does not exist is no mistake. */
    async deleteRunView(view: string): Promise<void> {
      await database.transaction(async (tx) => {
        const deleted = await tx
          .tables<Tables>()
          .deleteFrom('tracking_view')
          .where('id', '=', view)
          .returning('experiment')
          .executeTakeFirst();
        if (deleted) await tell(tx, deleted.experiment, view);
      });
    },
  };
}

/** The definition as JSON. @throws TRACKING_KEY_INVALID, TRACKING_VIEW_TOO_LARGE */
function checked({ name, definition }: ViewContent): string {
  assertTitle('name of a view', name, MAX_NAME);
  const json = JSON.stringify(definition);
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_BYTES) throw viewErrors.TRACKING_VIEW_TOO_LARGE({ bytes, limit: MAX_BYTES });
  return json;
}

async function readViews(
  sql: Sql,
  which: { readonly view?: string; readonly experiment?: number; readonly name?: string },
): Promise<readonly RunView[]> {
  let query = sql
    .tables<Tables>()
    .selectFrom('tracking_view as v')
    .innerJoin('tracking_experiment as e', 'e.id', 'v.experiment')
    .selectAll('v')
    .select('e.name as experiment_name');
  if (which.view !== undefined) query = query.where('v.id', '=', which.view);
  if (which.experiment !== undefined) query = query.where('v.experiment', '=', which.experiment);
  if (which.name !== undefined) query = query.where('v.name', '=', which.name);
  return (await query.execute()).map((row) => ({
    id: row.id,
    experiment: row.experiment_name,
    name: row.name,
    // Written from a checked definition alone.
    definition: JSON.parse(row.definition) as RunViewDefinition,
    revision: row.revision,
    createdAtMs: row.created_at,
    createdBy: row.created_by,
    updatedAtMs: row.updated_at,
    updatedBy: row.updated_by,
  }));
}
