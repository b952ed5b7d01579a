import type { RegisteredModel } from '#contract';
import { assertName, type Json, ref } from '#platform/kernel';
import { assertModelName } from './core/model-name.ts';
import { registryErrors } from './errors.ts';
import { assertAliasFree, CHAMPION, PROMPT_TAG } from './model.ts';
import { findModel, type Room } from './room.ts';
import type { StoredModel } from './store/model-store.ts';
import type { Tags } from './store/tag-store.ts';

export interface NewModel {
  readonly name: string;
  readonly description?: string | undefined;
  readonly tags?: Tags | undefined;
  readonly protectedAliases?: readonly string[] | undefined;
}

/** @param all when they are all the models there are */
export async function describeModels(
  { versions, aliases, tags }: Room,
  stored: readonly StoredModel[],
  all = false,
): Promise<RegisteredModel[]> {
  const keys = all ? undefined : stored.map(({ key }) => key);
  const [latest, named, tagged] = await Promise.all([versions.newest(keys), aliases.list(keys), tags.ofModels(keys)]);
  const byModel = Map.groupBy(named, ({ model }) => model);
  return stored.map((model) => ({
    ...model,
    protectedAliases: [...model.protectedAliases],
    tags: tagged.get(model.key) ?? {},
    latestVersion: latest.get(model.key) ?? null,
    aliases: (byModel.get(model.key) ?? []).map(({ model: _, ...alias }) => alias),
  }));
}

export function modelVerbs(room: Room) {
  const { database, clock, events } = room.options;

  async function getModel(name: string): Promise<RegisteredModel> {
    const [model] = await describeModels(room, [await findModel(room, name)]);
    return model as RegisteredModel;
  }

  /** True when it was made, false when the name is taken. */
  async function make(input: NewModel, protectedAliases: readonly string[], actor: string): Promise<boolean> {
    const { name, description = '', tags = {} } = input;
    const at = clock.now();
    return database.transaction(async (tx) => {
      const stored = { name, description, protectedAliases: [...protectedAliases], createdAtMs: at, updatedAtMs: at };
      const key = await room.models.add(tx, stored, actor);
      if (key === undefined) return false;
      await room.tags.setOfModel(tx, key, tags);
      const payload: Json = { name, description, tags: { ...tags }, prompt: PROMPT_TAG in tags };
      await events.publish(tx, { topic: 'registry.model.created', subject: ref('model', key), payload });
      return true;
    });
  }

  return {
    getModel,

    /** All models, without prompts. */
    async listModels(): Promise<readonly RegisteredModel[]> {
      const models = await describeModels(room, await room.models.list(), true);
      return models.filter(({ tags }) => tags[PROMPT_TAG]?.toLowerCase() !== 'true');
    },

    /** Makes a model; one that exists is returned unchanged. */
    async createModel(input: NewModel, actor: string): Promise<RegisteredModel> {
      assertName('model', input.name);
      const protectedAliases = [...new Set(input.protectedAliases ?? [CHAMPION])].sort();
      for (const alias of protectedAliases) {
        assertName('model alias', alias);
        assertAliasFree(alias);
      }
      await make(input, protectedAliases, actor);
      const model = await getModel(input.name);
      const isSame = JSON.stringify(model.protectedAliases) === JSON.stringify(protectedAliases);
      if (input.protectedAliases && !isSame) {
        const has = model.protectedAliases.join(', ') || 'none';
        throw registryErrors.REGISTRY_MODEL_EXISTS({ model: input.name, protectedAliases: has });
      }
      return model;
    },

    /** Makes a model that protects no alias, under any name MLflow allows; a name that is taken is refused. */
    async addModel(input: Omit<NewModel, 'protectedAliases'>, actor: string): Promise<RegisteredModel> {
      assertModelName(input.name);
      if (await make(input, [], actor)) return getModel(input.name);
      const { tags } = await getModel(input.name);
      throw registryErrors.REGISTRY_MODEL_NAME_TAKEN({
        model: input.name,
        by: PROMPT_TAG in tags ? 'prompt' : 'model',
        wanted: PROMPT_TAG in (input.tags ?? {}) ? 'prompt' : 'model',
      });
    },
  };
}
