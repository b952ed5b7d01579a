import { sql as raw } from 'kysely';
import type { Sql } from '#platform/sql';
import { trackingErrors } from '../errors.ts';

/** A run as far as moving it goes. */
export interface FamilyRun {
  readonly id: string;
  /** Number of its experiment. */
  readonly experiment: number;
  readonly lifecycle: string;
  readonly parent: string | null;
}

const MAX_RUNS = 20_000;

/**
 * Runs by id and, if asked for, those that are part of them, however deep: parents before their parts.
 *
 * @throws TRACKING_RUN_NOT_FOUND, TRACKING_VALUE_INVALID when there are more than 20,000
 */
export async function readFamily(
  sql: Sql,
  ids: readonly string[],
  withChildren: boolean,
): Promise<readonly FamilyRun[]> {
  const family = new Map<string, FamilyRun>();
  let level = await readRunsWhere(sql, 'id', ids);
  const missing = ids.find((id) => !level.some((run) => run.id === id));
  if (missing !== undefined) throw trackingErrors.TRACKING_RUN_NOT_FOUND({ run: missing });
  // Level by level, so that parents that name each other end it too.
  while (level.length > 0) {
    for (const run of level) family.set(run.id, run);
    if (family.size > MAX_RUNS) {
      const problem = `stands for more than ${MAX_RUNS} runs with their parts; take fewer at a time`;
      throw trackingErrors.TRACKING_VALUE_INVALID({ field: 'runs', problem });
    }
    if (!withChildren) break;
    const parents = level.map(({ id }) => id);
    level = (await readRunsWhere(sql, 'parent', parents)).filter(({ id }) => !family.has(id));
  }
  return [...family.values()];
}

const IDS_A_QUERY = 500;

async function readRunsWhere(sql: Sql, column: 'id' | 'parent', values: readonly string[]): Promise<FamilyRun[]> {
  const runs: FamilyRun[] = [];
  for (let start = 0; start < values.length; start += IDS_A_QUERY) {
    const part = values.slice(start, start + IDS_A_QUERY);
    const { rows } = await raw<FamilyRun>`
      select id, experiment, lifecycle, parent from tracking_run where ${raw.ref(column)} in (${raw.join(part)})
      order by started_at, id`.execute(sql.tables());
    runs.push(...rows);
  }
  return runs;
}
