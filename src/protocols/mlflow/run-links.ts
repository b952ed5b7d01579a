import type { Tracking } from '#domains/tracking';
import { assertLength, checkedRunIn } from './checks.ts';
import { endpoint, type MlflowEndpoint } from './endpoint.ts';
import type { Message } from './message.ts';

const ROOT = '/2.0/mlflow/runs';

type DatasetInputs = Parameters<Tracking['addDatasets']>[1];
type Dataset = DatasetInputs[number]['dataset'];

/** What runs read and made: data sets and logged models. */
export function runLinkEndpoints(tracking: Tracking): readonly MlflowEndpoint[] {
  return [
    endpoint('POST', `${ROOT}/log-inputs`, async ({ message }) => {
      const run = checkedRunIn(message);
      const datasets = message.messages('datasets').map(datasetInputIn);
      const inputs = message.messages('models').map((model) => model.requiredText('model_id'));
      await tracking.addDatasets(run, datasets);
      if (inputs.length > 0) await tracking.addModels(run, { inputs });
      return {};
    }),
    endpoint('POST', `${ROOT}/outputs`, async ({ message }) => {
      const run = checkedRunIn(message);
      if (!message.has('models')) throw message.missing('models');
      const outputs = message
        .messages('models')
        .map((model) => ({ model: model.requiredText('model_id'), step: model.integer('step') ?? 0 }));
      await tracking.addModels(run, { outputs });
      return {};
    }),
  ];
}

/** Greatest lengths, in characters. */
const LIMITS = { name: 500, digest: 36, source_type: 6000, source: 65_535, schema: 1_048_575, profile: 16_777_215 };
const MAX_TAG_KEY = 255;
const MAX_TAG_VALUE = 500;

function datasetInputIn(message: Message): DatasetInputs[number] {
  const told = message.message('dataset');
  if (!told) throw message.missing('dataset');
  for (const [field, limit] of Object.entries(LIMITS)) assertLength(field, told.text(field) ?? '', limit);
  const dataset: Dataset = {
    name: told.requiredText('name'),
    digest: told.requiredText('digest'),
    sourceType: told.text('source_type') ?? '',
    source: told.text('source') ?? '',
    schema: told.text('schema') ?? null,
    profile: told.text('profile') ?? null,
  };
  return { dataset, tags: new Map(message.messages('tags').map(inputTagIn)) };
}

function inputTagIn(message: Message): [string, string] {
  const key = message.requiredText('key');
  const value = message.text('value') ?? '';
  assertLength('key', key, MAX_TAG_KEY);
  assertLength('value', value, MAX_TAG_VALUE);
  return [key, value];
}
