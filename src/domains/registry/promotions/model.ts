import type { EnvironmentPolicy, Promotion, PromotionState, PromotionStep } from '#contract';
import { ref } from '#platform/kernel';

/** Who closes what nobody closed in time. */
export const REGISTRY_ACTOR = 'trimtab:registry';

/** A request without what its steps and the policy say of it. Its model is named by its key. */
export type StoredPromotion = Omit<Promotion, 'approvals' | 'needed' | 'steps'>;

export type NewStep = Omit<PromotionStep, 'sequence'>;

/** What is in an environment, and since when. */
export interface Occupant {
  readonly environment: string;
  readonly version: number | null;
  readonly digest: string | null;
  readonly promotion: number | null;
  readonly sequence: number;
  readonly movedAtMs: number;
  readonly movedBy: string;
}

/** The plan of one scope as stored; without environments the scope goes by what lies above it. */
export interface StoredPlan {
  readonly environments: readonly EnvironmentPolicy[] | null;
  readonly revision: number;
  readonly updatedBy: string;
}

export interface PromotionFilter {
  readonly model?: string | undefined;
  readonly version?: number | undefined;
  readonly state?: PromotionState | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

/** The pointer of an environment: `model:delays#production`. */
export function environmentPointer(model: string, environment: string): string {
  return ref('model', `${model}#${environment}`);
}

/** The pointer of a request: `model:delays#promotion-3`. */
export function promotionPointer(model: string, number: number): string {
  return ref('model', `${model}#promotion-${number}`);
}

/** The pointer of a plan: `model:delays#environments`, or that of the server. */
export function planPointer(scope: string): string {
  return scope === '' ? 'server:environments' : ref('model', `${scope}#environments`);
}
