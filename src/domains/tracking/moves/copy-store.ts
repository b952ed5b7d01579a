import { sql as raw } from 'kysely';
import type { Sql } from '#platform/sql';
import { copyHistories } from '../store/point-store.ts';

/** Copies what hangs on a run and does not depend on its experiment: params, tags, models, histories. */
export async function copyHangings(tx: Sql, from: string, to: string): Promise<void> {
  const run = (statement: ReturnType<typeof raw>) => statement.execute(tx.tables());
  await run(raw`insert into tracking_param (run, key, value, number_value)
    select ${to}, key, value, number_value from tracking_param where run = ${from}`);
  await run(raw`insert into tracking_tag (run, key, value)
    select ${to}, key, value from tracking_tag where run = ${from}`);
  await run(raw`insert into tracking_run_model (run, direction, model, step)
    select ${to}, direction, model, step from tracking_run_model where run = ${from}`);
  await copyHistories(tx, from, to);
}
