import type { Tracing } from '#domains/tracing';
import { endpoint, type MlflowEndpoint } from '../endpoint.ts';
import { invalid } from '../errors.ts';
import type { Message } from '../message.ts';
import { assessmentIn, assessmentJson, verdictIn } from './assessment-json.ts';
import { textMap } from './texts.ts';

const ROOT = '/3.0/mlflow/traces/:trace_id/assessments';

/** What people, judges and programs think of traces. */
export function assessmentEndpoints(tracing: Tracing): readonly MlflowEndpoint[] {
  return [
    endpoint('POST', ROOT, async ({ message, path }) => {
      const { id, createdAtMs, ...content } = assessmentIn(required(message));
      const made = await tracing.addAssessment(path.trace_id ?? '', content, { id, createdAtMs });
      return { assessment: assessmentJson(made) };
    }),
    endpoint('GET', `${ROOT}/:assessment_id`, async ({ path }) => ({
      assessment: assessmentJson(await tracing.getAssessment(path.trace_id ?? '', path.assessment_id ?? '')),
    })),
    endpoint('PATCH', `${ROOT}/:assessment_id`, async ({ message, path }) => {
      const change = changeIn(required(message), maskIn(message));
      const changed = await tracing.changeAssessment(path.trace_id ?? '', path.assessment_id ?? '', change);
      return { assessment: assessmentJson(changed) };
    }),
    endpoint('DELETE', `${ROOT}/:assessment_id`, async ({ path }) => {
      await tracing.deleteAssessment(path.trace_id ?? '', path.assessment_id ?? '');
      return {};
    }),
  ];
}

function required(message: Message): Message {
  const assessment = message.message('assessment');
  if (!assessment) throw message.missing('assessment');
  return assessment;
}

/** Names of the fields to change: protobuf writes them in one text, in camel case. */
function maskIn(message: Message): ReadonlySet<string> {
  const mask = message.raw('update_mask');
  const listed = typeof mask === 'object' ? message.message('update_mask')?.texts('paths') : undefined;
  const names = listed ?? message.text('update_mask')?.split(',');
  if (!names) throw message.missing('update_mask');
  return new Set(names.map((name) => name.trim().replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)));
}

function changeIn(assessment: Message, mask: ReadonlySet<string>): Parameters<Tracing['changeAssessment']>[2] {
  if (mask.has('expectation') && mask.has('feedback')) {
    throw invalid('Cannot specify both `expectation` and `feedback` parameters.');
  }
  return {
    ...(mask.has('assessment_name') ? { name: assessment.requiredText('assessment_name') } : {}),
    ...(mask.has('rationale') ? { rationale: assessment.text('rationale') ?? '' } : {}),
    ...(mask.has('metadata') ? { metadata: textMap(assessment, 'metadata') } : {}),
    ...(mask.has('expectation') || mask.has('feedback') ? { verdict: verdictIn(assessment) } : {}),
  };
}
