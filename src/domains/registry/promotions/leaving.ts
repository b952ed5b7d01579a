import type { Sql } from '#platform/sql';
import { registryErrors } from '../errors.ts';
import { versionRef } from '../model.ts';
import type { Room } from '../room.ts';
import type { StoredModel } from '../store/model-store.ts';
import { planOf, policyIn } from './environments.ts';
import { environmentPointer } from './model.ts';
import { promotionSteps } from './steps.ts';

interface Deletion {
  readonly actor: string;
  readonly reason: string;
}

/**
 * Takes versions that are about to be deleted out of the environments of their model, which the caller holds, and ends
 * the open requests for them. What comes into an environment by approval is not taken out of it by one person alone.
 *
 * @throws REGISTRY_VERSION_IN_USE
 */
export async function leaveEnvironments(
  room: Room,
  tx: Sql,
  model: StoredModel,
  numbers: readonly number[],
  { actor, reason }: Deletion,
): Promise<void> {
  const { promotions } = room;
  const { clock, events, pointerLog } = room.options;
  const emptied: string[] = [];
  const { environments } = await planOf(promotions, model.key, tx);
  for (const occupant of await promotions.occupants(model.key, tx)) {
    const { environment, version } = occupant;
    if (version === null || !numbers.includes(version)) continue;
    const from = versionRef(model.key, version);
    if (policyIn(environments, environment)?.approvals !== 0) {
      throw registryErrors.REGISTRY_VERSION_IN_USE({ version: from, use: `environment ${environment} holds it` });
    }
    const next = {
      ...{ environment, version: null, digest: null, promotion: null },
      sequence: occupant.sequence + 1,
      movedAtMs: clock.now(),
      movedBy: actor,
    };
    emptied.push(environment);
    await promotions.move(tx, model.key, occupant, next);
    const subject = environmentPointer(model.key, environment);
    await pointerLog.record(tx, { actor, pointer: subject, from, to: null, reason });
    const payload = { model: model.name, environment, from: version, to: null, promotion: null };
    await events.publish(tx, { topic: 'registry.environment.moved', subject, payload });
  }
  const steps = promotionSteps(room);
  const open = await promotions.list({ model: model.key, state: 'open', limit: 10_000 }, tx);
  for (const stored of open) {
    const isGone = numbers.includes(stored.version);
    // Nor is a request what it was when what it would replace is gone.
    if (!isGone && !emptied.includes(stored.environment)) continue;
    const gone = isGone ? stored.version : stored.replaces;
    await steps.end(tx, stored, 'superseded', { actor, comment: `Version ${gone} was deleted: ${reason}` });
  }
}
