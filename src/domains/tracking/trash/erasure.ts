import type { Events } from '#platform/events';
import { type Clock, ref } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import type { RunFiles } from '../artifacts/run-files.ts';
import type { Dependents, PointerLog } from '../ports.ts';
import { DEFAULT_EXPERIMENT } from '../store/experiment-schema.ts';
import type { TrashSelection } from './trash.ts';
import {
  type Erased,
  eraseExperiment,
  eraseLoggedModel,
  eraseRun,
  forgetErasedFiles,
  noteErasedFiles,
  readContents,
  readDeletionTimes,
  readErasedFiles,
  readRoot,
  readTrashIds,
  type TrashKind,
} from './trash-store.ts';

interface ErasureOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly events: Events;
  readonly pointerLog: PointerLog;
  readonly dependents: Dependents;
  readonly files: RunFiles;
}

interface EmptyRequest extends TrashSelection {
  /** Only what has been in the trash for so long. */
  readonly olderThanMs?: number | undefined;
  readonly keepArtifacts?: boolean | undefined;
  /** Only count what would go. */
  readonly dryRun?: boolean | undefined;
  readonly reason?: string | undefined;
}

interface Emptied {
  readonly runs: number;
  readonly experiments: number;
  readonly loggedModels: number;
  readonly files: number;
  readonly bytes: number;
  /** The same request again goes on. */
  readonly more: boolean;
  /** What was asked for and stays, the first 100. */
  readonly left: readonly { readonly id: string; readonly reason: string }[];
}

/** Things of one call; a caller with more calls again. */
const MAX_THINGS = 2000;
const THINGS_A_TRANSACTION = 100;
const MAX_LEFT = 100;

export type Erasure = ReturnType<typeof createErasure>;

