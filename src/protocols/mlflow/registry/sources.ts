import { posix, resolve } from 'node:path';
import type { Registry } from '#domains/registry';
import { assertLength } from '../checks.ts';
import { invalid, MlflowError } from '../errors.ts';
import type { Message } from '../message.ts';

const PROMPT_TAG = 'mlflow.prompt.is_prompt';
const MAX_SOURCE = 10_000;

/** Where runs and logged models keep their files; answered by whoever knows them. */
export interface SourcePlaces {
  /** Undefined when there is no such run. */
  artifactUriOfRun(run: string): Promise<string | undefined>;
  /** Undefined when there is no such logged model. */
  loggedModel(id: string): Promise<{ readonly artifactUri: string; readonly sourceRun: string | null } | undefined>;
  /** Notes with a logged model which registered versions it is. */
  noteRegistration(loggedModel: string): Promise<void>;
}

export interface SourceRooms {
  readonly registry: Registry;
  readonly places: SourcePlaces;
  /** What a source must hold a match of; anything if left out. */
  readonly pattern?: RegExp | undefined;
}

type Tags = Readonly<Record<string, string>>;

export function isPrompt(tags: Tags): boolean {
  return Object.hasOwn(tags, PROMPT_TAG);
}

/**
 * Where the files of a version lie that a message registers, and the run it comes from. A place on this machine is taken
 * only inside the files of the run or the logged model that the message names.
 *
 * @throws MlflowError
 */
export async function resolveSource(message: Message, tags: Tags, rooms: SourceRooms) {
  const uri = message.requiredText('source');
  assertLength('source', uri, MAX_SOURCE);
  if (rooms.pattern && !rooms.pattern.test(uri)) throw invalid(`Invalid model version source: '${uri}'.`);
  const run = message.text('run_id') || undefined;
  const modelId = message.text('model_id') || undefined;
  const scheme = schemeOf(uri);
  if (isPrompt(tags)) assertPromptSource(uri, scheme);
  else if (scheme === undefined || scheme === 'file') await assertInside(uri, { run, modelId }, rooms.places);
  else assertWithoutSteps(uri);
  const found = await locate(uri, scheme, rooms);
  const loggedModel = modelId ?? found.loggedModel ?? null;
  const origin = run ?? found.run ?? (modelId && (await rooms.places.loggedModel(modelId))?.sourceRun) ?? null;
  return {
    run: origin ? `run:${origin}` : null,
    source: { uri, location: found.location, loggedModel, runLink: message.text('run_link') || null },
  };
}

interface Place {
  readonly location: string;
  readonly loggedModel?: string;
  readonly run?: string | undefined;
}

async function locate(uri: string, scheme: string | undefined, rooms: SourceRooms): Promise<Place> {
  if (scheme === 'models') return locateModel(uri, rooms);
  const [, run, path = ''] = /^runs:\/([^/]+)(?:\/(.*))?$/.exec(uri) ?? [];
  if (run === undefined) return { location: uri };
  const root = await rooms.places.artifactUriOfRun(run);
  return { location: root === undefined ? uri : `${root.replace(/\/$/, '')}/${path}`.replace(/\/$/, ''), run };
}

