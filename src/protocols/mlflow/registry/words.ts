import type { ErrorWords } from '../errors.ts';
import { searchWords } from '../search-words.ts';

/** Refusals of the registry in MLflow's words. */
export const registryWords: ErrorWords = {
  ...searchWords(['REGISTRY_SEARCH_INVALID'], ['attribute', 'tag']),
  REGISTRY_ORDER_INVALID: ({ text, problem, known }) => ['INVALID_PARAMETER_VALUE', orderText(text, problem, known)],
  REGISTRY_MODEL_NOT_FOUND: ({ model }) => ['RESOURCE_DOES_NOT_EXIST', `Registered Model with name=${model} not found`],
  REGISTRY_MODEL_NAME_INVALID: ({ model, problem }) => [
    'INVALID_PARAMETER_VALUE',
    problem === 'path'
      ? `Invalid value ${JSON.stringify(model)} for parameter 'name' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such.`
      : `Invalid model name '${model}'. Names cannot contain '/' or ':', and have at most 256 characters.`,
  ],
  REGISTRY_MODEL_NAME_TAKEN: ({ model, by, wanted }) => ['RESOURCE_ALREADY_EXISTS', takenText(model, by, wanted)],
  REGISTRY_VERSION_NOT_FOUND: ({ model, version }) => [
    'RESOURCE_DOES_NOT_EXIST',
    version === 'latest'
      ? `Latest version not found for model ${model}.`
      : `Model Version (name=${model}, version=${version}) not found`,
  ],
  REGISTRY_ALIAS_NOT_FOUND: ({ alias }) => ['INVALID_PARAMETER_VALUE', `Registered model alias ${alias} not found.`],
  REGISTRY_STAGE_NOT_EMPTIED: ({ stage }) => [
    'INVALID_PARAMETER_VALUE',
    `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. Valid ` +
      "stages are ['Staging', 'Production']",
  ],
};

function takenText(model: unknown, by: unknown, wanted: unknown): string {
  const kind = wanted === 'prompt' ? 'Prompt' : 'Registered Model';
  if (by === wanted) return `${kind} (name=${model}) already exists.`;
  const other = by === 'prompt' ? 'prompt' : 'registered model';
  return (
    `Tried to create a ${kind.toLowerCase()} with name '${model}', but the name is already taken by a ${other}. ` +
    'MLflow does not allow creating a model and a prompt with the same name.'
  );
}

function orderText(text: unknown, problem: unknown, known: unknown): string {
  switch (problem) {
    case 'key':
      return `Invalid order by key '${text}' specified. Valid keys are '${known}'`;
    case 'direction':
      return `Invalid ordering key in order_by clause '${text}'.`;
    case 'duplicate':
      return `\`order_by\` contains duplicate fields: ${text}`;
    default:
      return `Invalid order_by clause '${text}'. Could not be parsed.`;
  }
}
