import { type Clock, systemClock } from '#platform/kernel';
import type { Database, Migration } from '#platform/sql';
import { serverErrors } from './errors.ts';

interface Tables {
  server_setting: { name: string; value: string };
}

export const serverMigrations: readonly Migration[] = [
  {
    id: 'server-001-settings',
    up: (sql) =>
      sql
        .tables<Tables>()
        .schema.createTable('server_setting')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('value', 'text', (c) => c.notNull())
        .execute(),
  },
];

/** The time of the world that is being watched: the machine's, or a simulated one that survives restarts. */
export interface TimelineClock extends Clock {
  readonly simulated: boolean;
  /**
   * Moves a simulated clock forward; a time already reached changes nothing.
   * @throws SERVER_CLOCK_REAL on a real one
   */
  move(nowMs: number): Promise<void>;
}

/** Opens the timeline: real time unless a start is given; a simulated one continues where it stood. */
export async function openTimeline(database: Database, simulatedStartMs: number | undefined): Promise<TimelineClock> {
  if (simulatedStartMs === undefined) {
    return {
      simulated: false,
      now: () => systemClock.now(),
      move: async () => {
        throw serverErrors.SERVER_CLOCK_REAL({});
      },
    };
  }
  const row = await database
    .tables<Tables>()
    .selectFrom('server_setting')
    .select('value')
    .where('name', '=', 'timeline')
    .executeTakeFirst();
  let nowMs = Math.max(simulatedStartMs, Number(row?.value ?? 0));
  return {
    simulated: true,
    now: () => nowMs,
    move: async (toMs) => {
      if (toMs <= nowMs) return;
      const value = String(toMs);
      await database
        .tables<Tables>()
        .insertInto('server_setting')
        .values({ name: 'timeline', value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute();
      nowMs = toMs;
    },
  };
}
