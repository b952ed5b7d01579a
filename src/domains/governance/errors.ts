import { defineErrors } from '#platform/kernel';

export const governanceErrors = defineErrors({
  GOVERNANCE_ENTRY_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { sequence: number }) =>
      `The audit log has no entry ${d.sequence}. List the newest with: trimtab audit log`,
  },
  GOVERNANCE_CHECKPOINT_INVALID: {
    kind: 'invalid',
    message: (d: { problem: string }) =>
      `The checkpoint cannot be checked: ${d.problem}. Give both figures that "trimtab audit checkpoint" printed.`,
  },
  GOVERNANCE_REF_INVALID: {
    kind: 'invalid',
    message: (d: { ref: string; problem: string }) =>
      `"${d.ref}" ${d.problem}. A reference is kind:id, e.g. version:delays/3 or commit:flights/3f2a.`,
  },
});
