import type { RunStatus, StepStatus } from '#contract';
import type { Cancel } from '../model.ts';
import { seconds } from './failure.ts';

/** A run that is not over, in one sentence. */
export function wordsUnderWay(
  status: RunStatus,
  counts: Readonly<Partial<Record<StepStatus, number>>>,
  cancel: Cancel | null,
): string {
  const count = (...of: StepStatus[]) => of.reduce((sum, one) => sum + (counts[one] ?? 0), 0);
  const all = Object.values(counts).reduce((sum, one) => sum + one, 0);
  if (cancel) return `Being cancelled by ${cancel.actor}; ${plural(count('running'), 'step')} still to stop.`;
  if (status === 'queued') return `Waiting to begin; ${plural(all, 'step')} to do.`;
  const failed = count('failed');
  const trouble = failed > 0 ? ` ${plural(failed, 'step')} failed; what does not depend on it goes on.` : '';
  const done = count('succeeded', 'reused');
  return `${done} of ${plural(all, 'step')} done, ${count('running')} running, ${count('queued', 'waiting')} to come.${trouble}`;
}

/** A run that is over, in one sentence. */
export function wordsAtEnd(end: {
  readonly status: RunStatus;
  readonly statuses: ReadonlyMap<string, StepStatus>;
  readonly tookMs: number;
  readonly cancel: Cancel | null;
  /** Why a step failed, by step. */
  readonly failures: ReadonlyMap<string, string>;
}): string {
  const named = (status: StepStatus) => [...end.statuses].filter(([, one]) => one === status).map(([name]) => name);
  const all = end.statuses.size;
  if (end.status === 'cancelled') {
    const done = named('succeeded').length + named('reused').length;
    const why = end.cancel ? `by ${end.cancel.actor}: ${end.cancel.reason.replace(/\.$/, '')}` : 'on request';
    return `Cancelled ${why}. ${done} of ${plural(all, 'step')} had ended well.`;
  }
  if (end.status === 'failed') {
    const [first = '', ...others] = named('failed');
    const skipped = named('skipped').length;
    const rest = others.length > 0 ? ` ${plural(others.length, 'more step')} failed: ${few(others)}.` : '';
    const after = skipped > 0 ? ` ${plural(skipped, 'step')} after it ${skipped === 1 ? 'was' : 'were'} skipped.` : '';
    return `Step ${first} failed. ${end.failures.get(first) ?? ''}${rest}${after}`.trim();
  }
  const reused = named('reused').length;
  const reuse = reused > 0 ? `, ${reused} of them reused` : '';
  const who = all === 1 ? 'Its step' : all === 2 ? 'Both steps' : `All ${all} steps`;
  return `${who} ended well in ${seconds(end.tookMs)}${reuse}.`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function few(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and others` : names.join(', ');
}
