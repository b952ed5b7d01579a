import { type Clock, newId, type Rng } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { tracingErrors } from './errors.ts';
import type { Assessment, AssessmentContent, AssessmentError, AssessmentKind, Texts } from './model.ts';
import {
  findAssessment,
  insertAssessment,
  readAssessments,
  removeAssessment,
  setValid,
  updateAssessment,
} from './store/assessment-store.ts';
import { lockTrace } from './store/trace-store.ts';

interface AssessmentsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly rng: Rng;
}

interface AssessmentChange {
  readonly name?: string | undefined;
  readonly rationale?: string | undefined;
  /** Added to what is there. */
  readonly metadata?: Texts | undefined;
  /** A verdict of the assessment's own kind. */
  readonly verdict?:
    | { readonly kind: AssessmentKind; readonly value: unknown; readonly error?: AssessmentError | null }
    | undefined;
}

export function newAssessmentId(clock: Clock, rng: Rng): string {
  return `a-${newId(clock, rng)}`;
}

/** What people, judges and programs think of traces. One that replaces another keeps it, as no longer valid. */
export function createAssessments({ database, clock, rng }: AssessmentsOptions) {
  function change<Result>(trace: string, work: (tx: Sql) => Promise<Result>): Promise<Result> {
    return database.transaction(async (tx) => {
      if (!(await lockTrace(tx, trace))) throw tracingErrors.TRACING_TRACE_NOT_FOUND({ trace });
      return work(tx);
    });
  }

  async function get(sql: Sql, trace: string, id: string): Promise<Assessment> {
    const assessment = await findAssessment(sql, trace, id);
    if (!assessment) throw tracingErrors.TRACING_ASSESSMENT_NOT_FOUND({ trace, assessment: id });
    return assessment;
  }

  return {
    /** @throws TRACING_ASSESSMENT_NOT_FOUND when the one to replace is not there */
    addAssessment(
      trace: string,
      content: AssessmentContent,
      told: { readonly id?: string | undefined; readonly createdAtMs?: number | undefined } = {},
    ): Promise<Assessment> {
      const nowMs = clock.now();
      const id = told.id || newAssessmentId(clock, rng);
      const assessment: Assessment = {
        ...content,
        ...{ id, trace, valid: true, createdAtMs: told.createdAtMs ?? nowMs, changedAtMs: nowMs },
      };
      return change(trace, async (tx) => {
        const { overrides } = assessment;
        if (overrides !== null && !(await setValid(tx, trace, overrides, false))) {
          throw tracingErrors.TRACING_ASSESSMENT_NOT_FOUND({ trace, assessment: overrides });
        }
        // Sent again by a client that heard no answer.
        await insertAssessment(tx, assessment);
        return get(tx, trace, id);
      });
    },

    async getAssessment(trace: string, id: string): Promise<Assessment> {
      const assessment = await findAssessment(database, trace, id);
      if (assessment) return assessment;
      return change(trace, (tx) => get(tx, trace, id));
    },

    changeAssessment: (trace: string, id: string, request: AssessmentChange): Promise<Assessment> =>
      change(trace, async (tx) => {
        const known = await get(tx, trace, id);
        const { verdict, metadata = new Map() } = request;
        if (verdict && verdict.kind !== known.kind) {
          const { kind } = known;
          throw tracingErrors.TRACING_ASSESSMENT_KIND_FIXED({ assessment: id, kind, given: verdict.kind });
        }
        const changed: Assessment = {
          ...known,
          name: request.name ?? known.name,
          rationale: request.rationale ?? known.rationale,
          metadata: new Map([...known.metadata, ...metadata]),
          ...(verdict ? { value: verdict.value, error: verdict.error ?? null } : {}),
          changedAtMs: clock.now(),
        };
        await updateAssessment(tx, changed);
        return changed;
      }),

    /** Takes an assessment back; the one it replaced counts again. One that is gone already is passed over. */
    deleteAssessment: (trace: string, id: string): Promise<void> =>
      change(trace, async (tx) => {
        const known = (await readAssessments(tx, [trace])).get(trace) ?? [];
        const gone = known.find((assessment) => assessment.id === id);
        if (!gone) return;
        await removeAssessment(tx, trace, id);
        const { overrides } = gone;
        const stillReplaced = known.some((other) => other.id !== id && other.overrides === overrides);
        if (overrides !== null && !stillReplaced) await setValid(tx, trace, overrides, true);
      }),
  };
}
