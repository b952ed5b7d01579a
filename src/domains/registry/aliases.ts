import type { ModelAlias } from '#contract';
import { assertName, type Json } from '#platform/kernel';
import type { Sql } from '#platform/sql';
import { registryErrors } from './errors.ts';
import { aliasPointer, assertAliasFree, versionRef } from './model.ts';
import { isPrompt, lockModel, type Room } from './room.ts';
import type { StoredModel } from './store/model-store.ts';

export interface AliasMove {
  readonly version: number;
  /** Move it only when it names this now; null: only when there is none. Left out: whatever it names. */
  readonly expected?: number | null;
  readonly reason: string;
  /** Why a protected alias may move without a passed gate. */
  readonly override?: string;
}

export function aliasVerbs(room: Room) {
  const { database, clock } = room.options;
  const { aliases, versions, gates } = room;

  /** Points an alias at a version, by compare-and-set when told what it is expected to name. */
  async function setAlias(model: string, alias: string, move: AliasMove, actor: string): Promise<ModelAlias> {
    assertName('model alias', alias);
    assertAliasFree(alias);
    return database.transaction(async (tx) => {
      const stored = await lockModel(room, tx, model);
      const { version, expected, reason } = move;
      if (!(await versions.find(stored, version, tx))) {
        throw registryErrors.REGISTRY_VERSION_NOT_FOUND({ model, version: String(version) });
      }
      const current = await aliases.find(stored.key, alias, tx);
      // Already there: an earlier answer was lost, or it was asked for twice.
      if (current?.version === version) return current;
      if (expected !== undefined) assertExpected(model, alias, expected, current?.version ?? null);
      const evidence = await admit(tx, stored, alias, move);
      const moved = { alias, version, movedAtMs: clock.now() };
      await aliases.set(tx, stored.key, moved);
      await tellAliasMove(room, tx, stored, alias, {
        actor,
        from: current?.version ?? null,
        to: version,
        reason,
        evidence,
      });
      return moved;
    });
  }

  /** What lets the version carry the alias, as evidence for the audit log. */
  async function admit(tx: Sql, stored: StoredModel, alias: string, move: AliasMove): Promise<Json> {
    const version = versionRef(stored.key, move.version);
    const gate = await gates.latest(stored.key, move.version, tx);
    const isProtected = stored.protectedAliases.includes(alias);
    if (isProtected && move.override === undefined) {
      if (!gate) throw registryErrors.REGISTRY_GATE_MISSING({ alias, version });
      const failed = gate.checks.filter(({ passed }) => !passed).map(({ name }) => name);
      if (!gate.passed) throw registryErrors.REGISTRY_GATE_FAILED({ alias, version, failed: failed.join(', ') });
    }
    const verdict = gate ? { id: gate.id, passed: gate.passed } : null;
    return { protected: isProtected, gate: verdict, override: move.override ?? null };
  }

  /** Takes an alias away; the version it named stays. */
  async function deleteAlias(
    model: string,
    alias: string,
    { expected, reason }: { readonly expected?: number; readonly reason: string },
    actor: string,
  ): Promise<void> {
    await database.transaction(async (tx) => {
      const stored = await lockModel(room, tx, model);
      const current = await aliases.find(stored.key, alias, tx);
      if (!current) throw registryErrors.REGISTRY_ALIAS_NOT_FOUND({ model, alias });
      if (expected !== undefined) assertExpected(model, alias, expected, current.version);
      await aliases.delete(tx, stored.key, alias);
      await tellAliasMove(room, tx, stored, alias, { actor, from: current.version, to: null, reason });
    });
  }

  return { setAlias, deleteAlias };
}

/** Writes an alias's move to the audit log and publishes it. */
export async function tellAliasMove(
  room: Room,
  tx: Sql,
  model: StoredModel,
  alias: string,
  move: {
    readonly actor: string;
    readonly from: number | null;
    readonly to: number | null;
    readonly reason: string;
    readonly evidence?: Json;
  },
): Promise<void> {
  const { pointerLog, events } = room.options;
  const { key, name } = model;
  const { from, to } = move;
  await pointerLog.record(tx, {
    ...move,
    pointer: aliasPointer(key, alias),
    from: from === null ? null : versionRef(key, from),
    to: to === null ? null : versionRef(key, to),
  });
  const payload = { model: name, alias, from, to, prompt: await isPrompt(room, tx, model) };
  await events.publish(tx, { topic: 'registry.alias.moved', subject: aliasPointer(key, alias), payload });
}

function assertExpected(model: string, alias: string, expected: number | null, actual: number | null): void {
  if (expected === actual) return;
  const inWords = (version: number | null) => (version === null ? 'no version' : `version ${version}`);
  throw registryErrors.REGISTRY_ALIAS_MOVED({
    model,
    alias,
    expected: inWords(expected),
    actual: inWords(actual),
  });
}
