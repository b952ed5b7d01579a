import { defineErrors } from '#platform/kernel';
import type { Refusal } from '#platform/search';

export const tracingErrors = defineErrors({
  TRACING_EXPERIMENT_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { experiment: string }) =>
      `There is no experiment "${d.experiment}". List them with: trimtab run experiments`,
  },
  TRACING_EXPERIMENT_DELETED: {
    kind: 'conflict',
    message: (d: { experiment: string; id: string }) =>
      `Experiment "${d.experiment}" is deleted, so no trace can be written to it. Restore it first with POST /api/experiments/restore`,
  },
  TRACING_TRACE_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { trace: string }) => `There is no trace "${d.trace}". List traces with: trimtab trace list`,
  },
  TRACING_TRACE_INCOMPLETE: {
    kind: 'not-found',
    message: (d: { trace: string; stored: number; expected: number }) =>
      `Of the ${d.expected} spans of trace "${d.trace}" ${d.stored} have arrived. Ask again in a moment, or ask for what is there.`,
  },
  TRACING_VALUE_INVALID: {
    kind: 'invalid',
    message: (d: { field: string; problem: string }) => `${d.field} cannot be taken: ${d.problem}.`,
  },
  TRACING_TAG_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { trace: string; key: string }) =>
      `Trace "${d.trace}" has no tag "${d.key}", so it cannot be removed.`,
  },
  TRACING_ASSESSMENT_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { trace: string; assessment: string }) =>
      `Trace "${d.trace}" has no assessment "${d.assessment}". GET /api/traces/${d.trace} lists them.`,
  },
  TRACING_ASSESSMENT_KIND_FIXED: {
    kind: 'conflict',
    message: (d: { assessment: string; kind: string; given: string }) =>
      `Assessment "${d.assessment}" is a ${d.kind} and stays one; it cannot be given the value of a ${d.given}. Make another one.`,
  },
  TRACING_DATASET_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { dataset: string }) =>
      `There is no evaluation dataset "${d.dataset}". List them with: trimtab trace datasets list`,
  },
  TRACING_FILTER_INVALID: {
    kind: 'invalid',
    message: (d: Refusal) =>
      `The search cannot be read at character ${d.at + 1} of "${d.text}": ${d.problem}. Example: status = 'ERROR' and execution_time_ms > 500`,
  },
  TRACING_PAGE_TOKEN_INVALID: {
    kind: 'invalid',
    message: (_: object) => 'The page token belongs to another search. Start again without one.',
  },
});
