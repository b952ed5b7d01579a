import type { ModelVersion, ModelVersionSummary, NewModelVersion, VersionSource } from '#contract';
import { digestOf } from '#platform/digest';
import type { Principal } from '#platform/http';
import { type Json, ref } from '#platform/kernel';
import type { Sql } from '#platform/sql';
import { versionProblem } from './core/check-version.ts';
import { registryErrors } from './errors.ts';
import {
  contentOf,
  type NewVersion,
  PROMPT_TAG,
  parseVersionNumber,
  parseVersionRef,
  type SourceContent,
  type StoredVersion,
  versionRef,
} from './model.ts';
import { findModel, lockModel, type Room } from './room.ts';
import type { StoredModel } from './store/model-store.ts';

interface FoundVersion {
  readonly model: StoredModel;
  readonly version: StoredVersion;
}

/** A version by its number, an alias, or `latest`. */
export async function findVersion(room: Room, name: string, named: string): Promise<FoundVersion> {
  const model = await findModel(room, name);
  const number = parseVersionNumber(named) ?? (await numberOf(room, model, named));
  const version = number === undefined ? undefined : await room.versions.find(model, number);
  if (!version) throw registryErrors.REGISTRY_VERSION_NOT_FOUND({ model: name, version: named });
  return { model, version };
}

async function numberOf({ aliases, versions }: Room, model: StoredModel, named: string): Promise<number | undefined> {
  if (named === 'latest') return (await versions.newest([model.key])).get(model.key);
  if (/^\d/.test(named)) return undefined;
  const alias = await aliases.find(model.key, named);
  if (!alias) throw registryErrors.REGISTRY_ALIAS_NOT_FOUND({ model: model.name, alias: named });
  return alias.version;
}

/** A version by its reference, which names the model by its key. */
export async function findVersionByRef(room: Room, reference: string): Promise<FoundVersion> {
  const named = parseVersionRef(reference);
  const model = named && (await room.models.findByKey(named.key));
  const version = model && (await room.versions.find(model, named.version));
  if (version) return { model, version };
  const shown = reference.replace(/^version:/, '').replace(/\/[^/]*$/, '');
  throw registryErrors.REGISTRY_VERSION_NOT_FOUND({ model: shown, version: reference });
}

/** A version that was made elsewhere, registered by where its files lie. */
export interface NewSource {
  readonly description: string;
  readonly run: string | null;
  readonly source: VersionSource;
  readonly tags: Readonly<Record<string, string>>;
}

