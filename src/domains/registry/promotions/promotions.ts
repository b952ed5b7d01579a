import type { EnvironmentPolicy, Promotion, PromotionStep } from '#contract';
import type { Principal } from '#platform/http';
import { newId } from '#platform/kernel';
import type { Sql } from '#platform/sql';
import { versionRef } from '../model.ts';
import type { RolesOf } from '../ports.ts';
import { findModel, lockModel, type Room } from '../room.ts';
import { findVersion } from '../versions.ts';
import { planOf, policyIn, policyNamed } from './environments.ts';
import { promotionErrors } from './errors.ts';
import type { PromotionFilter, StoredPromotion } from './model.ts';
import { countingApprovals, identityOf, standingOf } from './policy.ts';
import { promotionSteps } from './steps.ts';

export interface PromotionRequest {
  readonly version: string;
  readonly environment: string;
  readonly comment?: string | undefined;
  readonly expiresAfterMs?: number | undefined;
}

/** Somebody who decides, with what may let him. */
interface Deciding {
  readonly actor: string;
  readonly roles: readonly string[];
  readonly mayEdit: boolean;
}

/**
 * Verbs of promotion requests. A request is for exactly one version by its digest, and an approval counts for that
 * digest alone. With the approvals that the policy of the environment asks for at that moment, the version comes into
 * the environment in the transaction of the last approval.
 */
