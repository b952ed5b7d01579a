import type { ModelVersion, ModelVersionSummary, NewModelVersion } from '#contract';
import { digestOf } from '#platform/digest';
import { type Json, ref } from '#platform/kernel';
import type { Sql } from '#platform/sql';
import { versionProblem } from './core/check-version.ts';
import { registryErrors } from './errors.ts';
import { contentOf, parseVersionNumber, type StoredVersion, type VersionContent, versionRef } from './model.ts';
import { assertModel, lockModel, type Room } from './room.ts';

/** A version by its number, an alias, or `latest`. */
export async function findVersion(room: Room, model: string, named: string): Promise<StoredVersion> {
  await assertModel(room, model);
  const number = parseVersionNumber(named) ?? (await numberOf(room, model, named));
  const found = number === undefined ? undefined : await room.versions.find(model, number);
  if (!found) throw registryErrors.REGISTRY_VERSION_NOT_FOUND({ model, version: named });
  return found;
}

async function numberOf({ models, versions }: Room, model: string, named: string): Promise<number | undefined> {
  if (named === 'latest') return versions.newest(model);
  if (/^\d/.test(named)) return undefined;
  const alias = await models.findAlias(model, named);
  if (!alias) throw registryErrors.REGISTRY_ALIAS_NOT_FOUND({ model, alias: named });
  return alias.version;
}

/** @param sizeOfFile the size of an uploaded model file; throws when it is none */
export function versionVerbs(room: Room, sizeOfFile: (digest: string) => Promise<number>) {
  const { database, clock, events, lineage } = room.options;

  async function summaries(model: string, versions: readonly StoredVersion[]): Promise<ModelVersionSummary[]> {
    const numbers = versions.map(({ version }) => version);
    const [aliases, verdicts] = await Promise.all([room.models.aliases(model), room.gates.verdicts(model, numbers)]);
    return versions.map((version) => ({
      ...version,
      aliases: aliases.filter((alias) => alias.version === version.version).map(({ alias }) => alias),
      gatePassed: verdicts.get(version.version) ?? null,
    }));
  }

  async function getVersion(model: string, named: string): Promise<ModelVersion> {
    const found = await findVersion(room, model, named);
    const [[summary], parts, gate] = await Promise.all([
      summaries(model, [found]),
      room.versions.parts(model, found.version),
      room.gates.latest(model, found.version),
    ]);
    return { ...(summary as ModelVersionSummary), ...parts, gate: gate ?? null };
  }

  async function tell(tx: Sql, content: VersionContent, version: number, digest: string): Promise<void> {
    const { model, run, inputs, codeCommit } = content;
    const to = versionRef(model, version);
    if (run !== null) await lineage.link(tx, { from: run, to, relation: 'produced' });
    for (const from of new Set(inputs)) await lineage.link(tx, { from, to, relation: 'trained-on' });
    if (codeCommit !== null) await lineage.link(tx, { from: ref('code', codeCommit), to, relation: 'built-from' });
    const payload = { model, version, digest, run };
    await events.publish(tx, { topic: 'registry.version.registered', subject: to, payload });
  }

  return {
    getVersion,

    /** Newest first. */
    async listVersions(model: string, page: { readonly limit: number; readonly before?: number }) {
      await assertModel(room, model);
      return summaries(model, await room.versions.list(model, page.limit, page.before));
    },

    /** Registers the next version of a model. With the key of an earlier registration that one is returned. */
    async registerVersion(model: string, input: NewModelVersion, actor: string): Promise<ModelVersion> {
      await assertModel(room, model);
      const content = contentOf(model, input);
      const problem = versionProblem(content);
      if (problem) throw registryErrors.REGISTRY_VERSION_INVALID(problem);
      const fileSizeBytes = await sizeOfFile(content.file);
      // All of it is JSON: it came as a request's body, or is made of strings and numbers here.
      const digest = digestOf(content as unknown as Json);
      const key = input.idempotencyKey ?? null;
      const number = await database.transaction(async (tx) => {
        await lockModel(room, tx, model);
        const earlier = key === null ? undefined : await room.versions.findByKey(tx, model, key);
        if (earlier && earlier.digest !== digest) {
          throw registryErrors.REGISTRY_KEY_REUSED({ key: key ?? '', of: earlier.ref });
        }
        if (earlier) return earlier.version;
        const facts = { digest, idempotencyKey: key, fileSizeBytes, registeredBy: actor, createdAtMs: clock.now() };
        const added = await room.versions.add(tx, content, facts);
        await tell(tx, content, added, digest);
        return added;
      });
      return getVersion(model, String(number));
    },
  };
}