async function locateModel(uri: string, { registry, places }: SourceRooms): Promise<Place> {
  const path = uri.replace(/^models:\/*/, '');
  const [, name, number, alias] = /^([^/@]+)(?:\/([^/]+)|@([^/]+))?$/.exec(path) ?? [];
  if (name === undefined)
    throw notFetched(uri, 'It is none of models:/<id>, models:/<name>/<version>, models:/<name>@<alias>.');
  if (number === undefined && alias === undefined) {
    const model = await places.loggedModel(name);
    if (!model) throw notFetched(uri, `Logged model with ID '${name}' not found.`);
    return { location: model.artifactUri, loggedModel: name, run: model.sourceRun ?? undefined };
  }
  const version = await registry.getVersionBrief(name, alias ?? number ?? '');
  if (!version.source) throw notFetched(uri, 'It has an ONNX file and no files of MLflow.');
  const { location, loggedModel } = version.source;
  return { location, ...(loggedModel === null ? {} : { loggedModel }) };
}

function notFetched(uri: string, why: string): MlflowError {
  const message = `Unable to fetch model from model URI source artifact location '${uri}'. Error: ${why}`;
  return new MlflowError('RESOURCE_DOES_NOT_EXIST', message);
}

function schemeOf(uri: string): string | undefined {
  return /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(uri)?.[1]?.toLowerCase();
}

/** Prompts have words such as `prompt-template` for a source, or a URL; a place on this machine is none. */
function assertPromptSource(uri: string, scheme: string | undefined): void {
  if (scheme === 'file' || (scheme === undefined && uri.startsWith('/'))) {
    throw invalid(`Invalid prompt source: '${uri}'. Local source paths are not allowed for prompts.`);
  }
  if (scheme !== undefined) assertWithoutSteps(uri);
}

async function assertInside(
  uri: string,
  { run, modelId }: { readonly run: string | undefined; readonly modelId: string | undefined },
  places: SourcePlaces,
): Promise<void> {
  const named = modelId ? 'model_id' : 'run_id';
  const root = modelId ? await filesOfModel(modelId, places) : run ? await filesOfRun(run, places) : undefined;
  const path = localPath(uri);
  const folder = root === undefined ? undefined : localPath(root);
  if (path !== undefined && folder !== undefined && (path === folder || path.startsWith(`${folder}/`))) return;
  throw invalid(
    `Invalid model version source: '${uri}'. To use a local path as a model version source, the ${named} request ` +
      `parameter has to be specified and the local path has to be contained within the artifact directory of the run ` +
      `specified by the ${named}.`,
  );
}

async function filesOfRun(run: string, places: SourcePlaces): Promise<string> {
  const root = await places.artifactUriOfRun(run);
  if (root === undefined) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Run with id=${run} not found`);
  return root;
}

async function filesOfModel(id: string, places: SourcePlaces): Promise<string> {
  const model = await places.loggedModel(id);
  if (!model) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Logged model with ID '${id}' not found.`);
  return model.artifactUri;
}

/** The path a local URI names, without steps; undefined when it is no local one, or cannot be decoded. */
function localPath(uri: string): string | undefined {
  const scheme = schemeOf(uri);
  if (scheme !== undefined && scheme !== 'file') return undefined;
  const written = scheme === undefined ? uri : uri.slice('file:'.length).replace(/^\/\/[^/]*/, '');
  const path = decoded(written);
  return path === undefined || path.includes('\0') ? undefined : resolve(path);
}

/** Refuses a URI with `..`, doubled slashes or other steps in it, however they are encoded. */
function assertWithoutSteps(uri: string): void {
  const plain = fullyDecoded(uri);
  const path = plain === undefined ? undefined : pathOf(plain);
  if (plain !== undefined && path !== undefined) {
    const isStepped = path.includes('\0') || plain.split('/').includes('..');
    if (!isStepped && (path === '' || posix.resolve('/', path) === path)) return;
  }
  throw invalid(
    `Invalid model version source: '${uri}'. If supplying a source as an http, https, local file path, ftp, ` +
      'objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references ' +
      'present. Please provide an absolute path.',
  );
}

/** The path of a URI behind scheme, host and before query and fragment, without doubled and last slashes. */
function pathOf(uri: string): string {
  const behind = uri.replace(/^[a-zA-Z][a-zA-Z0-9+.-]*:/, '').replace(/^\/\/[^/?#]*/, '');
  return behind
    .replace(/[?#].*$/s, '')
    .replace(/\/+$/, '')
    .replace(/\/+/g, '/');
}

function fullyDecoded(text: string): string | undefined {
  let before = text;
  for (let round = 0; round < 20; round++) {
    const after = decoded(before.replaceAll('+', ' '));
    if (after === undefined || after === before) return after;
    before = after;
  }
  return undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
