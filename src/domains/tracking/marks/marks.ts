import type { Clock } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { touchRun } from '../batch-writer.ts';
import { assertText, assertTexts, MAX_TAG_VALUE } from '../core/checks.ts';
import type { RunLinks } from '../run-links.ts';
import type { RunNews } from '../run-news.ts';
import { deleteTag } from '../store/run-store.ts';

/** Marks are tags, so that MLflow's clients see and set them too. */
const TAGS = { pinned: 'trimtab.pinned', archived: 'trimtab.archived', group: 'trimtab.group' } as const;
const NOTE_TAG = 'mlflow.note.content';
const MAX_GROUP = 250;

export interface Marks {
  readonly pinned?: boolean | undefined;
  readonly archived?: boolean | undefined;
  /** Null for none. */
  readonly group?: string | null | undefined;
  /** Other tags; null takes one away. */
  readonly tags?: Readonly<Record<string, string | null>> | undefined;
}

interface RunMarksOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly news: RunNews;
  readonly links: RunLinks;
}

export type RunMarks = ReturnType<typeof createRunMarks>;

export function createRunMarks({ database, clock, news, links }: RunMarksOptions) {
  /** Sets tags of runs, and takes away those that are null; all runs or none. */
  async function setTags(runs: readonly string[], tags: ReadonlyMap<string, string | null>): Promise<number> {
    const set = new Map([...tags].flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
    assertTexts('tag', set);
    const removed = [...tags.keys()].filter((key) => !set.has(key));
    // In one order everywhere, so that two writers wait for each other instead of for ever.
    const ids = [...new Set(runs)].sort();
    await database.transaction(async (tx) => {
      for (const run of ids) {
        await touchRun(tx, run, clock.now());
        await links.setTags(tx, run, set);
        for (const key of removed) await deleteTag(tx, run, key);
        await news.tell(tx, run, 'changed');
      }
    });
    return ids.length;
  }

  return {
    /** Pins, archives, groups or tags runs, all or none; what is left out stays. @returns how many runs were marked */
    async markRuns(runs: readonly string[], { pinned, archived, group, tags: others = {} }: Marks): Promise<number> {
      if (group) assertText('group', group, MAX_GROUP);
      const tags = new Map<string, string | null>(Object.entries(others));
      if (pinned !== undefined) tags.set(TAGS.pinned, pinned ? 'true' : null);
      if (archived !== undefined) tags.set(TAGS.archived, archived ? 'true' : null);
      if (group !== undefined) tags.set(TAGS.group, group);
      return setTags(runs, tags);
    },

    /** Writes the note of a run; an empty one takes it away. */
    async setRunNote(run: string, text: string): Promise<void> {
      assertText('text', text, MAX_TAG_VALUE);
      await setTags([run], new Map([[NOTE_TAG, text === '' ? null : text]]));
    },
  };
}
