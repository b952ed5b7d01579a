import { defineErrors } from '#platform/kernel';
import type { Refusal } from '#platform/search';

export const trackingErrors = defineErrors({
  TRACKING_EXPERIMENT_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { experiment: string; id?: number }) =>
      `There is no experiment "${d.experiment}". Make it with POST /api/experiments, or list them with: trimtab run experiments`,
  },
  TRACKING_EXPERIMENT_EXISTS: {
    kind: 'conflict',
    message: (d: { experiment: string }) =>
      `There is an experiment "${d.experiment}" already; a deleted one keeps its name. Choose another name.`,
  },
  TRACKING_EXPERIMENT_DELETED: {
    kind: 'conflict',
    message: (d: { experiment: string; id: string }) =>
      `Experiment "${d.experiment}" is deleted, so nothing can be written to it. Restore it first with POST /api/experiments/restore`,
  },
  TRACKING_RUN_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { run: string }) => `There is no run "${d.run}". List runs with: trimtab run list`,
  },
  TRACKING_RUN_EXISTS: {
    kind: 'conflict',
    message: (d: { run: string; experiment: string }) =>
      `Run "${d.run}" exists already, in experiment "${d.experiment}". Choose another id, or leave it out.`,
  },
  TRACKING_RUN_DELETED: {
    kind: 'conflict',
    message: (d: { run: string }) =>
      `Run "${d.run}" is deleted, so nothing can be written to it. Restore it first with POST /api/runs/${d.run}/restore`,
  },
  TRACKING_PARAM_CHANGED: {
    kind: 'conflict',
    message: (d: { run: string; key: string; value: string; given: string }) =>
      `Param "${d.key}" of run "${d.run}" is "${d.value}" and stays so; "${d.given}" was not stored, nor was the rest of the batch. Use another key, or a tag.`,
  },
  TRACKING_KEY_INVALID: {
    kind: 'invalid',
    message: (d: { what: string; key: string; problem: string; fault: 'signs' | 'path' | 'length' }) =>
      `"${d.key}" cannot be the ${d.what}: ${d.problem}. Nothing was stored.`,
  },
  TRACKING_VALUE_INVALID: {
    kind: 'invalid',
    message: (d: { field: string; problem: string }) => `"${d.field}" ${d.problem}. Nothing was stored.`,
  },
  TRACKING_PATH_INVALID: {
    kind: 'invalid',
    message: (d: { path: string; problem: string }) =>
      `"${d.path}" cannot be the path of an artifact: ${d.problem}. Use names joined by slashes, e.g. plots/roc.png`,
  },
  TRACKING_ARTIFACT_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { run: string; path: string }) =>
      `"${d.run}" has no artifact "${d.path}". List them with: trimtab artifact list ${d.run}`,
  },
  TRACKING_ARTIFACT_OWNER_UNKNOWN: {
    kind: 'invalid',
    message: (d: { of: string }) => `"${d.of}" names nothing that has artifacts. Use run:<id> or logged-model:<id>.`,
  },
  TRACKING_UPLOAD_INVALID: {
    kind: 'invalid',
    message: (d: { problem: string }) => `The upload in parts cannot go on: ${d.problem}. Begin a new one.`,
  },
  TRACKING_ARTIFACT_ROOT_FOREIGN: {
    kind: 'invalid',
    message: (d: { uri: string }) =>
      `Files at "${d.uri}" are not read by this server. Use a client that reaches them, or let the server: trimtab serve --help tells of --artifact-locations`,
  },
  TRACKING_METRIC_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { run: string; key: string }) =>
      `Run "${d.run}" has no metric "${d.key}". See what it has with: trimtab run show ${d.run}`,
  },
  TRACKING_TAG_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { of: string; key: string; run?: string; experiment?: string }) =>
      `There is no tag "${d.key}" of ${d.of}, so it cannot be deleted.`,
  },
  TRACKING_FILTER_INVALID: {
    kind: 'invalid',
    message: (d: Refusal) =>
      `The search cannot be read at character ${d.at + 1} of "${d.text}": ${d.problem}. Example: metrics.auc > 0.7 and params.depth = '6'`,
  },
  TRACKING_PAGE_TOKEN_INVALID: {
    kind: 'invalid',
    message: (_: Record<string, never>) =>
      'The page token does not belong to this search. Leave it out to start with the first page.',
  },
});
