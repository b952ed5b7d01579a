import { defineErrors } from '#platform/kernel';

export const promotionErrors = defineErrors({
  REGISTRY_ENVIRONMENT_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { model: string; environment: string; known: string }) =>
      `Model "${d.model}" has no environment "${d.environment}", only ${d.known}. See: trimtab model environments ${d.model}`,
  },
  REGISTRY_ENVIRONMENTS_INVALID: {
    kind: 'invalid',
    message: (d: { environment: string; problem: string }) =>
      `Environment "${d.environment}" ${d.problem}. Nothing was changed.`,
  },
  REGISTRY_ENVIRONMENTS_CHANGED: {
    kind: 'conflict',
    message: (d: { revision: number; given: number; by: string }) =>
      `The environments are at revision ${d.revision}, changed by ${d.by}, and the change was made from revision ${d.given}. Look again and decide anew; nothing was changed.`,
  },
  REGISTRY_PROMOTION_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { model: string; promotion: number }) =>
      `Model "${d.model}" has no promotion request ${d.promotion}. List them with: trimtab model promotions ${d.model}`,
  },
  REGISTRY_PROMOTION_CLOSED: {
    kind: 'conflict',
    message: (d: { promotion: number; state: string }) =>
      `Promotion request ${d.promotion} is ${d.state} already; nothing was changed. Request it anew with: trimtab model promote`,
  },
  REGISTRY_PROMOTION_OPEN: {
    kind: 'conflict',
    message: (d: { promotion: number; version: string; environment: string; by: string }) =>
      `${d.by} requested ${d.version} for "${d.environment}" already: request ${d.promotion} is open. Comment on it or approve it.`,
  },
  REGISTRY_PROMOTION_POINTLESS: {
    kind: 'conflict',
    message: (d: { version: string; environment: string }) =>
      `${d.version} is in "${d.environment}" already; nothing was requested.`,
  },
  REGISTRY_PROMOTION_SKIPS: {
    kind: 'conflict',
    message: (d: { version: string; environment: string; previous: string }) =>
      `${d.version} was never in "${d.previous}", from which versions come into "${d.environment}". Promote it to "${d.previous}" first.`,
  },
  REGISTRY_PROMOTION_GATE: {
    kind: 'conflict',
    message: (d: { version: string; environment: string; found: string }) =>
      `"${d.environment}" takes only versions whose latest gate passed, and ${d.version} ${d.found}. Run one with: trimtab model gate`,
  },
  REGISTRY_PROMOTION_DIGEST: {
    kind: 'conflict',
    message: (d: { promotion: number; requested: string; given: string }) =>
      `Promotion request ${d.promotion} is for the version with digest ${d.requested}, not ${d.given}: what was looked at is not what was requested. Look again; nothing was approved.`,
  },
  REGISTRY_PROMOTION_OWN: {
    kind: 'forbidden',
    message: (d: { promotion: number; by: string; environment: string }) =>
      `${d.by} requested promotion ${d.promotion} and cannot decide on it: "${d.environment}" wants somebody else. Ask another person, or allow selfApproval in: trimtab model environments`,
  },
  REGISTRY_PROMOTION_NOT_OWN: {
    kind: 'forbidden',
    message: (d: { promotion: number; by: string; actor: string }) =>
      `Promotion request ${d.promotion} is ${d.by}'s, so ${d.actor} cannot withdraw it. Reject it instead.`,
  },
  REGISTRY_PROMOTION_NOT_APPROVER: {
    kind: 'forbidden',
    message: (d: { actor: string; environment: string; approvers: string }) =>
      `${d.actor} is none of those who decide on "${d.environment}": ${d.approvers}. Ask one of them.`,
  },
});
