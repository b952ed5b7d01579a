import { defineErrors } from '#platform/kernel';

export const openInferenceErrors = defineErrors({
  OPEN_INFERENCE_MALFORMED: {
    kind: 'invalid',
    message: (d: { where: string; problem: string }) => `${d.where} ${d.problem}`,
  },
  OPEN_INFERENCE_MODEL_UNKNOWN: {
    kind: 'not-found',
    // Public clients look for these first words.
    message: (d: { model: string; version?: string }) =>
      `Request for unknown model: '${d.model}'${d.version === undefined ? '' : ` version ${d.version}`} is not found`,
  },
});
