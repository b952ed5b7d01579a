import { tracingErrors } from './errors.ts';
import type { Experiments } from './ports.ts';

/** What a column of numbers of experiments can hold. */
const MAX_NUMBER = 2_147_483_647;

/** An experiment that traces may be written to. */
export async function writableExperiment(experiments: Experiments, id: string) {
  const number = numberIn(id);
  const experiment = number === undefined ? undefined : await experiments.find(number);
  if (number === undefined || !experiment) throw tracingErrors.TRACING_EXPERIMENT_NOT_FOUND({ experiment: id });
  if (experiment.lifecycle === 'deleted') {
    throw tracingErrors.TRACING_EXPERIMENT_DELETED({ experiment: experiment.name, id });
  }
  return { number, artifactLocation: experiment.artifactLocation };
}

/** The number that an id of an experiment is; undefined when it is none. */
export function numberIn(id: string): number | undefined {
  const number = Number(id);
  return /^\d+$/.test(id) && number <= MAX_NUMBER ? number : undefined;
}
