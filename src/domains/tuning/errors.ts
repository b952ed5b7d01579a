import { defineErrors } from '#platform/kernel';

export const tuningErrors = defineErrors({
  TUNING_STUDY_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { study: string }) =>
      `There is no study "${d.study}". List them with: trimtab study list, or make it with: trimtab study create`,
  },
  TUNING_STUDY_EXISTS: {
    kind: 'conflict',
    message: (d: { study: string; part: string }) =>
      `Study "${d.study}" exists with another ${d.part}. Its trials belong to that one: choose another name for the new study.`,
  },
  TUNING_SPACE_INVALID: {
    kind: 'invalid',
    message: (d: { param: string; problem: string }) => `Param "${d.param}" of the search space ${d.problem}.`,
  },
  TUNING_STRATEGY_UNFIT: {
    kind: 'invalid',
    message: (d: { strategy: string; problem: string; instead: string }) =>
      `The strategy "${d.strategy}" cannot serve this study: ${d.problem}. Use ${d.instead} instead.`,
  },
  TUNING_TRIAL_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { study: string; trial: number }) =>
      `Study "${d.study}" has no trial ${d.trial}. List them with: trimtab study trials ${d.study}`,
  },
  TUNING_TRIAL_OVER: {
    kind: 'conflict',
    message: (d: { study: string; trial: number; state: string }) =>
      `Trial ${d.trial} of study "${d.study}" is ${d.state} already and stays so. Ask for a new trial to try something else.`,
  },
  TUNING_VALUES_INVALID: {
    kind: 'invalid',
    message: (d: { study: string; trial: number; problem: string }) =>
      `Trial ${d.trial} of study "${d.study}" ${d.problem}. Nothing was stored.`,
  },
});
