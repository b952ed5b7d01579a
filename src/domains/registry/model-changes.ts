import type { RegisteredModel } from '#contract';
import { isTrimtabError, type Json, ref } from '#platform/kernel';
import type { Sql } from '#platform/sql';
import { tellAliasMove } from './aliases.ts';
import { assertModelName } from './core/model-name.ts';
import { registryErrors } from './errors.ts';
import { PROMPT_TAG, versionRef } from './model.ts';
import { leaveEnvironments } from './promotions/leaving.ts';
import { findModel, isPrompt, lockModel, type Room } from './room.ts';
import type { StoredModel } from './store/model-store.ts';
import { assertUnused, tellStageMove } from './version-changes.ts';

/** What is left out stays. */
export interface ModelEdit {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** Tags to set; null takes one away. */
  readonly tags?: Readonly<Record<string, string | null>> | undefined;
}

/** @param getModel a model as it is told */
export function modelChangeVerbs(room: Room, getModel: (name: string) => Promise<RegisteredModel>) {
  const { database, clock, events, pointerLog } = room.options;

  const publish = (tx: Sql, { key, name }: StoredModel, verb: string, payload: Readonly<Record<string, Json>>) =>
    events.publish(tx, { topic: `registry.${verb}`, subject: ref('model', key), payload: { model: name, ...payload } });

  /** Changes a model while it is held, all of it or nothing. */
  async function changeModel(name: string, change: ModelEdit, actor: string): Promise<RegisteredModel> {
    const { name: newName = name, description, tags = {} } = change;
    if (newName !== name) assertModelName(newName);
    try {
      await database.transaction(async (tx) => {
        const model = await lockModel(room, tx, name);
        const updatedAtMs = clock.now();
        if (newName !== name) await rename(tx, model, newName, actor);
        if (description !== undefined) await room.models.change(tx, model.key, { description, updatedAtMs });
        for (const [key, value] of Object.entries(tags)) await setTag(tx, model, key, value);
      });
    } catch (error) {
      // The database keeps names unique, also of two that are renamed at once.
      const other = isTrimtabError(error) || newName === name ? undefined : await room.models.find(newName);
      throw other ? await nameTaken(newName) : error;
    }
    return getModel(newName);
  }

  async function rename(tx: Sql, model: StoredModel, newName: string, actor: string): Promise<void> {
    const updatedAtMs = clock.now();
    await room.models.change(tx, model.key, { name: newName, updatedAtMs });
    await room.versions.change(tx, model.key, 'all', { updatedAtMs });
    await pointerLog.record(tx, {
      ...{ actor, pointer: ref('model', `${model.key}#name`), from: model.name, to: newName },
      reason: 'The model was renamed.',
    });
    await publish(tx, model, 'model.renamed', { newName });
  }

  /** Sets a tag, or takes it away. What is not there is not told of. */
  async function setTag(tx: Sql, model: StoredModel, key: string, value: string | null): Promise<void> {
    const prompt = await isPrompt(room, tx, model);
    if (value !== null) {
      await room.tags.setOfModel(tx, model.key, { [key]: value });
      await publish(tx, model, 'model-tag.set', { key, value, prompt: await isPrompt(room, tx, model) });
    } else if (await room.tags.removeOfModel(tx, model.key, key)) {
      await publish(tx, model, 'model-tag.removed', { key, prompt });
    }
  }

  return {
    changeModel,

    /** Calls a model otherwise. Its key stays, and with it every reference to its versions. */
    renameModel: (name: string, newName: string, actor: string): Promise<RegisteredModel> => {
      assertModelName(newName);
      return changeModel(name, { name: newName }, actor);
    },

    /** Removing a tag that is not there changes nothing. */
    async tagModel(name: string, key: string, value: string | null): Promise<void> {
      await database.transaction(async (tx) => setTag(tx, await lockModel(room, tx, name), key, value));
    },

    /**
     * Deletes a model with all its versions. They stay as facts under their references, where lineage and audit find
     * them; the name is free again, and what is made under it has other references.
     */
    async deleteModel(name: string, reason: string, actor: string): Promise<void> {
      const { key } = await findModel(room, name);
      const present = await room.versions.numbers(database, key);
      await assertUnused(
        room,
        present.map((number) => versionRef(key, number)),
      );
      await database.transaction(async (tx) => {
        const model = await lockModel(room, tx, name);
        const at = clock.now();
        await leaveEnvironments(room, tx, model, await room.versions.numbers(tx, model.key), { actor, reason });
        for (const { alias, version } of await room.aliases.list([model.key], tx)) {
          await room.aliases.delete(tx, model.key, alias);
          await tellAliasMove(room, tx, model, alias, { actor, from: version, to: null, reason });
        }
        for (const number of await room.versions.numbers(tx, model.key)) {
          const found = await room.versions.find(model, number, tx);
          if (found && found.stage !== 'None') {
            await tellStageMove(room, tx, found.ref, { actor, from: found.stage, to: null, reason });
          }
        }
        await room.versions.change(tx, model.key, 'all', { deletedAtMs: at, updatedAtMs: at });
        await room.models.change(tx, model.key, { deletedAtMs: at, updatedAtMs: at });
        await publish(tx, model, 'model.deleted', { reason });
      });
    },
  };

  async function nameTaken(name: string): Promise<Error> {
    const { tags } = await getModel(name);
    const by = PROMPT_TAG in tags ? 'prompt' : 'model';
    return registryErrors.REGISTRY_MODEL_NAME_TAKEN({ model: name, by, wanted: by });
  }
}
