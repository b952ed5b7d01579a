import type { EnvironmentMove, EnvironmentPlan, EnvironmentPolicy, ModelEnvironment } from '#contract';
import { digestOf } from '#platform/digest';
import type { Json } from '#platform/kernel';
import type { Sql } from '#platform/sql';
import { findModel, lockModel, type Room } from '../room.ts';
import { promotionErrors } from './errors.ts';
import { type Occupant, planPointer } from './model.ts';
import { assertPlan, DEFAULT_ENVIRONMENTS } from './policy.ts';
import type { PromotionStore } from './store.ts';

const SERVER = '';

/** The environments that count for a model: its own, those of the server, or those that come with it. */
export async function planOf(store: PromotionStore, model: string, sql?: Sql): Promise<EnvironmentPlan> {
  const own = model === SERVER ? undefined : await store.findPlan(model, sql);
  if (own?.environments) return { environments: [...own.environments], own: true, revision: own.revision };
  const general = await store.findPlan(SERVER, sql);
  const environments = [...(general?.environments ?? DEFAULT_ENVIRONMENTS)];
  return { environments, own: false, revision: general?.revision ?? 0 };
}

/** Verbs of environments: which there are, and what is in them. */
export function environmentVerbs(room: Room) {
  const { promotions: store } = room;
  const { database, clock, events, pointerLog } = room.options;

  async function writePlan(
    tx: Sql,
    scope: string,
    change: { readonly environments: readonly EnvironmentPolicy[] | null; readonly revision: number },
    actor: string,
  ): Promise<void> {
    const { environments, revision } = change;
    if (environments) assertPlan(environments);
    const present = await store.findPlan(scope, tx);
    const now = present?.revision ?? 0;
    // The answer to the same request got lost.
    if (now === revision + 1 && JSON.stringify(present?.environments) === JSON.stringify(environments)) return;
    const next = { environments, revision: revision + 1, updatedBy: actor };
    if (now !== revision || !(await store.writePlan(tx, scope, next, clock.now()))) {
      const by = present?.updatedBy ?? 'somebody else';
      throw promotionErrors.REGISTRY_ENVIRONMENTS_CHANGED({ revision: now, given: revision, by });
    }
    await pointerLog.record(tx, {
      actor,
      pointer: planPointer(scope),
      from: present?.environments ? namesOf(present.environments) : null,
      to: environments && namesOf(environments),
      reason: environments ? 'The environments were changed.' : 'The environments of the server count again.',
      // Checked JSON of a request, and what was stored of one.
      evidence: { environments, digest: digestOf(environments as unknown as Json) } as unknown as Json,
    });
    await events.publish(tx, {
      topic: 'registry.environments.changed',
      subject: planPointer(scope),
      payload: { model: scope === SERVER ? null : scope, revision: next.revision },
    });
  }

  return {
    getEnvironmentPlan: (): Promise<EnvironmentPlan> => planOf(store, SERVER),

    /** @throws REGISTRY_ENVIRONMENTS_INVALID, REGISTRY_ENVIRONMENTS_CHANGED */
    async setEnvironmentPlan(
      change: { readonly environments: readonly EnvironmentPolicy[]; readonly revision: number },
      actor: string,
    ): Promise<EnvironmentPlan> {
      await database.transaction((tx) => writePlan(tx, SERVER, change, actor));
      return planOf(store, SERVER);
    },

    /** Environments of a model in their order, then those that still hold a version and are named no more. */
    async getModelEnvironments(name: string) {
      const { key: model } = await findModel(room, name);
      const [plan, occupants, own] = await Promise.all([
        planOf(store, model),
        store.occupants(model),
        store.findPlan(model),
      ]);
      const left = occupants.filter(
        ({ environment, version }) => version !== null && !policyIn(plan.environments, environment),
      );
      const environments: ModelEnvironment[] = [
        ...plan.environments.map((policy) =>
          toEnvironment(
            policy.name,
            policy,
            occupants.find(({ environment }) => environment === policy.name),
          ),
        ),
        ...left.map((occupant) => toEnvironment(occupant.environment, null, occupant)),
      ];
      return { environments, own: plan.own, revision: own?.revision ?? 0 };
    },

    /** @throws REGISTRY_ENVIRONMENTS_INVALID, REGISTRY_ENVIRONMENTS_CHANGED */
    async setModelEnvironmentPlan(
      name: string,
      change: { readonly environments: readonly EnvironmentPolicy[] | null; readonly revision: number },
      actor: string,
    ): Promise<EnvironmentPlan> {
      await database.transaction(async (tx) => {
        const { key } = await lockModel(room, tx, name);
        await writePlan(tx, key, change, actor);
      });
      return planOf(store, (await findModel(room, name)).key);
    },

    /** Moves of an environment, newest first. */
    async listEnvironmentMoves(
      name: string,
      environment: string,
      page: { readonly before?: number | undefined; readonly limit: number },
    ): Promise<readonly EnvironmentMove[]> {
      const { key } = await findModel(room, name);
      const moves = await store.moves(key, environment, page);
      if (moves.length === 0) policyNamed(name, await planOf(store, key), environment);
      return moves;
    },
  };
}

/** @throws REGISTRY_ENVIRONMENT_NOT_FOUND */
export function policyNamed(model: string, { environments }: EnvironmentPlan, environment: string): EnvironmentPolicy {
  const policy = policyIn(environments, environment);
  if (policy) return policy;
  throw promotionErrors.REGISTRY_ENVIRONMENT_NOT_FOUND({ model, environment, known: namesOf(environments) });
}

export function policyIn(environments: readonly EnvironmentPolicy[], name: string): EnvironmentPolicy | undefined {
  return environments.find((policy) => policy.name === name);
}

function namesOf(environments: readonly EnvironmentPolicy[]): string {
  return environments.map(({ name }) => name).join(', ');
}

function toEnvironment(
  name: string,
  policy: EnvironmentPolicy | null,
  occupant: Occupant | undefined,
): ModelEnvironment {
  const held = occupant?.version == null ? undefined : occupant;
  return {
    name,
    policy,
    version: held?.version ?? null,
    digest: held?.digest ?? null,
    promotion: held?.promotion ?? null,
    movedAtMs: held?.movedAtMs ?? null,
    movedBy: held?.movedBy ?? null,
  };
}
