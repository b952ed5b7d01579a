import type { Refusal } from '#platform/search';
import type { ErrorWords } from '../errors.ts';

export const tracingWords: ErrorWords = {
  TRACING_EXPERIMENT_NOT_FOUND: ({ experiment }) => [
    'RESOURCE_DOES_NOT_EXIST',
    `No Experiment with id=${experiment} exists`,
  ],
  TRACING_EXPERIMENT_DELETED: ({ id }) => [
    'INVALID_PARAMETER_VALUE',
    `The experiment ${id} must be in the 'active' state. Current state is deleted.`,
  ],
  TRACING_TRACE_NOT_FOUND: ({ trace }) => ['RESOURCE_DOES_NOT_EXIST', `Trace with ID '${trace}' not found.`],
  TRACING_TRACE_INCOMPLETE: ({ trace }) => [
    'RESOURCE_DOES_NOT_EXIST',
    `Trace with ID ${trace} is not fully exported yet, please try again later.`,
  ],
  TRACING_TAG_NOT_FOUND: ({ trace, key }) => [
    'RESOURCE_DOES_NOT_EXIST',
    `No trace tag with key '${key}' for trace with ID '${trace}'`,
  ],
  TRACING_ASSESSMENT_NOT_FOUND: ({ trace, assessment }) => [
    'RESOURCE_DOES_NOT_EXIST',
    `Assessment with ID '${assessment}' not found for trace '${trace}'`,
  ],
  TRACING_ASSESSMENT_KIND_FIXED: ({ kind, given }) => [
    'INVALID_PARAMETER_VALUE',
    kind === 'expectation'
      ? 'Cannot update feedback value on an Expectation assessment.'
      : `Cannot update ${given} value on a ${kind === 'feedback' ? 'Feedback' : 'Issue'} assessment.`,
  ],
  TRACING_DATASET_NOT_FOUND: ({ dataset }) => [
    'RESOURCE_DOES_NOT_EXIST',
    `Evaluation dataset with id '${dataset}' not found`,
  ],
  TRACING_FILTER_INVALID: (details) => ['INVALID_PARAMETER_VALUE', refusalText(details as unknown as Refusal)],
};

const ENTITIES = "['attribute', 'tag', 'request_metadata', 'span', 'feedback', 'expectation', 'issue']";

function refusalText({ text, problem, reason }: Refusal): string {
  if (reason.kind === 'entity') return `Invalid entity type '${reason.found}'. Valid values are ${ENTITIES}`;
  if (reason.kind === 'key' && reason.entity === 'span') {
    return `Invalid span attribute '${reason.found}'. Supported attributes: name, status, type, attributes.<attribute_name>.`;
  }
  if (reason.kind === 'key') return `Invalid attribute key '${reason.found}' specified: ${problem}.`;
  if (reason.kind === 'operator') return `Invalid comparator '${reason.found}' for ${reason.field.key}: ${problem}.`;
  return `Invalid clause(s) in filter string: '${text}'. ${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`;
}
