import type { EnvironmentPolicy, PromotionStep } from '#contract';
import { assertName } from '#platform/kernel';
import { promotionErrors } from './errors.ts';

const WEEK_MS = 7 * 86_400_000;

const OPEN_DOOR: Omit<EnvironmentPolicy, 'name' | 'description'> = {
  approvals: 0,
  approvers: [],
  gate: false,
  selfApproval: false,
  viaPrevious: false,
  expiresAfterMs: WEEK_MS,
};

/** The environments a server has before anybody says otherwise. */
export const DEFAULT_ENVIRONMENTS: readonly EnvironmentPolicy[] = [
  { ...OPEN_DOOR, name: 'dev', description: 'To try versions out.' },
  { ...OPEN_DOOR, name: 'staging', description: 'As in production, without its users.', approvals: 1 },
  {
    ...OPEN_DOOR,
    name: 'production',
    description: 'What users depend on.',
    approvals: 2,
    gate: true,
    viaPrevious: true,
  },
];

/** Who is behind an actor: `user:ann for pipeline-run:7` is `user:ann`. On whose behalf is the caller's own word. */
export function identityOf(actor: string): string {
  const behalf = actor.indexOf(' for ');
  return behalf < 0 ? actor : actor.slice(0, behalf);
}

/** @throws REGISTRY_ENVIRONMENTS_INVALID, KERNEL_NAME_INVALID */
export function assertPlan(environments: readonly EnvironmentPolicy[]): void {
  const seen = new Set<string>();
  for (const { name, approvals, approvers, viaPrevious } of environments) {
    assertName('environment', name);
    const refuse = (problem: string) => promotionErrors.REGISTRY_ENVIRONMENTS_INVALID({ environment: name, problem });
    if (seen.has(name)) throw refuse('is named twice');
    if (viaPrevious && seen.size === 0) throw refuse('is the first, so no environment comes before it');
    seen.add(name);
    const people = new Set(approvers);
    const countable = ![...people].some((who) => who.startsWith('role:'));
    if (people.size > 0 && countable && people.size < approvals) {
      throw refuse(`wants ${approvals} approvals and names ${people.size} who may give one`);
    }
  }
}

/**
 * What in the policy lets somebody decide: the entry that names him or a role of his, null when whoever may edit the
 * model may, undefined when nothing does.
 */
export function standingOf(
  policy: EnvironmentPolicy,
  actor: string,
  roles: readonly string[],
  mayEdit: boolean,
): string | null | undefined {
  if (policy.approvers.length === 0) return mayEdit ? null : undefined;
  const names = [identityOf(actor), ...roles];
  return policy.approvers.find((approver) => names.includes(approver));
}

/**
 * Approvals that count by a policy: one a person, of this digest, by those whose standing the policy still knows, and
 * not by who requested unless that is allowed.
 */
export function countingApprovals(
  policy: EnvironmentPolicy,
  request: { readonly digest: string; readonly requestedBy: string },
  steps: readonly PromotionStep[],
): readonly PromotionStep[] {
  const requester = identityOf(request.requestedBy);
  const byPerson = new Map<string, PromotionStep>();
  for (const step of steps) {
    if (step.kind !== 'approved' || step.digest !== request.digest) continue;
    const person = identityOf(step.actor);
    if (person === requester && !policy.selfApproval) continue;
    const stands = step.as === null ? policy.approvers.length === 0 : policy.approvers.includes(step.as);
    const isListed = stands || policy.approvers.includes(person);
    if (isListed && !byPerson.has(person)) byPerson.set(person, step);
  }
  return [...byPerson.values()];
}
