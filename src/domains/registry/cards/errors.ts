import { defineErrors } from '#platform/kernel';

export const cardErrors = defineErrors({
  REGISTRY_CARD_CHANGED: {
    kind: 'conflict',
    message: (d: { section: string; version: string; revision: number; given: number; by: string }) =>
      `"${d.section}" of the card of ${d.version} is at revision ${d.revision}, written by ${d.by}, and the change was made from revision ${d.given}. Look again and write anew; nothing was changed.`,
  },
  REGISTRY_CARD_HEADING_INVALID: {
    kind: 'invalid',
    message: (d: { heading: string; problem: string }) =>
      `"${d.heading}" cannot be a heading of a model card: it ${d.problem}. Nothing was changed.`,
  },
  REGISTRY_CARD_FULL: {
    kind: 'conflict',
    message: (d: { model: string; limit: number }) =>
      `The cards of model "${d.model}" have ${d.limit} headings of their own already. Write under one of them.`,
  },
});
