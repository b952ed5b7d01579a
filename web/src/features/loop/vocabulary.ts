import type { LoopState } from '#contract';
import type { Tone } from '../../parts/status.tsx';

interface Entry {
  readonly label: string;
  readonly tone: Tone;
}

const STATES: Readonly<Record<LoopState, Entry>> = {
  steady: { label: 'Steady', tone: 'ok' },
  'data-fault': { label: 'Data fault', tone: 'failed' },
  retraining: { label: 'Retraining', tone: 'info' },
  canary: { label: 'Canary', tone: 'info' },
  paused: { label: 'Paused', tone: 'neutral' },
};

const EVENTS: Readonly<Record<string, Entry>> = {
  started: { label: 'Started', tone: 'neutral' },
  'data-fault-found': { label: 'Data fault', tone: 'failed' },
  'data-fault-ended': { label: 'Feed clean again', tone: 'ok' },
  'performance-lost': { label: 'Performance lost', tone: 'warning' },
  'follow-up': { label: 'Follow-up training', tone: 'info' },
  'retraining-failed': { label: 'Retraining failed', tone: 'failed' },
  'gate-refused': { label: 'Gate refused', tone: 'warning' },
  'canary-started': { label: 'Canary', tone: 'info' },
  promoted: { label: 'Promoted', tone: 'ok' },
  'rolled-back': { label: 'Rolled back', tone: 'failed' },
  paused: { label: 'Paused', tone: 'neutral' },
  resumed: { label: 'Resumed', tone: 'neutral' },
};

/** The word and tone of a state. */
export function stateOf(state: LoopState): Entry {
  return STATES[state];
}

/** The word and tone of a transition; a kind this page does not know yet keeps its own name. */
export function eventOf(kind: string): Entry {
  return EVENTS[kind] ?? { label: kind, tone: 'neutral' };
}
