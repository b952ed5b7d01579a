import { sha256 } from '#platform/digest';
import { type Clock, ref } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import type { RunFiles } from '../artifacts/run-files.ts';
import { belowUri } from '../core/artifact-uri.ts';
import { trackingErrors } from '../errors.ts';
import type { DatasetInput, Run } from '../model.ts';
import type { LineageLog, PointerLog } from '../ports.ts';
import type { RunLinks } from '../run-links.ts';
import type { RunNews } from '../run-news.ts';
import { writeDatasets } from '../store/dataset-store.ts';
import { type ExperimentPlace, holdExperiments } from '../store/experiment-store.ts';
import type { LoggedModelTables } from '../store/logged-model-schema.ts';
import { ALL_COLUMNS, findRunRow, insertRuns, readRuns, updateRunRow, writeTags } from '../store/run-store.ts';
import type { TrackingTables } from '../store/schema.ts';
import { copyHangings } from './copy-store.ts';
import { type FamilyRun, readFamily } from './run-family.ts';

/** Names the run that a copy was made from; a tag, so that MLflow's clients see it too. */
const ORIGIN_TAG = 'trimtab.copiedFrom';

interface MovesOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly news: RunNews;
  readonly links: RunLinks;
  readonly lineage: LineageLog;
  readonly pointerLog: PointerLog;
  readonly files: RunFiles;
  readonly artifactRoot: string;
}

interface MoveRequest {
  readonly runs: readonly string[];
  /** Name of the experiment they go to. */
  readonly to: string;
  readonly withChildren?: boolean | undefined;
}

export type Moves = ReturnType<typeof createMoves>;

