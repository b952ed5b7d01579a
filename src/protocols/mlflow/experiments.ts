import type { ExperimentHead, Tracking } from '#domains/tracking';
import { assertLength, assertName, experimentNotFound, experimentNumber } from './checks.ts';
import { endpoint, type MlflowEndpoint } from './endpoint.ts';
import { invalid, MlflowError } from './errors.ts';
import type { Message } from './message.ts';
import { lifecycleIn, nextPage, pageIn } from './paging.ts';

const ROOT = '/2.0/mlflow/experiments';
const MAX_NAME = 500;
const MAX_TAG_VALUE = 5000;
/** Where experiments keep their description for MLflow's clients. */
const DESCRIPTION_TAG = 'mlflow.note.content';

/** Experiments: made, changed, put aside and found. */
export function experimentEndpoints(tracking: Tracking): readonly MlflowEndpoint[] {
  const search: MlflowEndpoint['handle'] = ({ message }) => searchExperiments(tracking, message);
  return [
    endpoint('POST', `${ROOT}/create`, async ({ message, principal }) => {
      const name = message.requiredText('name');
      assertLength('name', name, MAX_NAME);
      const artifactLocation = message.text('artifact_location') || undefined;
      if (artifactLocation && /^runs:/i.test(artifactLocation)) {
        throw invalid(`Artifact location cannot be a runs:/ URI. Given: '${artifactLocation}'`);
      }
      const tags = new Map(message.messages('tags').map(tagIn));
      const made = await tracking.createExperiment(
        { name, tags, ifExists: 'refuse', ...(artifactLocation ? { artifactLocation } : {}) },
        principal.id,
      );
      return { experiment_id: made.id };
    }),
    endpoint('GET', `${ROOT}/get`, async ({ message }) => ({ experiment: experimentJson(await find(message)) })),
    endpoint('GET', `${ROOT}/get-by-name`, async ({ message }) => {
      const name = message.requiredText('experiment_name');
      const experiment = await tracking.findExperiment({ name });
      if (experiment) return { experiment: experimentJson(experiment) };
      throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Could not find experiment with name '${name}'`);
    }),
    endpoint('POST', `${ROOT}/search`, search),
    endpoint('GET', `${ROOT}/search`, search),
    endpoint('POST', `${ROOT}/delete`, async ({ message }) => {
      await tracking.deleteExperiment({ id: Number((await find(message, 'active')).id) });
      return {};
    }),
    endpoint('POST', `${ROOT}/restore`, async ({ message }) => {
      await tracking.restoreExperiment({ id: Number((await find(message, 'deleted')).id) });
      return {};
    }),
    endpoint('POST', `${ROOT}/update`, async ({ message }) => {
      message.requiredText('experiment_id');
      const name = message.requiredText('new_name');
      assertLength('name', name, MAX_NAME);
      const { id, lifecycle } = await find(message);
      // MLflow answers 500, upon which its clients try again for minutes.
      if (lifecycle === 'deleted') throw invalid('Cannot rename a non-active experiment.');
      await tracking.updateExperiment({ id: Number(id) }, { name });
      return {};
    }),
    endpoint('POST', `${ROOT}/set-experiment-tag`, async ({ message }) => {
      const id = experimentNumber(message.requiredText('experiment_id'));
      const [key, value] = tagIn(message);
      await tracking.setExperimentTags({ id }, new Map([[key, value]]));
      return {};
    }),
    endpoint('POST', `${ROOT}/delete-experiment-tag`, async ({ message }) => {
      const id = experimentNumber(message.requiredText('experiment_id'));
      await tracking.deleteExperimentTag({ id }, message.requiredText('key'));
      return {};
    }),
  ];

  async function find(message: Message, lifecycle?: ExperimentHead['lifecycle']): Promise<ExperimentHead> {
    const id = message.requiredText('experiment_id');
    const experiment = await tracking.findExperiment({ id: experimentNumber(id) });
    if (experiment && (lifecycle ?? experiment.lifecycle) === experiment.lifecycle) return experiment;
    throw experimentNotFound(id);
  }
}

async function searchExperiments(tracking: Tracking, message: Message): Promise<object> {
  const page = pageIn(message, 0);
  const { experiments, total } = await tracking.searchExperiments({
    filter: message.text('filter') ?? '',
    orderBy: message.texts('order_by'),
    lifecycle: lifecycleIn(message, 'view_type'),
    ...page,
  });
  return {
    ...(experiments.length === 0 ? {} : { experiments: experiments.map(experimentJson) }),
    ...nextPage(page, total),
  };
}

function tagIn(message: Message): [string, string] {
  const key = message.requiredText('key');
  const value = message.text('value') ?? '';
  assertName(message.pathOf('key'), key);
  assertLength('key', key);
  assertLength('value', value, MAX_TAG_VALUE);
  return [key, value];
}

function experimentJson(experiment: ExperimentHead): object {
  const { description } = experiment;
  const tags = [...experiment.tags].map(([key, value]) => ({ key, value }));
  if (description !== null) tags.push({ key: DESCRIPTION_TAG, value: description });
  return {
    experiment_id: experiment.id,
    name: experiment.name,
    artifact_location: experiment.artifactLocation,
    lifecycle_stage: experiment.lifecycle,
    last_update_time: experiment.updatedAtMs,
    creation_time: experiment.createdAtMs,
    ...(tags.length === 0 ? {} : { tags }),
  };
}