export function promotionVerbs(room: Room, rolesOf: RolesOf) {
  const { promotions: store } = room;
  const { database, clock, rng } = room.options;
  const steps = promotionSteps(room);

  async function complete(found: readonly StoredPromotion[]): Promise<Promotion[]> {
    const models = [...new Set(found.map(({ model }) => model))];
    const plans = new Map(await Promise.all(models.map(async (model) => [model, await planOf(store, model)] as const)));
    const names = await room.models.names(models);
    const stepsById = await store.steps(found.map(({ id }) => id));
    return found.map((stored) => {
      const taken = stepsById.get(stored.id) ?? [];
      const policy = policyIn(plans.get(stored.model)?.environments ?? [], stored.environment);
      const approvals = policy ? countingApprovals(policy, stored, taken).length : 0;
      const model = names.get(stored.model) ?? stored.model;
      return { ...stored, model, approvals, needed: policy?.approvals ?? null, steps: taken };
    });
  }

  async function getPromotion(model: string, number: number): Promise<Promotion> {
    const { key } = await findModel(room, model);
    await expirePromotions();
    const stored = await store.find(key, number);
    if (!stored) throw promotionErrors.REGISTRY_PROMOTION_NOT_FOUND({ model, promotion: number });
    const [promotion] = await complete([stored]);
    return promotion as Promotion;
  }

  /** Runs a step on a request whose model is held, and answers the request as it is afterwards. */
  async function change(
    model: string,
    number: number,
    step: (tx: Sql, stored: StoredPromotion) => Promise<void>,
  ): Promise<Promotion> {
    await expirePromotions();
    await database.transaction(async (tx) => {
      const { key } = await lockModel(room, tx, model);
      const stored = await store.find(key, number, tx);
      if (!stored) throw promotionErrors.REGISTRY_PROMOTION_NOT_FOUND({ model, promotion: number });
      await step(tx, stored);
    });
    return getPromotion(model, number);
  }

  /** Ends requests whose time is over. Called before each verb and once in a while. */
  async function expirePromotions(): Promise<void> {
    for (const due of await store.overdue(clock.now())) {
      await database.transaction(async (tx) => {
        await room.models.lock(tx, { key: due.model });
        const stored = await store.find(due.model, due.number, tx);
        if (stored?.state === 'open') await steps.expire(tx, stored);
      });
    }
  }

  /** Who decides, after all that forbids it; the entry of the policy that lets him. */
  async function decider(tx: Sql, stored: StoredPromotion, { actor, roles, mayEdit }: Deciding) {
    const policy = policyNamed(stored.model, await planOf(store, stored.model, tx), stored.environment);
    const { environment, number } = stored;
    const standing = standingOf(policy, actor, roles, mayEdit);
    if (standing === undefined) {
      const approvers = policy.approvers.join(', ') || 'whoever may edit the model';
      throw promotionErrors.REGISTRY_PROMOTION_NOT_APPROVER({ actor: identityOf(actor), environment, approvers });
    }
    if (!policy.selfApproval && identityOf(actor) === identityOf(stored.requestedBy)) {
      throw promotionErrors.REGISTRY_PROMOTION_OWN({ promotion: number, by: identityOf(actor), environment });
    }
    return { policy, standing };
  }

  async function decidingOf(by: Principal, model: string): Promise<Deciding> {
    const roles = await rolesOf(identityOf(by.id));
    return { actor: by.id, roles, mayEdit: room.options.mayEdit(by, model) };
  }

  async function assertViaPrevious(
    tx: Sql,
    model: string,
    version: number,
    policy: EnvironmentPolicy,
    environments: readonly EnvironmentPolicy[],
  ): Promise<void> {
    const previous = environments[environments.indexOf(policy) - 1];
    if (!policy.viaPrevious || !previous) return;
    if (await store.wasIn(tx, model, version, [previous.name, policy.name])) return;
    throw promotionErrors.REGISTRY_PROMOTION_SKIPS({
      version: versionRef(model, version),
      environment: policy.name,
      previous: previous.name,
    });
  }

  return {
    expirePromotions,
    getPromotion,

    /** Newest first. */
    async listPromotions(filter: PromotionFilter): Promise<readonly Promotion[]> {
      const model = filter.model === undefined ? undefined : (await findModel(room, filter.model)).key;
      await expirePromotions();
      return complete(await store.list({ ...filter, model }));
    },

    /** Asks that a version may come into an environment; where no approval is needed it does. */
    async requestPromotion(name: string, request: PromotionRequest, actor: string): Promise<Promotion> {
      await expirePromotions();
      const { version: found } = await findVersion(room, name, request.version);
      const { version, digest, ref } = found;
      const { environment, comment = '' } = request;
      const number = await database.transaction(async (tx) => {
        const { key: model } = await lockModel(room, tx, name);
        const plan = await planOf(store, model, tx);
        const policy = policyNamed(name, plan, environment);
        const open = await store.open(tx, model, environment);
        const same = open.find((other) => other.version === version && other.digest === digest);
        if (same && identityOf(same.requestedBy) === identityOf(actor)) return same.number;
        if (same) {
          const by = same.requestedBy;
          throw promotionErrors.REGISTRY_PROMOTION_OPEN({ promotion: same.number, version: ref, environment, by });
        }
        const occupant = (await store.occupants(model, tx)).find((one) => one.environment === environment);
        if (occupant?.version === version && occupant.digest === digest) {
          throw promotionErrors.REGISTRY_PROMOTION_POINTLESS({ version: ref, environment });
        }
        await assertViaPrevious(tx, model, version, policy, plan.environments);
        await steps.assertGate(tx, policy, model, version);
        const nowMs = clock.now();
        const expiresAfterMs = Math.min(request.expiresAfterMs ?? policy.expiresAfterMs, policy.expiresAfterMs);
        const stored: StoredPromotion = {
          id: newId(clock, rng),
          number: await store.nextNumber(tx, model),
          ...{ model, environment, version, digest },
          replaces: occupant?.version ?? null,
          state: 'open',
          requestedBy: actor,
          requestedAtMs: nowMs,
          expiresAtMs: nowMs + expiresAfterMs,
          closedAtMs: null,
        };
        await store.add(tx, stored);
        await steps.take(tx, stored, { kind: 'requested', actor, comment });
        if (policy.approvals === 0) await steps.promote(tx, stored, policy, [], actor);
        return stored.number;
      });
      return getPromotion(name, number);
    },

    /** Approves what has the given digest, and nothing else. */
    async approvePromotion(
      model: string,
      number: number,
      { digest, comment = '' }: { readonly digest: string; readonly comment?: string | undefined },
      by: Principal,
    ): Promise<Promotion> {
      const deciding = await decidingOf(by, model);
      const { actor } = deciding;
      return change(model, number, async (tx, stored) => {
        const { policy, standing } = await decider(tx, stored, deciding);
        if (digest !== stored.digest) {
          throw promotionErrors.REGISTRY_PROMOTION_DIGEST({
            promotion: number,
            requested: stored.digest,
            given: digest,
          });
        }
        const taken = async () => (await store.steps([stored.id], tx)).get(stored.id) ?? [];
        const before = await taken();
        // The answer to the same approval got lost.
        if (stored.state === 'promoted' && isApprovedBy(before, actor)) return;
        assertOpen(stored);
        await steps.assertUnchanged(tx, stored);
        if (!isApprovedBy(before, actor, standing)) {
          await steps.take(tx, stored, { kind: 'approved', actor, as: standing, comment });
        }
        const counting = countingApprovals(policy, stored, await taken());
        if (counting.length < policy.approvals) return;
        await steps.assertGate(tx, policy, stored.model, stored.version);
        await steps.promote(tx, stored, policy, counting, actor);
      });
    },

    async rejectPromotion(
      model: string,
      number: number,
      { comment }: { readonly comment: string },
      by: Principal,
    ): Promise<Promotion> {
      const deciding = await decidingOf(by, model);
      return change(model, number, async (tx, stored) => {
        const { standing } = await decider(tx, stored, deciding);
        assertOpen(stored);
        await steps.end(tx, stored, 'rejected', { actor: by.id, as: standing, comment });
      });
    },

    async withdrawPromotion(
      model: string,
      number: number,
      { comment = '' }: { readonly comment?: string | undefined },
      actor: string,
    ): Promise<Promotion> {
      return change(model, number, async (tx, stored) => {
        const [by, who] = [identityOf(stored.requestedBy), identityOf(actor)];
        if (by !== who) throw promotionErrors.REGISTRY_PROMOTION_NOT_OWN({ promotion: number, by, actor: who });
        if (stored.state === 'withdrawn') return;
        assertOpen(stored);
        await steps.end(tx, stored, 'withdrawn', { actor, comment });
      });
    },

    async commentPromotion(
      model: string,
      number: number,
      { comment }: { readonly comment: string },
      actor: string,
    ): Promise<Promotion> {
      return change(model, number, (tx, stored) => steps.take(tx, stored, { kind: 'commented', actor, comment }));
    },
  };
}

function assertOpen({ number, state }: StoredPromotion): void {
  if (state !== 'open') throw promotionErrors.REGISTRY_PROMOTION_CLOSED({ promotion: number, state });
}

/** @param standing only as approved with this standing, when it is given */
function isApprovedBy(taken: readonly PromotionStep[], actor: string, standing?: string | null): boolean {
  return taken.some(
    (step) =>
      step.kind === 'approved' &&
      identityOf(step.actor) === identityOf(actor) &&
      (standing === undefined || step.as === standing),
  );
}
