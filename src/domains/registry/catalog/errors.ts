import { defineErrors } from '#platform/kernel';

export const catalogErrors = defineErrors({
  REGISTRY_CATALOG_FILTER_INVALID: {
    kind: 'invalid',
    message: (d: { text: string; at: number; problem: string }) =>
      `The search "${d.text}" cannot be read at sign ${d.at + 1}: ${d.problem}.`,
  },
  REGISTRY_CATALOG_PAGE_INVALID: {
    kind: 'invalid',
    message: (_: Record<string, never>) =>
      'The page token is none of an answer to this search. Leave it out to begin at the first page.',
  },
});
