import type { EnvironmentPolicy, PromotionStep } from '#contract';
import type { Json } from '#platform/kernel';
import type { Sql } from '#platform/sql';
import { versionRef } from '../model.ts';
import type { Room } from '../room.ts';
import { promotionErrors } from './errors.ts';
import { environmentPointer, promotionPointer, REGISTRY_ACTOR, type StoredPromotion } from './model.ts';

interface Step {
  readonly kind: PromotionStep['kind'];
  readonly actor: string;
  readonly as?: string | null;
  readonly comment?: string;
}

/** What each step of a request writes: the step, the audit log, the event. The caller holds the model. */
export function promotionSteps(room: Room) {
  const { promotions: store } = room;
  const { clock, events, pointerLog } = room.options;

  /** Takes a step that leaves the request in a state, which is the one it is in unless told. */
  async function take(tx: Sql, stored: StoredPromotion, step: Step, to: string = stored.state): Promise<void> {
    const { kind, actor, as = null, comment = '' } = step;
    const { model, number, environment, version, digest } = stored;
    await store.addStep(tx, stored.id, { kind, actor, as, comment, digest, atMs: clock.now() });
    await pointerLog.record(tx, {
      actor,
      pointer: promotionPointer(model, number),
      from: kind === 'requested' ? null : stored.state,
      to,
      reason: comment === '' ? IN_WORDS[kind] : comment,
      evidence: { step: kind, version: versionRef(model, version), environment, digest, as },
    });
    await events.publish(tx, {
      topic: 'registry.promotion.changed',
      subject: promotionPointer(model, number),
      payload: { model, promotion: number, environment, version, step: kind, state: to },
    });
  }

  /** Ends a request that is open. */
  async function end(
    tx: Sql,
    stored: StoredPromotion,
    state: 'rejected' | 'withdrawn' | 'expired' | 'superseded' | 'promoted',
    by: Omit<Step, 'kind'>,
  ): Promise<void> {
    if (!(await store.close(tx, stored.id, state, clock.now()))) {
      throw promotionErrors.REGISTRY_PROMOTION_CLOSED({ promotion: stored.number, state: 'closed' });
    }
    await take(tx, stored, { ...by, kind: state }, state);
  }

  /** Puts the version into the environment and ends the request; other requests for the environment are superseded. */
  async function promote(
    tx: Sql,
    stored: StoredPromotion,
    policy: EnvironmentPolicy,
    approvals: readonly PromotionStep[],
    actor: string,
  ): Promise<void> {
    const { model, environment, version, digest, number } = stored;
    const occupant = (await store.occupants(model, tx)).find((one) => one.environment === environment);
    const next = {
      ...{ environment, version, digest, promotion: number },
      sequence: (occupant?.sequence ?? 0) + 1,
      movedAtMs: clock.now(),
      movedBy: actor,
    };
    const isExpected = (occupant?.version ?? null) === stored.replaces;
    if (!isExpected || !(await store.move(tx, model, occupant, next))) {
      throw promotionErrors.REGISTRY_PROMOTION_CLOSED({ promotion: number, state: 'superseded' });
    }
    const gate = await room.gates.latest(model, version, tx);
    const evidence = {
      promotion: number,
      digest,
      requestedBy: stored.requestedBy,
      approvals: approvals.map(({ actor: by, as, atMs, comment }) => ({ by, as, atMs, comment })),
      policy,
      gate: gate ? { id: gate.id, passed: gate.passed } : null,
    };
    await pointerLog.record(tx, {
      actor,
      pointer: environmentPointer(model, environment),
      from: stored.replaces === null ? null : versionRef(model, stored.replaces),
      to: versionRef(model, version),
      reason: `Promotion request ${number} has ${approvals.length} of ${policy.approvals} approvals.`,
      // Strings, numbers and a checked policy.
      evidence: evidence as unknown as Json,
    });
    const payload = { model, environment, from: stored.replaces, to: version, promotion: number };
    const subject = environmentPointer(model, environment);
    await events.publish(tx, { topic: 'registry.environment.moved', subject, payload });
    await end(tx, stored, 'promoted', { actor });
    for (const other of await store.open(tx, model, environment)) {
      const comment = `Version ${version} came into ${environment} by request ${number}.`;
      await end(tx, other, 'superseded', { actor: REGISTRY_ACTOR, comment });
    }
  }

  /** @throws REGISTRY_PROMOTION_GATE */
  async function assertGate(tx: Sql, policy: EnvironmentPolicy, model: string, version: number): Promise<void> {
    if (!policy.gate) return;
    const gate = await room.gates.latest(model, version, tx);
    if (gate?.passed) return;
    const found = gate ? 'did not pass its latest' : 'has none';
    throw promotionErrors.REGISTRY_PROMOTION_GATE({
      version: versionRef(model, version),
      environment: policy.name,
      found,
    });
  }

  /** The version is still what it was when it was requested. @throws REGISTRY_PROMOTION_DIGEST */
  async function assertUnchanged(tx: Sql, { model, version, digest, number }: StoredPromotion): Promise<void> {
    const present = await room.versions.find({ key: model, name: model }, version, tx);
    if (present?.digest === digest) return;
    const given = present?.digest ?? 'a version that was deleted';
    throw promotionErrors.REGISTRY_PROMOTION_DIGEST({ promotion: number, requested: digest, given });
  }

  return {
    take,
    end,
    promote,
    assertGate,
    assertUnchanged,
    expire: (tx: Sql, stored: StoredPromotion) => end(tx, stored, 'expired', { actor: REGISTRY_ACTOR }),
  };
}

const IN_WORDS: Readonly<Record<PromotionStep['kind'], string>> = {
  requested: 'A promotion was requested.',
  commented: 'A comment was made.',
  approved: 'The promotion was approved.',
  rejected: 'The promotion was rejected.',
  withdrawn: 'The request was withdrawn.',
  expired: 'The request was not approved in time.',
  superseded: 'Something else came into the environment.',
  promoted: 'The request has the approvals it needs.',
};
