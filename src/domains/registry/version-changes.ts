import type { ModelVersion, VersionStage } from '#contract';
import type { Json } from '#platform/kernel';
import type { Sql } from '#platform/sql';
import { tellAliasMove } from './aliases.ts';
import { registryErrors } from './errors.ts';
import { parseVersionRef, type StoredVersion, stagePointer } from './model.ts';
import { leaveEnvironments } from './promotions/leaving.ts';
import { isPrompt, lockModel, type Room } from './room.ts';
import type { StoredModel } from './store/model-store.ts';
import { findVersion } from './versions.ts';

export interface StageMove {
  readonly stage: VersionStage;
  /** Those that are in the stage now go to Archived. */
  readonly archiveExisting: boolean;
  readonly reason: string;
}

/** What is left out stays. */
export interface VersionEdit {
  readonly description?: string | undefined;
  /** Tags to set; null takes one away. */
  readonly tags?: Readonly<Record<string, string | null>> | undefined;
}

/** @param getVersion a version as it is told */
export function versionChangeVerbs(room: Room, getVersion: (model: string, version: string) => Promise<ModelVersion>) {
  const { database, clock, events } = room.options;

  /** Changes a version while its model is held. */
  async function change(
    name: string,
    number: number,
    work: (tx: Sql, model: StoredModel, version: StoredVersion) => Promise<void>,
  ): Promise<void> {
    await database.transaction(async (tx) => {
      const model = await lockModel(room, tx, name);
      const version = await room.versions.find(model, number, tx);
      if (!version) throw registryErrors.REGISTRY_VERSION_NOT_FOUND({ model: name, version: String(number) });
      await work(tx, model, version);
    });
  }

  const publish = (tx: Sql, version: StoredVersion, verb: string, payload: Readonly<Record<string, Json>>) =>
    events.publish(tx, {
      topic: `registry.${verb}`,
      subject: version.ref,
      payload: { model: version.model, version: version.version, ...payload },
    });

  return {
    /** Describes and tags a version, all of it or nothing. */
    async changeVersion(name: string, named: string, edit: VersionEdit): Promise<ModelVersion> {
      const { version: found } = await findVersion(room, name, named);
      await change(name, found.version, async (tx, model, version) => {
        const { description, tags = {} } = edit;
        if (description !== undefined) {
          await room.versions.change(tx, model.key, version.version, { description, updatedAtMs: clock.now() });
        }
        for (const [key, value] of Object.entries(tags)) await setTag(tx, model, version, key, value);
      });
      return getVersion(name, String(found.version));
    },

    /** Sets a tag or takes it away. Removing a tag that is not there changes nothing. */
    async tagVersion(name: string, number: number, { key, value }: { key: string; value: string | null }) {
      await change(name, number, (tx, model, version) => setTag(tx, model, version, key, value));
    },

    /** Moves a version to a stage; where it is already, nothing is noted. */
    async moveStage(name: string, named: string, move: StageMove, actor: string): Promise<ModelVersion> {
      const { version: found } = await findVersion(room, name, named);
      const number = found.version;
      const { stage, archiveExisting, reason } = move;
      if (archiveExisting && stage !== 'Staging' && stage !== 'Production') {
        throw registryErrors.REGISTRY_STAGE_NOT_EMPTIED({ stage });
      }
      await change(name, number, async (tx, model, version) => {
        const updatedAtMs = clock.now();
        const others = archiveExisting ? await room.versions.numbers(tx, model.key, stage) : [];
        for (const other of others.filter((present) => present !== number)) {
          const present = await room.versions.find(model, other, tx);
          if (present) await moveTo(tx, model.key, present, { actor, to: 'Archived', reason }, updatedAtMs);
        }
        await moveTo(tx, model.key, version, { actor, to: stage, reason }, updatedAtMs);
        await room.models.change(tx, model.key, { updatedAtMs });
      });
      return getVersion(name, String(number));
    },

    /**
     * Deletes a version: it stays as a fact under its reference, its number is never given again, and its aliases end.
     */
    async deleteVersion(name: string, named: string, reason: string, actor: string): Promise<void> {
      const { version: found } = await findVersion(room, name, named);
      await assertUnused(room, [found.ref]);
      await change(name, found.version, async (tx, model, version) => {
        const at = clock.now();
        await leaveEnvironments(room, tx, model, [version.version], { actor, reason });
        for (const { alias, version: number } of await room.aliases.list([model.key], tx)) {
          if (number !== version.version) continue;
          await room.aliases.delete(tx, model.key, alias);
          await tellAliasMove(room, tx, model, alias, { actor, from: number, to: null, reason });
        }
        if (version.stage !== 'None') {
          await tellStageMove(room, tx, version.ref, { actor, from: version.stage, to: null, reason });
        }
        await room.versions.change(tx, model.key, version.version, { deletedAtMs: at, updatedAtMs: at });
        await room.models.change(tx, model.key, { updatedAtMs: at });
        await publish(tx, version, 'version.deleted', { reason });
      });
    },
  };

  async function setTag(
    tx: Sql,
    model: StoredModel,
    version: StoredVersion,
    key: string,
    value: string | null,
  ): Promise<void> {
    const prompt = await isPrompt(room, tx, model);
    if (value !== null) {
      await room.tags.setOfVersion(tx, model.key, version.version, { [key]: value });
      await publish(tx, version, 'version-tag.set', { key, value, prompt });
    } else if (await room.tags.removeOfVersion(tx, model.key, version.version, key)) {
      await publish(tx, version, 'version-tag.removed', { key, prompt });
    }
  }

  async function moveTo(
    tx: Sql,
    key: string,
    version: StoredVersion,
    move: { readonly actor: string; readonly to: VersionStage; readonly reason: string },
    updatedAtMs: number,
  ): Promise<void> {
    await room.versions.change(tx, key, version.version, { stage: move.to, updatedAtMs });
    if (version.stage === move.to) return;
    await tellStageMove(room, tx, version.ref, { ...move, from: version.stage });
    await publish(tx, version, 'stage.moved', { from: version.stage, to: move.to });
  }
}

/** Writes the move of a version's stage to the audit log. */
export async function tellStageMove(
  { options: { pointerLog } }: Room,
  tx: Sql,
  version: string,
  move: {
    readonly actor: string;
    readonly from: VersionStage;
    readonly to: VersionStage | null;
    readonly reason: string;
  },
): Promise<void> {
  const named = parseVersionRef(version);
  if (named) await pointerLog.record(tx, { ...move, pointer: stagePointer(named.key, named.version) });
}

/** Refuses when any of the versions is in use. */
export async function assertUnused({ options: { use } }: Room, refs: readonly string[]): Promise<void> {
  const used = [...(await use.of(refs))][0];
  if (used) throw registryErrors.REGISTRY_VERSION_IN_USE({ version: used[0], use: used[1] });
}
