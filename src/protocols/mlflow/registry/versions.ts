import type { Registry } from '#domains/registry';
import { endpoint, type MlflowEndpoint } from '../endpoint.ts';
import { invalid } from '../errors.ts';
import type { Message } from '../message.ts';
import { nextPage, pageIn } from '../paging.ts';
import { modelNameIn, REASON, stageIn, tagIn, tagKeyIn, tagsIn, versionIn } from './checks.ts';
import { listed, plainVersionJson, versionJson } from './json.ts';
import { isPrompt, resolveSource, type SourceRooms } from './sources.ts';

const ROOT = '/2.0/mlflow/model-versions';
const DEFAULT_RESULTS = 10_000;
const MAX_RESULTS = 200_000;

/** Versions of registered models. */
export function modelVersionEndpoints(rooms: SourceRooms): readonly MlflowEndpoint[] {
  const { registry, places } = rooms;
  const told = async (name: string, version: number) => ({
    model_version: versionJson(await registry.getVersionBrief(name, String(version))),
  });
  return [
    endpoint('POST', `${ROOT}/create`, async ({ message, principal }) => {
      const name = modelNameIn(message);
      const tags = tagsIn(message);
      const { run, source } = await resolveSource(message, tags, rooms);
      const description = message.text('description') ?? '';
      const made = await registry.registerSource(name, { description, run, source, tags }, principal.id);
      const logged = message.text('model_id');
      if (logged && !isPrompt(tags)) await places.noteRegistration(logged);
      return told(name, made.version);
    }),
    endpoint('GET', `${ROOT}/get`, ({ message }) => told(modelNameIn(message), versionIn(message))),
    endpoint('PATCH', `${ROOT}/update`, async ({ message }) => {
      const [name, version] = [modelNameIn(message), versionIn(message)];
      await registry.changeVersion(name, String(version), { description: message.text('description') ?? '' });
      return told(name, version);
    }),
    endpoint('POST', `${ROOT}/transition-stage`, async ({ message, principal }) => {
      const [name, version] = [modelNameIn(message), versionIn(message)];
      const stage = stageIn(message.requiredText('stage'));
      const archiveExisting = message.flag('archive_existing_versions') ?? false;
      await registry.moveStage(name, String(version), { stage, archiveExisting, reason: REASON }, principal.id);
      return told(name, version);
    }),
    endpoint('DELETE', `${ROOT}/delete`, async ({ message, principal }) => {
      await registry.deleteVersion(modelNameIn(message), String(versionIn(message)), REASON, principal.id);
      return {};
    }),
    endpoint('GET', `${ROOT}/search`, ({ message }) => searchVersions(registry, message)),
    endpoint('GET', `${ROOT}/get-download-uri`, async ({ message }) => {
      const version = await registry.getVersionBrief(modelNameIn(message), String(versionIn(message)));
      if (version.source) return { artifact_uri: version.source.location };
      throw invalid(
        `Model Version (name=${version.model}, version=${version.version}) has an ONNX file and no files of MLflow. ` +
          `Download it with: trimtab model download ${version.model} ${version.version} <file>`,
      );
    }),
    endpoint('POST', `${ROOT}/set-tag`, async ({ message }) => {
      const [name, version] = [modelNameIn(message), versionIn(message)];
      await registry.tagVersion(name, version, tagIn(message));
      return {};
    }),
    endpoint('DELETE', `${ROOT}/delete-tag`, async ({ message }) => {
      const [name, version] = [modelNameIn(message), versionIn(message)];
      await registry.tagVersion(name, version, { key: tagKeyIn(message), value: null });
      return {};
    }),
  ];
}

async function searchVersions(registry: Registry, message: Message): Promise<object> {
  const page = pageIn(message, DEFAULT_RESULTS, MAX_RESULTS);
  const { versions, total } = await registry.searchVersions({
    ...{ filter: message.text('filter') ?? '', orderBy: message.texts('order_by') },
    ...page,
  });
  return { ...listed('model_versions', versions.map(plainVersionJson)), ...nextPage(page, total) };
}
