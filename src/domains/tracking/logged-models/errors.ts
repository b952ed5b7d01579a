import { defineErrors } from '#platform/kernel';
import type { Refusal } from '#platform/search';

export const loggedModelErrors = defineErrors({
  TRACKING_LOGGED_MODEL_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { model: string }) =>
      `There is no logged model "${d.model}". Find logged models with POST /api/logged-models/search`,
  },
  TRACKING_LOGGED_MODEL_NAME_INVALID: {
    kind: 'invalid',
    message: (d: { name: string }) =>
      `"${d.name}" cannot be the name of a logged model: it must not be empty and have none of / : . % and quotes.`,
  },
  TRACKING_LOGGED_MODEL_EXISTS: {
    kind: 'conflict',
    message: (d: { model: string; experiment: string }) =>
      `Logged model "${d.model}" exists already, in experiment "${d.experiment}". Choose another id, or leave it out.`,
  },
  TRACKING_LOGGED_MODEL_PARAM_CHANGED: {
    kind: 'conflict',
    message: (d: { model: string; key: string; value: string; given: string }) =>
      `Param "${d.key}" of logged model "${d.model}" is "${d.value}" and stays so; nothing of the request was stored. Use another key, or a tag.`,
  },
  TRACKING_LOGGED_MODEL_TAG_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { model: string; key: string }) =>
      `Logged model "${d.model}" has no tag "${d.key}", so it cannot be removed.`,
  },
  TRACKING_LOGGED_MODEL_ORDER_INVALID: {
    kind: 'invalid',
    message: (d: { field: string; entity: string }) =>
      `Logged models cannot be sorted by "${d.field}". Sort by metrics.<key> or by an attribute, e.g. creation_timestamp.`,
  },
  TRACKING_LOGGED_MODEL_SEARCH_INVALID: {
    kind: 'invalid',
    message: (d: Refusal) =>
      `The search of logged models cannot be read at character ${d.at + 1} of "${d.text}": ${d.problem}. Example: metrics.auc > 0.7 and name like 'delay%'`,
  },
});
