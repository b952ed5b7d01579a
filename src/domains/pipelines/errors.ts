import { defineErrors } from '#platform/kernel';

export const pipelinesErrors = defineErrors({
  PIPELINES_PIPELINE_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { pipeline: string; version?: number }) =>
      d.version === undefined
        ? `There is no pipeline "${d.pipeline}". List them with: trimtab pipeline list`
        : `Pipeline "${d.pipeline}" has no version ${d.version}. Leave the version out for the latest.`,
  },
  PIPELINES_DEFINITION_INVALID: {
    kind: 'invalid',
    message: (d: { pipeline: string; where: string; problem: string }) =>
      `Pipeline "${d.pipeline}" cannot be registered: ${d.where} ${d.problem}.`,
  },
  PIPELINES_RUN_INVALID: {
    kind: 'invalid',
    message: (d: { pipeline: string; problem: string }) => `Pipeline "${d.pipeline}" cannot run: ${d.problem}.`,
  },
  PIPELINES_KEY_CONFLICT: {
    kind: 'conflict',
    message: (d: { key: string; run: string }) =>
      `The idempotency key "${d.key}" belongs to run ${d.run}, which was started with other params or inputs. Use a new key.`,
  },
  PIPELINES_RUN_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { run: string }) => `There is no pipeline run "${d.run}". List them with: trimtab pipeline runs`,
  },
  PIPELINES_RUN_NOT_OVER: {
    kind: 'conflict',
    message: (d: { run: string; status: string }) =>
      `Run ${d.run} is ${d.status}. Wait for its end, or cancel it, before running it again.`,
  },
  PIPELINES_STEP_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { run: string; step: string; steps: string }) =>
      `Run ${d.run} has no step "${d.step}". Its steps: ${d.steps}.`,
  },
  PIPELINES_ATTEMPT_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { step: string; attempt: number; attempts: number }) =>
      `Step "${d.step}" has no attempt ${d.attempt}; it has had ${d.attempts}.`,
  },
  PIPELINES_FILE_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { step: string; output: string; problem: string }) =>
      `Output "${d.output}" of step "${d.step}" cannot be read: ${d.problem}.`,
  },
  PIPELINES_FILE_TOO_LARGE: {
    kind: 'too-large',
    message: (d: { limitBytes: number }) =>
      `The file is larger than ${Math.round(d.limitBytes / 1024 ** 2)} MiB. Commit it to a data repository instead and give the pipeline the commit.`,
  },
});
