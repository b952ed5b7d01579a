import type { RegisteredModel } from '#contract';
import type { StoredVersion } from '../model.ts';
import { describeModels } from '../models.ts';
import { findModel, type Room } from '../room.ts';
import type { StoredModel } from '../store/model-store.ts';
import type { Tags } from '../store/tag-store.ts';
import { findVersion } from '../versions.ts';
import { type CatalogQuery, findModels, findVersions } from './search.ts';
import { SearchStore } from './store.ts';

/** A version without its large parts and its gates. */
export interface BriefVersion extends StoredVersion {
  readonly tags: Tags;
  readonly aliases: readonly string[];
}

/** Verbs that find models and versions, and tell of many at once. */
export function catalogVerbs(room: Room) {
  async function brief(models: readonly StoredModel[], versions: readonly StoredVersion[]): Promise<BriefVersion[]> {
    const keys = models.map(({ key }) => key);
    const numbers = versions.length > MANY ? undefined : [...new Set(versions.map(({ version }) => version))];
    const [tags, aliases] = await Promise.all([
      room.tags.ofVersions(keys, undefined, numbers),
      room.aliases.list(keys),
    ]);
    const named = Map.groupBy(aliases, ({ model, version }) => `version:${model}/${version}`);
    return versions.map((version) => ({
      ...version,
      tags: tags.get(version.ref.slice('version:'.length)) ?? {},
      aliases: (named.get(version.ref) ?? []).map(({ alias }) => alias),
    }));
  }

  /** The newest version of each model in each stage, newest first; by the models' names. */
  async function newestOf(models: readonly StoredModel[]): Promise<ReadonlyMap<string, BriefVersion[]>> {
    const byKey = new Map(models.map((model) => [model.key, model]));
    const newest = await room.versions.newestInStages([...byKey.keys()]);
    const wanted = newest.flatMap(({ model: key, number }) => {
      const model = byKey.get(key);
      return model ? [{ model, number }] : [];
    });
    const found = await room.versions.findAll(wanted);
    const present = wanted.flatMap(({ model, number }) => found.get(`version:${model.key}/${number}`) ?? []);
    return Map.groupBy(await brief(models, present), ({ model }) => model);
  }

  return {
    /** A version by its number, an alias or `latest`, without what takes long to read. */
    async getVersionBrief(name: string, named: string): Promise<BriefVersion> {
      const { model, version } = await findVersion(room, name, named);
      const [found] = await brief([model], [version]);
      return found as BriefVersion;
    },

    /** A model with the newest version in each stage. */
    async getModelWithNewest(name: string): Promise<ModelWithNewest> {
      const stored = await findModel(room, name);
      const [[model], newest] = await Promise.all([describeModels(room, [stored]), newestOf([stored])]);
      return { model: model as RegisteredModel, newest: newest.get(name) ?? [] };
    },

    /** Versions that are a logged model, the oldest first. */
    versionsOfLoggedModel: (id: string) => new SearchStore(room.options.database).ofLoggedModel(id),

    /** @throws REGISTRY_SEARCH_INVALID, REGISTRY_ORDER_INVALID */
    async searchModels(query: CatalogQuery): Promise<{ models: readonly ModelWithNewest[]; total: number }> {
      const { heads, total } = await findModels(room, query);
      const byKey = await room.models.findAll(heads.map(({ key }) => key));
      const stored = heads.flatMap(({ key }) => byKey.get(key) ?? []);
      const [models, newest] = await Promise.all([describeModels(room, stored), newestOf(stored)]);
      return { models: models.map((model) => ({ model, newest: newest.get(model.name) ?? [] })), total };
    },

    /** @throws REGISTRY_SEARCH_INVALID, REGISTRY_ORDER_INVALID */
    async searchVersions(query: CatalogQuery): Promise<{ versions: readonly BriefVersion[]; total: number }> {
      const { heads, total } = await findVersions(room, query);
      const models = await room.models.findAll([...new Set(heads.map(({ key }) => key))]);
      const wanted = heads.flatMap(({ key, number }) => {
        const model = models.get(key);
        return model ? [{ model, number }] : [];
      });
      const found = await room.versions.findAll(wanted);
      const versions = wanted.flatMap(({ model, number }) => found.get(`version:${model.key}/${number}`) ?? []);
      return { versions: await brief([...models.values()], versions), total };
    },
  };
}

export interface ModelWithNewest {
  readonly model: RegisteredModel;
  readonly newest: readonly BriefVersion[];
}

/** Versions of more numbers are read with all tags of their models. */
const MANY = 5000;
