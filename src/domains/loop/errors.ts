import { defineErrors } from '#platform/kernel';

export const loopErrors = defineErrors({
  LOOP_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { loop: string }) => `There is no loop "${d.loop}". List them with: trimtab loop list`,
  },
  LOOP_CONFLICT: {
    kind: 'conflict',
    message: (d: { loop: string; problem: string }) => `Loop "${d.loop}" ${d.problem}.`,
  },
});
