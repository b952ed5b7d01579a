import type { Sql } from '#platform/sql';
import type { ParamValues, Report, Trial, TrialEnd, TrialState } from '../model.ts';
import type { TuningTables } from './schema.ts';

type TrialRow = TuningTables['tuning_trial'];

/** A report with the time it was first made. */
export interface TimedReport extends Report {
  readonly atMs: number;
}

/** Adds a running trial; false when the number or the key is taken. */
export async function insertTrial(tx: Sql, trial: Trial, key: string | null): Promise<boolean> {
  const row: TrialRow = {
    study: trial.study,
    number: trial.number,
    ask_key: key,
    state: trial.state,
    params: JSON.stringify(trial.params),
    end_values: null,
    objective: null,
    run: trial.run,
    words: null,
    started_at: trial.startedAtMs,
    ended_at: null,
    end_order: null,
  };
  return (await tx.insertRows('tuning_trial', Object.keys(row), [Object.values(row)], { onConflict: 'ignore' })) === 1;
}

export async function findTrial(sql: Sql, study: string, number: number): Promise<Trial | undefined> {
  const row = await trialsOf(sql, study).where('number', '=', number).executeTakeFirst();
  return row && toTrial(row);
}

export async function findTrialByKey(sql: Sql, study: string, key: string): Promise<Trial | undefined> {
  const row = await trialsOf(sql, study).where('ask_key', '=', key).executeTakeFirst();
  return row && toTrial(row);
}

export interface TrialQuery {
  readonly state?: TrialState;
  /** Only numbers above this. */
  readonly after?: number;
  readonly limit: number;
}

/** Trials by number. */
export async function readTrials(sql: Sql, study: string, { state, after, limit }: TrialQuery): Promise<Trial[]> {
  let query = trialsOf(sql, study).orderBy('number').limit(limit);
  if (state !== undefined) query = query.where('state', '=', state);
  if (after !== undefined) query = query.where('number', '>', after);
  return (await query.execute()).map(toTrial);
}

/** Trials that ended after the first `ended` ends, in that order, with their end's order. */
export async function readEnded(sql: Sql, study: string, ended: number) {
  const rows = await trialsOf(sql, study).where('end_order', '>', ended).orderBy('end_order').execute();
  return rows.map((row) => ({ trial: toTrial(row), endOrder: row.end_order ?? 0 }));
}

export async function readRunning(sql: Sql, study: string): Promise<Trial[]> {
  const rows = await trialsOf(sql, study).where('end_order', 'is', null).orderBy('number').execute();
  return rows.map(toTrial);
}

/** Ends a trial that runs; false when it is over already. */
export async function endTrial(
  tx: Sql,
  trial: Pick<Trial, 'study' | 'number'>,
  end: TrialEnd,
  at: { readonly endedAtMs: number; readonly endOrder: number },
): Promise<boolean> {
  const result = await tx
    .tables<TuningTables>()
    .updateTable('tuning_trial')
    .set({
      state: end.state,
      end_values: end.values && JSON.stringify(end.values.map(toText)),
      objective: end.state === 'complete' ? (end.values?.[0] ?? null) : null,
      words: end.words,
      ended_at: at.endedAtMs,
      end_order: at.endOrder,
    })
    .where('study', '=', trial.study)
    .where('number', '=', trial.number)
    .where('state', '=', 'running')
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

export async function countStates(sql: Sql, study: string): Promise<Record<TrialState, number>> {
  const rows = await sql
    .tables<TuningTables>()
    .selectFrom('tuning_trial')
    .select((e) => ['state', e.fn.countAll().as('trials')])
    .where('study', '=', study)
    .groupBy('state')
    .execute();
  const counts = { running: 0, complete: 0, pruned: 0, failed: 0 };
  for (const { state, trials } of rows) counts[state as TrialState] = Number(trials);
  return counts;
}

/** The best complete trial of a study with one objective; of equals the first. */
export async function findBest(sql: Sql, study: string, direction: 'asc' | 'desc'): Promise<Trial | undefined> {
  const row = await trialsOf(sql, study)
    .where('state', '=', 'complete')
    .orderBy('objective', direction)
    .orderBy('number')
    .limit(1)
    .executeTakeFirst();
  return row && toTrial(row);
}

/** Adds a report, unless the trial has one of the step. @returns the report that stands */
export async function addReport(tx: Sql, trial: Trial, report: TimedReport): Promise<TimedReport> {
  const isNan = Number.isNaN(report.value);
  const { study, number } = trial;
  const row = [study, number, report.step, isNan ? 0 : report.value, isNan ? 1 : 0, report.atMs];
  const columns = ['study', 'number', 'step', 'value', 'is_nan', 'at_ms'];
  if ((await tx.insertRows('tuning_report', columns, [row], { onConflict: 'ignore' })) === 1) return report;
  return (await findReport(tx, trial, report.step)) ?? report;
}

export async function findReport(sql: Sql, { study, number }: Trial, step: number): Promise<TimedReport | undefined> {
  const row = await sql
    .tables<TuningTables>()
    .selectFrom('tuning_report')
    .selectAll()
    .where('study', '=', study)
    .where('number', '=', number)
    .where('step', '=', step)
    .executeTakeFirst();
  return row && { ...toReport(row), atMs: row.at_ms };
}

const NUMBERS_A_QUERY = 500;

/** Reports by trial, each list by step. */
export async function readReports(
  sql: Sql,
  study: string,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, readonly Report[]>> {
  const reports = new Map<number, Report[]>();
  for (let start = 0; start < numbers.length; start += NUMBERS_A_QUERY) {
    const rows = await sql
      .tables<TuningTables>()
      .selectFrom('tuning_report')
      .selectAll()
      .where('study', '=', study)
      .where('number', 'in', numbers.slice(start, start + NUMBERS_A_QUERY))
      .orderBy('number')
      .orderBy('step')
      .execute();
    for (const row of rows) {
      const own = reports.get(row.number);
      if (own) own.push(toReport(row));
      else reports.set(row.number, [toReport(row)]);
    }
  }
  return reports;
}

function trialsOf(sql: Sql, study: string) {
  return sql.tables<TuningTables>().selectFrom('tuning_trial').selectAll().where('study', '=', study);
}

function toReport(row: TuningTables['tuning_report']): Report {
  return { step: row.step, value: row.is_nan ? Number.NaN : row.value };
}

function toTrial(row: TrialRow): Trial {
  return {
    study: row.study,
    number: row.number,
    // Only this store writes these columns, and only from the typed model.
    state: row.state as TrialState,
    params: JSON.parse(row.params) as ParamValues,
    values: row.end_values === null ? null : (JSON.parse(row.end_values) as (number | string)[]).map(Number),
    run: row.run,
    words: row.words,
    startedAtMs: row.started_at,
    endedAtMs: row.ended_at,
  };
}

/** JSON has no infinities and no NaN; as text they are read back by Number. */
function toText(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
