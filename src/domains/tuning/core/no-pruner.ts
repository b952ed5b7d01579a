import type { Pruner } from './pruner.ts';

/** Lets every trial run to its end. */
export const noPruner: Pruner = {
  refusal: () => undefined,
  judge: () => ({ prune: false, words: 'The study prunes nothing.' }),
};
