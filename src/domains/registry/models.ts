import type { RegisteredModel } from '#contract';
import { assertName, ref } from '#platform/kernel';
import { registryErrors } from './errors.ts';
import { assertAliasFree, CHAMPION } from './model.ts';
import type { Room } from './room.ts';
import type { StoredModel } from './store/model-store.ts';

export interface NewModel {
  readonly name: string;
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly protectedAliases?: readonly string[];
}

export function modelVerbs({ options: { database, clock, events }, models }: Room) {
  async function getModel(name: string): Promise<RegisteredModel> {
    const stored = await models.find(name);
    if (!stored) throw registryErrors.REGISTRY_MODEL_NOT_FOUND({ model: name });
    const [latest, aliases] = await Promise.all([models.latestVersions(name), models.aliases(name)]);
    return toModel(stored, latest, aliases);
  }

  return {
    getModel,

    async listModels(): Promise<readonly RegisteredModel[]> {
      const [stored, latest, aliases] = await Promise.all([models.list(), models.latestVersions(), models.aliases()]);
      return stored.map((model) => toModel(model, latest, aliases));
    },

    /** Makes a model; one that exists is returned unchanged. */
    async createModel(input: NewModel, actor: string): Promise<RegisteredModel> {
      const { name, description = '', tags = {} } = input;
      assertName('model', name);
      const protectedAliases = [...new Set(input.protectedAliases ?? [CHAMPION])].sort();
      for (const alias of protectedAliases) {
        assertName('model alias', alias);
        assertAliasFree(alias);
      }
      const stored = { name, description, tags, protectedAliases, createdAtMs: clock.now() };
      await database.transaction(async (tx) => {
        if (!(await models.add(tx, stored, actor))) return;
        await events.publish(tx, { topic: 'registry.model.created', subject: ref('model', name), payload: { name } });
      });
      const model = await getModel(name);
      const isSame = JSON.stringify(model.protectedAliases) === JSON.stringify(protectedAliases);
      if (input.protectedAliases && !isSame) {
        const has = model.protectedAliases.join(', ') || 'none';
        throw registryErrors.REGISTRY_MODEL_EXISTS({ model: name, protectedAliases: has });
      }
      return model;
    },
  };
}

function toModel(
  stored: StoredModel,
  latest: ReadonlyMap<string, number>,
  aliases: readonly (RegisteredModel['aliases'][number] & { readonly model: string })[],
): RegisteredModel {
  return {
    ...stored,
    latestVersion: latest.get(stored.name) ?? null,
    aliases: aliases.filter(({ model }) => model === stored.name).map(({ model: _, ...alias }) => alias),
  };
}
