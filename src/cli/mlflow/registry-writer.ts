import type { SourceModel, SourceVersion } from './facts.ts';
import { pairsOf, queryOf, type Rest, StatusError } from './rest.ts';
import { versionsOf } from './rest-models.ts';

/** Where what a version is made of lies on the server that it is written to. */
interface Place {
  readonly source: string;
  readonly run: string | undefined;
}

/**
 * Writes a registered model to a server: its versions with their numbers, tags, aliases and stages. Versions that are
 * there already are left as they are, so it can be repeated.
 *
 * @returns how many versions were new
 * @throws Error when the server gives out other numbers, because it has a model of this name that is not this one
 */
export async function writeModel(
  rest: Rest,
  model: SourceModel,
  placeOf: (version: SourceVersion) => Promise<Place>,
): Promise<number> {
  const { name, description, tags, aliases } = model;
  const isNew = await create(rest, { name, description, tags: pairsOf(tags) });
  const known = new Set(isNew ? [] : (await versionsOf(rest, name)).map(({ version }) => version));
  let added = 0;
  for (const version of model.versions) {
    if (known.has(version.version)) continue;
    await writeVersion(rest, name, version, await placeOf(version));
    added++;
  }
  const versions = new Set(model.versions.map(({ version }) => version));
  for (const [alias, version] of Object.entries(aliases)) {
    // MLflow keeps aliases of versions that are deleted.
    if (!versions.has(version)) continue;
    await rest.ask('mlflow/registered-models/alias', { name, alias, version: String(version) });
  }
  return added;
}

async function create(rest: Rest, model: object): Promise<boolean> {
  try {
    await rest.ask('mlflow/registered-models/create', model);
    return true;
  } catch (error) {
    if (error instanceof StatusError && error.code === 'RESOURCE_ALREADY_EXISTS') return false;
    throw error;
  }
}

async function writeVersion(rest: Rest, name: string, version: SourceVersion, { source, run }: Place): Promise<void> {
  const { description, tags, stage } = version;
  const modelId = /^models:\/(m-[^/]+)$/.exec(source)?.[1];
  const body = {
    ...{ name, source, description, tags: pairsOf(tags) },
    ...(run === undefined ? {} : { run_id: run }),
    ...(modelId === undefined ? {} : { model_id: modelId }),
  };
  // Numbers of versions that were deleted are given out and taken back.
  for (;;) {
    const made = (await rest.ask('mlflow/model-versions/create', body)) as { model_version: { version: string } };
    const number = Number(made.model_version.version);
    if (number === version.version) break;
    await rest.ask('mlflow/model-versions/delete', { name, version: String(number) }, 'DELETE');
    if (number > version.version) {
      throw new Error(
        `${rest.root} has a model "${name}" that is not this one: it gave out number ${number} where ${version.version} ` +
          'was due. Rename or delete one of them',
      );
    }
  }
  if (stage === 'None') return;
  const change = { name, version: String(version.version), stage, archive_existing_versions: false };
  await rest.ask('mlflow/model-versions/transition-stage', change);
}

/** Which id a run or logged model has on another server; undefined when it is not there. */
interface Ids {
  readonly runOf: (run: string) => string | undefined;
  readonly modelOf: (model: string) => string | undefined;
}

/** Where a source of a version lies on another server, by what is there of the run or logged model it names. */
export async function placeOn(rest: Rest, version: SourceVersion, { runOf, modelOf }: Ids): Promise<Place> {
  const { source } = version;
  const run = version.run === null ? undefined : runOf(version.run);
  const model = /^models:\/(m-[^/]+)$/.exec(source)?.[1];
  if (model !== undefined) return { source: `models:/${modelOf(model) ?? model}`, run };
  const [, id = '', below = ''] = /([^/]+)\/artifacts(\/.*)?$/.exec(source) ?? [];
  const owner = runOf(id);
  if (owner === undefined) return { source, run };
  const { run: found } = (await rest.ask(`mlflow/runs/get?${queryOf({ run_id: owner })}`)) as {
    run: { info: { artifact_uri: string } };
  };
  return { source: found.info.artifact_uri + below, run };
}
