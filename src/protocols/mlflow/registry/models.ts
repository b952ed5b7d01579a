import type { Registry } from '#domains/registry';
import { isTrimtabError } from '#platform/kernel';
import { endpoint, type MlflowEndpoint } from '../endpoint.ts';
import { invalid } from '../errors.ts';
import type { Message } from '../message.ts';
import { nextPage, pageIn } from '../paging.ts';
import { aliasIn, freeAliasIn, modelNameIn, REASON, stageIn, tagIn, tagKeyIn, tagsIn, versionIn } from './checks.ts';
import { listed, modelJson, versionJson } from './json.ts';

const ROOT = '/2.0/mlflow/registered-models';
const DEFAULT_RESULTS = 100;
const MAX_RESULTS = 1000;

/** Registered models with their tags and aliases. */
export function registeredModelEndpoints(registry: Registry): readonly MlflowEndpoint[] {
  const told = async (name: string) => ({ registered_model: modelJson(await registry.getModelWithNewest(name)) });
  const latest: MlflowEndpoint['handle'] = ({ message }) => latestVersions(registry, message);
  return [
    endpoint('POST', `${ROOT}/create`, async ({ message, principal }) => {
      const name = modelNameIn(message);
      const description = message.text('description') ?? '';
      const made = await registry.addModel({ name, description, tags: tagsIn(message) }, principal.id);
      return { registered_model: modelJson({ model: made, newest: [] }) };
    }),
    endpoint('GET', `${ROOT}/get`, ({ message }) => told(modelNameIn(message))),
    endpoint('PATCH', `${ROOT}/update`, async ({ message, principal }) => {
      const name = modelNameIn(message);
      await registry.changeModel(name, { description: message.text('description') ?? '' }, principal.id);
      return told(name);
    }),
    endpoint('POST', `${ROOT}/rename`, async ({ message, principal }) => {
      const [name, newName] = [modelNameIn(message), modelNameIn(message, 'new_name')];
      await registry.renameModel(name, newName, principal.id);
      return told(newName);
    }),
    endpoint('DELETE', `${ROOT}/delete`, async ({ message, principal }) => {
      await registry.deleteModel(modelNameIn(message), REASON, principal.id);
      return {};
    }),
    endpoint('GET', `${ROOT}/search`, async ({ message }) => {
      const page = pageIn(message, DEFAULT_RESULTS, MAX_RESULTS);
      const { models, total } = await registry.searchModels({
        ...{ filter: message.text('filter') ?? '', orderBy: message.texts('order_by') },
        ...page,
      });
      return { ...listed('registered_models', models.map(modelJson)), ...nextPage(page, total) };
    }),
    endpoint('POST', `${ROOT}/get-latest-versions`, latest),
    endpoint('GET', `${ROOT}/get-latest-versions`, latest),
    endpoint('POST', `${ROOT}/set-tag`, async ({ message }) => {
      const { key, value } = tagIn(message);
      await registry.tagModel(modelNameIn(message), key, value);
      return {};
    }),
    endpoint('DELETE', `${ROOT}/delete-tag`, async ({ message }) => {
      await registry.tagModel(modelNameIn(message), tagKeyIn(message), null);
      return {};
    }),
    endpoint('POST', `${ROOT}/alias`, async ({ message, principal }) => {
      const [name, alias, version] = [modelNameIn(message), freeAliasIn(message), versionIn(message)];
      await registry.setAlias(name, alias, { version, reason: REASON }, principal.id);
      return {};
    }),
    endpoint('DELETE', `${ROOT}/alias`, async ({ message, principal }) => {
      const [name, alias] = [modelNameIn(message), aliasIn(message)];
      try {
        await registry.deleteAlias(name, alias, { reason: REASON }, principal.id);
      } catch (error) {
        if (!isTrimtabError(error, 'REGISTRY_ALIAS_NOT_FOUND')) throw error;
      }
      return {};
    }),
    endpoint('GET', `${ROOT}/alias`, async ({ message }) => {
      const [name, alias] = [modelNameIn(message), aliasIn(message)];
      // Numbers are no aliases, though our own paths name versions by them.
      if (/^\d/.test(alias)) throw invalid(`Registered model alias ${alias} not found.`);
      const named = alias.toLowerCase() === 'latest' ? 'latest' : alias;
      return { model_version: versionJson(await registry.getVersionBrief(name, named)) };
    }),
  ];
}

async function latestVersions(registry: Registry, message: Message): Promise<object> {
  const { newest } = await registry.getModelWithNewest(modelNameIn(message));
  const stages = message.texts('stages').map(stageIn);
  const chosen = stages.length === 0 ? newest : newest.filter(({ stage }) => stages.includes(stage));
  return listed('model_versions', chosen.map(versionJson));
}
