import { sql as raw } from 'kysely';
import type { Sql } from '#platform/sql';

/** Copies what hangs on a run and does not depend on its experiment: params, tags, models, histories. */
export async function copyHangings(tx: Sql, from: string, to: string): Promise<void> {
  const run = (statement: ReturnType<typeof raw>) => statement.execute(tx.tables());
  await run(raw`insert into tracking_param (run, key, value, number_value)
    select ${to}, key, value, number_value from tracking_param where run = ${from}`);
  await run(raw`insert into tracking_tag (run, key, value)
    select ${to}, key, value from tracking_tag where run = ${from}`);
  await run(raw`insert into tracking_run_model (run, direction, model, step)
    select ${to}, direction, model, step from tracking_run_model where run = ${from}`);
  await run(raw`insert into tracking_series (run, key, step, at_ms, value, is_nan, min_value, max_value)
    select ${to}, key, step, at_ms, value, is_nan, min_value, max_value from tracking_series where run = ${from}`);
  await run(raw`insert into tracking_point (series, step, at_ms, value, is_nan)
    select copied.id, p.step, p.at_ms, p.value, p.is_nan from tracking_series original
    join tracking_series copied on copied.run = ${to} and copied.key = original.key
    join tracking_point p on p.series = original.id where original.run = ${from}`);
}