/** Deletes for good what lies in the trash: rows first, then files, so that nothing that can be found lacks its files. */
export function createErasure(options: ErasureOptions) {
  const { database, clock, events, pointerLog, dependents, files } = options;

  /** Ids of a kind to delete, a few more than a call takes, and why others that were asked for stay. */
  async function choose(kind: TrashKind, request: EmptyRequest, left: Left): Promise<readonly string[]> {
    const until = clock.now() - (request.olderThanMs ?? 0);
    const lists = { run: request.runs, experiment: request.experiments, 'logged-model': request.loggedModels };
    if (Object.values(lists).some((list) => list !== undefined)) {
      const ids = [...new Set(lists[kind])];
      const times = await readDeletionTimes(database, kind, ids);
      const chosen = ids.filter((id) => {
        const time = times.get(id);
        if (time === undefined) left.add(id, 'it is not in the trash');
        else if (time > until) left.add(id, 'it came into the trash later than asked for');
        return time !== undefined && time <= until;
      });
      return withoutNeeded(kind, chosen, left);
    }
    const chosen: string[] = [];
    for (let after = ''; chosen.length <= MAX_THINGS; ) {
      const page = await readTrashIds(database, { kind, until, after, limit: MAX_THINGS });
      chosen.push(...(await withoutNeeded(kind, page, left)));
      const last = page.at(-1);
      if (last === undefined) break;
      after = last;
    }
    return chosen;
  }

  /** Without what other rooms need, and without the experiment that every server has. */
  async function withoutNeeded(kind: TrashKind, ids: readonly string[], left: Left): Promise<readonly string[]> {
    const needed =
      kind === 'experiment' || ids.length === 0
        ? new Map([[ref('experiment', String(DEFAULT_EXPERIMENT)), 'it is the experiment that every server has']])
        : await dependents.of(ids.map((id) => ref(kind, id)));
    return ids.filter((id) => {
      const reason = (needed as ReadonlyMap<string, string>).get(ref(kind, id));
      if (reason !== undefined) left.add(id, reason);
      return reason === undefined;
    });
  }

  function eraseThing(tx: Sql, { kind, id }: Thing): Promise<Erased | undefined> {
    return kind === 'run' ? eraseRun(tx, id) : eraseLoggedModel(tx, id);
  }

  /** Deletes the rows of things; one that was brought back in the meantime stays. @returns what was deleted */
  function eraseRows(things: readonly Thing[], actor: string, request: EmptyRequest): Promise<readonly Thing[]> {
    return database.transaction(async (tx) => {
      const gone: Thing[] = [];
      for (const thing of things) {
        const erased = await eraseThing(tx, thing);
        if (!erased) continue;
        gone.push(thing);
        const subject = ref(thing.kind, thing.id);
        if (!request.keepArtifacts) await noteErasedFiles(tx, subject, erased.root);
        await record(tx, subject, ref('experiment', String(erased.experiment)), actor, request);
      }
      return gone;
    });
  }

  async function record(tx: Sql, subject: string, from: string | null, actor: string, request: EmptyRequest) {
    const reason = request.reason ?? 'deleted for good from the trash';
    await pointerLog.record(tx, { actor, pointer: subject, from, to: null, reason });
    await events.publish(tx, {
      topic: `tracking.${subject.slice(0, subject.indexOf(':'))}.erased`,
      subject,
      payload: {},
    });
  }

  /** Deletes files whose owners are gone, also those that an earlier process left. */
  async function eraseFiles() {
    let sum = { files: 0, bytes: 0 };
    for (;;) {
      const owners = await readErasedFiles(database, THINGS_A_TRANSACTION);
      for (const { owner, root } of owners) {
        const gone = await files.remove(owner, root);
        await forgetErasedFiles(database, owner);
        sum = { files: sum.files + gone.files, bytes: sum.bytes + gone.bytes };
      }
      if (owners.length < THINGS_A_TRANSACTION) return sum;
    }
  }

  async function countFiles(things: readonly Thing[]) {
    let sum = { files: 0, bytes: 0 };
    for (const { kind, id } of things) {
      const root = await readRoot(database, kind, id);
      if (root === undefined) continue;
      const own = await files.count(root);
      sum = { files: sum.files + own.files, bytes: sum.bytes + own.bytes };
    }
    return sum;
  }

  async function eraseExperiments(numbers: readonly string[], actor: string, request: EmptyRequest, left: Left) {
    let gone = 0;
    for (const number of numbers) {
      await database.transaction(async (tx) => {
        if (await eraseExperiment(tx, Number(number))) {
          gone += 1;
          await record(tx, ref('experiment', number), null, actor, request);
        } else left.add(number, 'it still holds runs or logged models');
      });
    }
    return gone;
  }

  return {
    /**
     * Deletes for good what lies in the trash: all of it, what is older than some time, or what is named. An
     * experiment goes with everything in it. What others need, and what is not in the trash, stays.
     */
    async emptyTrash(request: EmptyRequest, actor: string): Promise<Emptied> {
      const left = new Left();
      const experiments = await choose('experiment', request, left);
      const runs = new Set(await choose('run', request, left));
      const models = new Set(await choose('logged-model', request, left));
      for (const experiment of experiments) {
        const contents = await readContents(database, Number(experiment));
        for (const run of await withoutNeeded('run', contents.runs, left)) runs.add(run);
        for (const model of await withoutNeeded('logged-model', contents.loggedModels, left)) models.add(model);
      }
      const all: Thing[] = [
        ...[...runs].map((id) => ({ kind: 'run' as const, id })),
        ...[...models].map((id) => ({ kind: 'logged-model' as const, id })),
      ];
      const things = all.slice(0, MAX_THINGS);
      const more = all.length > things.length;
      if (request.dryRun) {
        const sizes = await countFiles(request.keepArtifacts ? [] : things);
        return { ...countsOf(things), experiments: experiments.length, ...sizes, more, left: left.first };
      }
      const gone: Thing[] = [];
      for (let start = 0; start < things.length; start += THINGS_A_TRANSACTION) {
        gone.push(...(await eraseRows(things.slice(start, start + THINGS_A_TRANSACTION), actor, request)));
      }
      const sizes = await eraseFiles();
      const goneExperiments = more ? 0 : await eraseExperiments(experiments, actor, request, left);
      return { ...countsOf(gone), experiments: goneExperiments, ...sizes, more, left: left.first };
    },
  };
}

interface Thing {
  readonly kind: 'run' | 'logged-model';
  readonly id: string;
}

/** What stays, and why; the first of it. */
class Left {
  readonly first: { id: string; reason: string }[] = [];

  add(id: string, reason: string): void {
    if (this.first.length < MAX_LEFT) this.first.push({ id, reason });
  }
}

function countsOf(things: readonly Thing[]) {
  const runs = things.filter(({ kind }) => kind === 'run').length;
  return { runs, loggedModels: things.length - runs };
}