/** Moving and copying of runs between experiments. */
export function createMoves(options: MovesOptions) {
  const { database, clock, news, links, lineage, pointerLog, files, artifactRoot } = options;

  async function placeOf(tx: Sql, experiment: string): Promise<ExperimentPlace> {
    const [place] = await holdExperiments(tx, [{ name: experiment }], artifactRoot);
    if (!place) throw trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment });
    if (place.lifecycle === 'active') return place;
    throw trackingErrors.TRACKING_EXPERIMENT_DELETED({ experiment, id: String(place.id) });
  }

  async function moveOne(tx: Sql, run: FamilyRun, place: ExperimentPlace, actor: string): Promise<void> {
    const [whole] = await readRuns(tx, [run.id], ALL_COLUMNS);
    // Its files stay where they are, so where that is can no longer follow from its experiment.
    const changes = { experiment: place.id, changed_at: clock.now() };
    const held = await updateRunRow(
      tx,
      run.id,
      'active',
      whole ? { ...changes, artifact_uri: whole.artifactUri } : changes,
    );
    if (!held) throw trackingErrors.TRACKING_RUN_DELETED({ run: run.id });
    await moveDatasets(tx, run.id, place, whole?.datasets ?? []);
    await tx
      .tables<LoggedModelTables>()
      .updateTable('tracking_logged_model')
      .set({ experiment: place.id })
      .where('source_run', '=', run.id)
      .execute();
    await pointerLog.record(tx, {
      actor,
      pointer: ref('run', run.id),
      from: ref('experiment', String(run.experiment)),
      to: ref('experiment', String(place.id)),
      reason: `moved to experiment "${place.name}"`,
    });
    await news.tell(tx, run.id, 'changed');
  }

  /** Copies a run whole; nothing when the copy exists. */
  async function copyOne(tx: Sql, original: Run, copy: Copy, place: ExperimentPlace, actor: string): Promise<void> {
    const nowMs = clock.now();
    const written = await insertRuns(tx, [
      {
        ...original,
        ...{ id: copy.to, parent: copy.parent, createdBy: actor, lifecycle: 'active', changedAtMs: nowMs },
        ...{ experiment: place.name, experimentId: String(place.id) },
        artifactUri: copiedUri(copy, place),
      },
    ]);
    if (written === 0) return;
    await copyHangings(tx, original.id, copy.to);
    await writeTags(tx, copy.to, new Map([[ORIGIN_TAG, original.id]]));
    await writeDatasets(tx, { run: copy.to, experiment: place.id }, original.datasets);
    await files.copy(tx, original.artifactUri, copiedUri(copy, place));
    await lineage.link(tx, { from: ref('run', original.id), to: ref('run', copy.to), relation: 'copied' });
    await links.addInputs(tx, copy.to, original.inputs);
    if (original.codeCommit !== null) await links.linkCode(tx, copy.to, original.codeCommit);
    await news.tell(tx, copy.to, 'created');
  }

  /** Copies the files of a run that is not copied yet, where that takes long. */
  async function carryFiles(from: string, to: string, experiment: string): Promise<void> {
    if (await findRunRow(database, to)) return;
    const [original] = await readRuns(database, [from], ALL_COLUMNS);
    const place = await placeOf(database, experiment);
    if (original) await files.carry(original.artifactUri, copiedUri({ to }, place));
  }

  return {
    /** Moves runs with all that belongs to them; ids stay. All or none. @returns those that were not there already */
    async moveRuns({ runs, to, withChildren = true }: MoveRequest, actor: string): Promise<readonly string[]> {
      return database.transaction(async (tx) => {
        const place = await placeOf(tx, to);
        const family = await readFamily(tx, [...new Set(runs)], withChildren);
        const moving = family.filter(({ experiment }) => experiment !== place.id);
        const deleted = moving.find(({ id, lifecycle }) => lifecycle === 'deleted' && runs.includes(id));
        if (deleted) throw trackingErrors.TRACKING_RUN_DELETED({ run: deleted.id });
        // Children in the trash stay with the experiment they were deleted from. In one order everywhere, so that two
        // movers wait for each other instead of for ever.
        const active = moving.filter(({ lifecycle }) => lifecycle === 'active').sort((a, b) => (a.id < b.id ? -1 : 1));
        for (const run of active) await moveOne(tx, run, place, actor);
        return active.map(({ id }) => id);
      });
    },

    /**
     * Copies runs under new ids that follow from the key and the run, each whole or not at all. The same request again
     * copies what is left.
     */
    async copyRuns(
      { runs, to, withChildren = true, key }: MoveRequest & { readonly key: string },
      actor: string,
    ): Promise<readonly { readonly from: string; readonly to: string }[]> {
      const family = await readFamily(database, [...new Set(runs)], withChildren);
      const idOf = (run: string) => sha256(`${key}\n${run}`).slice(0, 32);
      const copied = new Set(family.map(({ id }) => id));
      const copies: Copy[] = [];
      for (const { id, lifecycle, parent, experiment } of family) {
        if (lifecycle === 'deleted' && !runs.includes(id)) continue;
        await carryFiles(id, idOf(id), to);
        await database.transaction(async (tx) => {
          const place = await placeOf(tx, to);
          const own = parent === null || experiment === place.id ? parent : null;
          const copy = { from: id, to: idOf(id), parent: parent !== null && copied.has(parent) ? idOf(parent) : own };
          copies.push(copy);
          if (await findRunRow(tx, copy.to)) return;
          const [original] = await readRuns(tx, [id], ALL_COLUMNS);
          if (original) await copyOne(tx, original, copy, place, actor);
        });
      }
      return copies.map((copy) => ({ from: copy.from, to: copy.to }));
    },
  };
}

function copiedUri({ to }: Pick<Copy, 'to'>, place: ExperimentPlace): string {
  return belowUri(place.artifactLocation, to, 'artifacts');
}

interface Copy {
  readonly from: string;
  readonly to: string;
  readonly parent: string | null;
}

/** Data sets are unique in an experiment: those of the run become those of the other. */
async function moveDatasets(
  tx: Sql,
  run: string,
  place: ExperimentPlace,
  datasets: readonly DatasetInput[],
): Promise<void> {
  if (datasets.length === 0) return;
  await tx.tables<TrackingTables>().deleteFrom('tracking_run_dataset').where('run', '=', run).execute();
  await writeDatasets(tx, { run, experiment: place.id }, datasets);
}
