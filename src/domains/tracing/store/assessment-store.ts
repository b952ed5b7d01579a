import type { Sql } from '#platform/sql';
import type { Assessment, AssessmentError, AssessmentKind, AssessmentSource } from '../model.ts';
import type { TracingTables } from './schema.ts';

type AssessmentRow = TracingTables['tracing_assessment'];

/** False when the trace has one of the id already. */
export async function insertAssessment(tx: Sql, assessment: Assessment): Promise<boolean> {
  const row = rowOf(assessment);
  const written = await tx.insertRows('tracing_assessment', Object.keys(row), [Object.values(row)], {
    onConflict: 'ignore',
  });
  return written === 1;
}

export async function updateAssessment(tx: Sql, assessment: Assessment): Promise<void> {
  const { id, trace, ...row } = rowOf(assessment);
  await tx
    .tables<TracingTables>()
    .updateTable('tracing_assessment')
    .set(row)
    .where('trace', '=', trace)
    .where('id', '=', id)
    .execute();
}

/** Says whether an assessment counts. False when there is none of the id. */
export async function setValid(tx: Sql, trace: string, id: string, valid: boolean): Promise<boolean> {
  const result = await tx
    .tables<TracingTables>()
    .updateTable('tracing_assessment')
    .set({ valid: valid ? 1 : 0 })
    .where('trace', '=', trace)
    .where('id', '=', id)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

export async function removeAssessment(tx: Sql, trace: string, id: string): Promise<void> {
  await tx
    .tables<TracingTables>()
    .deleteFrom('tracing_assessment')
    .where('trace', '=', trace)
    .where('id', '=', id)
    .execute();
}

export async function findAssessment(sql: Sql, trace: string, id: string): Promise<Assessment | undefined> {
  return (await readAssessments(sql, [trace])).get(trace)?.find((assessment) => assessment.id === id);
}

/** By trace, oldest first. */
export async function readAssessments(
  sql: Sql,
  traces: readonly string[],
): Promise<ReadonlyMap<string, readonly Assessment[]>> {
  const assessments = new Map<string, Assessment[]>();
  const rows = await sql
    .tables<TracingTables>()
    .selectFrom('tracing_assessment')
    .selectAll()
    .where('trace', 'in', traces)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  for (const row of rows) {
    const own = assessments.get(row.trace) ?? [];
    assessments.set(row.trace, own);
    own.push(assessmentOf(row));
  }
  return assessments;
}

function rowOf(assessment: Assessment): AssessmentRow {
  const { value, error, source } = assessment;
  return {
    id: assessment.id,
    trace: assessment.trace,
    name: assessment.name,
    kind: assessment.kind,
    value: JSON.stringify(value ?? null),
    value_text: typeof value === 'string' ? value : JSON.stringify(value ?? null),
    value_number: numberOf(value),
    error: error && JSON.stringify(error),
    source_kind: source.kind,
    source_id: source.id,
    rationale: assessment.rationale,
    metadata: JSON.stringify(Object.fromEntries(assessment.metadata)),
    span: assessment.span,
    overrides: assessment.overrides,
    valid: assessment.valid ? 1 : 0,
    created_at: assessment.createdAtMs,
    changed_at: assessment.changedAtMs,
  };
}

/** Verdicts of yes and no count as 1 and 0. */
function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (value === true || value === 'yes') return 1;
  return value === false || value === 'no' ? 0 : null;
}

function assessmentOf(row: AssessmentRow): Assessment {
  return {
    id: row.id,
    trace: row.trace,
    name: row.name,
    // Only this store writes these columns, and only from the typed model.
    kind: row.kind as AssessmentKind,
    value: JSON.parse(row.value),
    error: row.error === null ? null : (JSON.parse(row.error) as AssessmentError),
    source: { kind: row.source_kind as AssessmentSource['kind'], id: row.source_id },
    rationale: row.rationale,
    metadata: new Map(Object.entries(JSON.parse(row.metadata) as Record<string, string>)),
    span: row.span,
    overrides: row.overrides,
    valid: row.valid === 1,
    createdAtMs: row.created_at,
    changedAtMs: row.changed_at,
  };
}
