import type { Direction, PrunerChoice, SamplerChoice } from '#contract';
import type { Sql } from '#platform/sql';
import type { SearchSpace, StoredStudy } from '../model.ts';
import type { TuningTables } from './schema.ts';

/** False when the name is taken. */
export async function insertStudy(tx: Sql, study: StoredStudy): Promise<boolean> {
  const row: TuningTables['tuning_study'] = {
    name: study.name,
    directions: JSON.stringify(study.directions),
    space: JSON.stringify(study.space),
    sampler: JSON.stringify(study.sampler),
    pruner: JSON.stringify(study.pruner),
    experiment: study.experiment,
    created_by: study.createdBy,
    created_at: study.createdAtMs,
    asked: study.asked,
    ended: 0,
  };
  return (await tx.insertRows('tuning_study', Object.keys(row), [Object.values(row)], { onConflict: 'ignore' })) === 1;
}

export async function findStudy(sql: Sql, name: string): Promise<StoredStudy | undefined> {
  const row = await sql
    .tables<TuningTables>()
    .selectFrom('tuning_study')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst();
  return row && toStudy(row);
}

export async function readStudies(sql: Sql): Promise<readonly StoredStudy[]> {
  const rows = await sql
    .tables<TuningTables>()
    .selectFrom('tuning_study')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('name')
    .execute();
  return rows.map(toStudy);
}

/** Takes the next trial's number if it still is `asked`; false when another ask was faster. */
export async function takeNumber(tx: Sql, study: string, asked: number): Promise<boolean> {
  const result = await tx
    .tables<TuningTables>()
    .updateTable('tuning_study')
    .set({ asked: asked + 1 })
    .where('name', '=', study)
    .where('asked', '=', asked)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/** The next number in the order of ends. Holds the study until the transaction is over, so numbers are seen in order. */
export async function takeEndOrder(tx: Sql, study: string): Promise<number> {
  const row = await tx
    .tables<TuningTables>()
    .updateTable('tuning_study')
    .set((e) => ({ ended: e('ended', '+', 1) }))
    .where('name', '=', study)
    .returning('ended')
    .executeTakeFirstOrThrow();
  return row.ended;
}

function toStudy(row: TuningTables['tuning_study']): StoredStudy {
  return {
    name: row.name,
    // Written by insertStudy and nobody else.
    directions: JSON.parse(row.directions) as Direction[],
    space: JSON.parse(row.space) as SearchSpace,
    sampler: JSON.parse(row.sampler) as Required<SamplerChoice>,
    pruner: JSON.parse(row.pruner) as Required<PrunerChoice>,
    experiment: row.experiment,
    createdBy: row.created_by,
    createdAtMs: row.created_at,
    asked: row.asked,
  };
}
