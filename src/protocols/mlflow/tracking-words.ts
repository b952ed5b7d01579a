import type { ErrorWords } from './errors.ts';
import { searchWords } from './search-words.ts';

/** Refusals of experiments and runs in MLflow's words. */
export const trackingWords: ErrorWords = {
  ...searchWords(['TRACKING_FILTER_INVALID']),
  TRACKING_EXPERIMENT_NOT_FOUND: ({ experiment, id }) => [
    'RESOURCE_DOES_NOT_EXIST',
    id === undefined ? `Could not find experiment with name '${experiment}'` : `No Experiment with id=${id} exists`,
  ],
  TRACKING_EXPERIMENT_EXISTS: ({ experiment }) => [
    'RESOURCE_ALREADY_EXISTS',
    `Experiment(name=${experiment}) already exists.`,
  ],
  TRACKING_EXPERIMENT_DELETED: ({ id }) => [
    'INVALID_PARAMETER_VALUE',
    `The experiment ${id} must be in the 'active' state. Current state is deleted.`,
  ],
  TRACKING_RUN_NOT_FOUND: ({ run }) => ['RESOURCE_DOES_NOT_EXIST', `Run with id=${run} not found`],
  TRACKING_RUN_DELETED: ({ run }) => [
    'INVALID_PARAMETER_VALUE',
    `The run ${run} must be in the 'active' state. Current state is deleted.`,
  ],
  TRACKING_PARAM_CHANGED: ({ run, key, value, given }) => [
    'INVALID_PARAMETER_VALUE',
    `Changing param values is not allowed. Param with key='${key}' was already logged with value='${value}' for ` +
      `run ID='${run}'. Attempted logging new value '${given}'.`,
  ],
  TRACKING_TAG_NOT_FOUND: ({ key, run, experiment }) => [
    'RESOURCE_DOES_NOT_EXIST',
    run === undefined
      ? `No tag with name: ${key} in experiment with id ${experiment}`
      : `No tag with name: ${key} in run with id ${run}`,
  ],
  TRACKING_VALUE_INVALID: ({ field, problem }) => [
    'INVALID_PARAMETER_VALUE',
    field === 'artifactLocation' ? `'artifact_location' ${problem}.` : `'${field}' ${problem}.`,
  ],
};