/** @param sizeOfFile the size of an uploaded model file; throws when it is none */
export function versionVerbs(room: Room, sizeOfFile: (digest: string) => Promise<number>) {
  const { database, clock, events, lineage, mayRead } = room.options;

  async function summaries(model: StoredModel, versions: readonly StoredVersion[]): Promise<ModelVersionSummary[]> {
    const numbers = versions.map(({ version }) => version);
    const { key } = model;
    const [aliases, verdicts, tags] = await Promise.all([
      room.aliases.list([key]),
      room.gates.verdicts(key, numbers),
      room.tags.ofVersions([key], undefined, numbers),
    ]);
    return versions.map((version) => ({
      ...version,
      tags: tags.get(`${key}/${version.version}`) ?? {},
      aliases: aliases.filter((alias) => alias.version === version.version).map(({ alias }) => alias),
      gatePassed: verdicts.get(version.version) ?? null,
    }));
  }

  async function whole({ model, version }: FoundVersion): Promise<ModelVersion> {
    const [[summary], parts, gate] = await Promise.all([
      summaries(model, [version]),
      room.versions.parts(model.key, version.version),
      room.gates.latest(model.key, version.version),
    ]);
    return { ...(summary as ModelVersionSummary), ...parts, gate: gate ?? null };
  }

  const getVersion = async (model: string, named: string): Promise<ModelVersion> =>
    whole(await findVersion(room, model, named));

  /** Stores the next version of a model that the caller holds, with its lineage and its event. */
  async function add(tx: Sql, model: StoredModel, version: NewVersion): Promise<number> {
    const number = await room.versions.add(tx, version);
    await room.tags.setOfVersion(tx, model.key, number, version.tags);
    await room.models.change(tx, model.key, { updatedAtMs: version.createdAtMs });
    const { run, inputs, codeCommit, source, digest } = version;
    const to = versionRef(model.key, number);
    if (run !== null) await lineage.link(tx, { from: run, to, relation: 'produced' });
    for (const from of new Set(inputs)) await lineage.link(tx, { from, to, relation: 'trained-on' });
    if (codeCommit !== null) await lineage.link(tx, { from: ref('code', codeCommit), to, relation: 'built-from' });
    if (source?.loggedModel) {
      await lineage.link(tx, { from: ref('logged-model', source.loggedModel), to, relation: 'registered' });
    }
    const payload: Json = {
      model: model.name,
      version: number,
      digest,
      run,
      source: source?.uri ?? null,
      description: version.description,
      tags: { ...version.tags },
      prompt: PROMPT_TAG in version.tags,
    };
    await events.publish(tx, { topic: 'registry.version.registered', subject: to, payload });
    return number;
  }

  return {
    getVersion,

    /** A version by its reference. */
    getVersionByRef: async (reference: string): Promise<ModelVersion> => whole(await findVersionByRef(room, reference)),

    /** What a reference to a model or a version, or to a pointer of one, is called now. */
    async resolveReference(reference: string, reader: Principal) {
      const [, kind = '', named = ''] = /^(model|version):(.+)$/.exec(reference) ?? [];
      const id = named.replace(/[@#].*$/, '');
      const { model, version } =
        kind === 'version' ? await findVersionByRef(room, `version:${id}`) : { model: await room.models.findByKey(id) };
      if (!model || !mayRead(reader, model.name)) throw registryErrors.REGISTRY_MODEL_NOT_FOUND({ model: id });
      return { model: model.name, key: model.key, version: version?.version ?? null };
    },

    /** Newest first. */
    async listVersions(model: string, page: { readonly limit: number; readonly before?: number }) {
      const stored = await findModel(room, model);
      return summaries(stored, await room.versions.list(stored, page.limit, page.before));
    },

    /** Registers the next version of a model. With the key of an earlier registration that one is returned. */
    async registerVersion(name: string, input: NewModelVersion, actor: string): Promise<ModelVersion> {
      const { key } = await findModel(room, name);
      const content = contentOf(key, input);
      const problem = versionProblem(content);
      if (problem) throw registryErrors.REGISTRY_VERSION_INVALID(problem);
      const sizeBytes = await sizeOfFile(content.file);
      // All of it is JSON: it came as a request's body, or is made of strings and numbers here.
      const digest = digestOf(content as unknown as Json);
      const idempotencyKey = input.idempotencyKey ?? null;
      const number = await database.transaction(async (tx) => {
        const model = await lockModel(room, tx, name);
        const earlier = idempotencyKey === null ? undefined : await room.versions.findByKey(tx, model, idempotencyKey);
        if (earlier && earlier.digest !== digest) {
          throw registryErrors.REGISTRY_KEY_REUSED({ key: idempotencyKey ?? '', of: earlier.ref });
        }
        if (earlier) return earlier.version;
        return add(tx, model, {
          ...content,
          ...{ key, digest, idempotencyKey, source: null },
          file: { digest: content.file, sizeBytes },
          registeredBy: actor,
          createdAtMs: clock.now(),
        });
      });
      return getVersion(name, String(number));
    },

    /** Registers a version by where its files lie. What needs an ONNX file cannot be done with it. */
    async registerSource(name: string, input: NewSource, actor: string): Promise<ModelVersion> {
      const number = await database.transaction(async (tx) => {
        const model = await lockModel(room, tx, name);
        const content: SourceContent = { model: model.key, ...input };
        return add(tx, model, {
          ...content,
          key: model.key,
          // All of it is texts.
          digest: digestOf(content as unknown as Json),
          ...{ idempotencyKey: null, inputs: [], codeCommit: null, file: null, signature: null, golden: null },
          ...{ metrics: {}, evaluation: null, reference: null, registeredBy: actor, createdAtMs: clock.now() },
        });
      });
      return getVersion(name, String(number));
    },
  };
}
