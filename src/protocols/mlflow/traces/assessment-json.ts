import type {
  Assessment,
  AssessmentContent,
  AssessmentError,
  AssessmentKind,
  AssessmentSource,
} from '#domains/tracing';
import { invalid } from '../errors.ts';
import type { Message } from '../message.ts';
import { textMap } from './texts.ts';
import { timeIn, timestampText } from './times.ts';

const SOURCES: Readonly<Record<AssessmentSource['kind'], string>> = {
  unknown: 'SOURCE_TYPE_UNSPECIFIED',
  human: 'HUMAN',
  judge: 'LLM_JUDGE',
  code: 'CODE',
};

export function assessmentJson(assessment: Assessment): object {
  const { span, rationale, metadata, overrides, source } = assessment;
  return {
    assessment_id: assessment.id,
    assessment_name: assessment.name,
    trace_id: assessment.trace,
    ...(span === null ? {} : { span_id: span }),
    source: { source_type: SOURCES[source.kind], source_id: source.id },
    create_time: timestampText(assessment.createdAtMs),
    last_update_time: timestampText(assessment.changedAtMs),
    ...verdictJson(assessment),
    ...(rationale === null ? {} : { rationale }),
    ...(metadata.size === 0 ? {} : { metadata: Object.fromEntries(metadata) }),
    ...(overrides === null ? {} : { overrides }),
    valid: assessment.valid,
  };
}

function verdictJson({ kind, value, error }: Assessment): object {
  if (kind === 'issue') return { issue: { issue_name: String(value) } };
  if (kind === 'feedback') return { feedback: { value: value ?? null, ...(error ? { error: errorJson(error) } : {}) } };
  if (value === null || typeof value !== 'object') return { expectation: { value: value ?? null } };
  const serialized = { serialization_format: 'JSON_FORMAT', value: JSON.stringify(value) };
  return { expectation: { serialized_value: serialized } };
}

function errorJson({ code, message, stackTrace }: AssessmentError): object {
  return {
    ...(code === null ? {} : { error_code: code }),
    ...(message === null ? {} : { error_message: message }),
    ...(stackTrace === null ? {} : { stack_trace: stackTrace }),
  };
}

/** What a client tells of a new assessment. */
export function assessmentIn(message: Message): AssessmentContent & { id?: string; createdAtMs?: number } {
  const id = message.text('assessment_id') || undefined;
  const createdAtMs = timeIn(message, 'create_time');
  return {
    ...{ name: message.requiredText('assessment_name'), source: sourceIn(message.message('source')) },
    ...verdictIn(message),
    rationale: message.text('rationale') || null,
    metadata: textMap(message, 'metadata'),
    span: message.text('span_id') || null,
    overrides: message.text('overrides') || null,
    ...(id === undefined ? {} : { id }),
    ...(createdAtMs === undefined ? {} : { createdAtMs }),
  };
}

export interface Verdict {
  readonly kind: AssessmentKind;
  readonly value: unknown;
  readonly error: AssessmentError | null;
}

/** The verdict of an assessment: feedback, an expectation or an issue. */
export function verdictIn(message: Message): Verdict {
  const feedback = message.message('feedback');
  if (feedback) {
    const error = feedback.message('error') ?? message.message('error');
    return { kind: 'feedback', value: feedback.raw('value') ?? null, error: error ? errorIn(error) : null };
  }
  const expectation = message.message('expectation');
  if (expectation) return { kind: 'expectation', value: expectedIn(expectation), error: null };
  const issue = message.message('issue');
  if (issue) return { kind: 'issue', value: issue.requiredText('issue_name'), error: null };
  throw invalid(`Unknown assessment type: ${message.pathOf('feedback')} or expectation must be given.`);
}

function expectedIn(expectation: Message): unknown {
  const serialized = expectation.message('serialized_value');
  if (!serialized) return expectation.raw('value') ?? null;
  const format = serialized.text('serialization_format');
  if (format !== 'JSON_FORMAT') {
    throw invalid(`Unknown serialization format: ${format}. Only JSON_FORMAT is supported.`);
  }
  try {
    return JSON.parse(serialized.requiredText('value')) as unknown;
  } catch {
    throw serialized.invalidValue('value', 'It must be JSON.');
  }
}

function errorIn(error: Message): AssessmentError {
  return {
    code: error.text('error_code') ?? null,
    message: error.text('error_message') ?? null,
    stackTrace: error.text('stack_trace') ?? null,
  };
}

function sourceIn(source: Message | undefined): AssessmentSource {
  const told = source?.text('source_type') ?? '';
  // Older clients say AI_JUDGE.
  const kinds = Object.keys(SOURCES) as AssessmentSource['kind'][];
  const kind = told === 'AI_JUDGE' ? 'judge' : (kinds.find((known) => SOURCES[known] === told) ?? 'unknown');
  return { kind, id: source?.text('source_id') ?? '' };
}
