import type { EnvironmentPolicy, PromotionState, PromotionStep } from '#contract';
import { counted } from '../../../format/numbers.ts';
import type { Tone } from '../../../parts/status.tsx';

/** How a request stands, in its colour. */
export const TONES: Readonly<Record<PromotionState, Tone>> = {
  open: 'info',
  promoted: 'ok',
  rejected: 'failed',
  withdrawn: 'neutral',
  expired: 'warning',
  superseded: 'neutral',
};

export const STEP_TONES: Readonly<Record<PromotionStep['kind'], Tone>> = {
  ...TONES,
  requested: 'info',
  commented: 'neutral',
  approved: 'ok',
};

/** What a version needs to come in, as one reads it. */
export function wantsInWords({ approvals, approvers, gate, selfApproval, viaPrevious }: EnvironmentPolicy): string {
  const wants = [
    approvals === 0 ? 'no approvals' : counted(approvals, 'approval'),
    ...(approvers.length > 0 ? [`of ${approvers.join(', ')}`] : []),
    ...(gate ? ['a passed gate'] : []),
    ...(viaPrevious ? ['the environment before it'] : []),
    ...(selfApproval && approvals > 0 ? ['one may approve his own'] : []),
  ];
  return wants.join(', ');
}

/** `1 of 2`. */
export function ofNeeded({ approvals, needed }: { readonly approvals: number; readonly needed: number | null }) {
  if (needed === 0) return 'none needed';
  return needed === null ? String(approvals) : `${approvals} of ${needed}`;
}
