import type { Sql } from '#platform/sql';
import type { TrackingTables } from './schema.ts';

/** A dataset as runs of an experiment used it; one of several contexts comes once for each. */
export interface DatasetUse {
  /** Number of the experiment, as text. */
  readonly experimentId: string;
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  /** What it was used for, e.g. `training`; null when not told. */
  readonly context: string | null;
  /** How many runs used it so. */
  readonly runs: number;
}

/** Datasets that runs of experiments used, by experiment, name, digest and context. */
export async function readDatasetUses(
  sql: Sql,
  experiments: readonly number[],
  limit: number,
): Promise<readonly DatasetUse[]> {
  if (experiments.length === 0) return [];
  const rows = await sql
    .tables<TrackingTables>()
    .selectFrom('tracking_dataset as d')
    .innerJoin('tracking_run_dataset as l', 'l.dataset', 'd.id')
    .select(['d.experiment', 'd.name', 'd.digest', 'd.source_type', 'd.source', 'l.context'])
    .select((e) => e.fn.countAll().as('runs'))
    .where('d.experiment', 'in', experiments)
    .groupBy(['d.id', 'd.experiment', 'd.name', 'd.digest', 'd.source_type', 'd.source', 'l.context'])
    .orderBy('d.experiment')
    .orderBy('d.id')
    .orderBy('l.context')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    experimentId: String(row.experiment),
    name: row.name,
    digest: row.digest,
    sourceType: row.source_type,
    source: row.source,
    context: row.context,
    runs: Number(row.runs),
  }));
}
