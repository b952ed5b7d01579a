import { defineErrors } from '#platform/kernel';

export const monitoringErrors = defineErrors({
  MONITORING_MONITOR_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { monitor: string }) => `There is no monitor "${d.monitor}". List them with: trimtab monitor list`,
  },
  MONITORING_MONITOR_EXISTS: {
    kind: 'conflict',
    message: (d: { monitor: string; difference: string }) =>
      `Monitor "${d.monitor}" exists with another ${d.difference}. Change it, or choose another name.`,
  },
  MONITORING_MONITOR_CONFLICT: {
    kind: 'conflict',
    message: (d: { monitor: string }) =>
      `Monitor "${d.monitor}" was changed at the same moment. Look at it and repeat your change.`,
  },
  MONITORING_REFERENCE_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { reference: string }) =>
      `There is no reference "${d.reference}". A training run stores one; its id is the digest of its content.`,
  },
  MONITORING_REFERENCE_INVALID: {
    kind: 'invalid',
    message: (d: { problem: string }) => `This is no frozen reference: ${d.problem}. Make it with freezeReference.`,
  },
  MONITORING_FEATURE_UNKNOWN: {
    kind: 'invalid',
    message: (d: { feature: string; known: readonly string[] }) =>
      `The reference has no column "${d.feature}". It has: ${d.known.join(', ')}.`,
  },
  MONITORING_RULES_INVALID: {
    kind: 'invalid',
    message: (d: { problem: string }) => `These rules contradict each other: ${d.problem}.`,
  },
  MONITORING_WINDOW_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { monitor: string; start: string }) =>
      `Monitor "${d.monitor}" has no window that starts at ${d.start}. List them with: trimtab monitor windows ${d.monitor}`,
  },
  MONITORING_LABEL_INVALID: {
    kind: 'invalid',
    message: (d: { inferenceId: string; value: string }) =>
      `The label of "${d.inferenceId}" is ${d.value}; give 0 or 1. No label of this request was recorded.`,
  },
});
