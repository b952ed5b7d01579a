import type { Span, TraceInfo } from '#contract';
import { Status, type Tone } from '../../parts/status.tsx';

const TONES: Readonly<Record<TraceInfo['state'], Tone>> = {
  ok: 'ok',
  error: 'failed',
  'in-progress': 'info',
  unknown: 'neutral',
};

const WORDS: Readonly<Record<TraceInfo['state'], string>> = {
  ok: 'ok',
  error: 'failed',
  'in-progress': 'in progress',
  unknown: 'not told',
};

export function TraceState({ state }: { readonly state: TraceInfo['state'] }) {
  return <Status tone={TONES[state]}>{WORDS[state]}</Status>;
}

export function SpanState({ status }: { readonly status: Span['status'] }) {
  return <Status tone={status === 'error' ? 'failed' : status === 'ok' ? 'ok' : 'neutral'}>{STATUS[status]}</Status>;
}

const STATUS: Readonly<Record<Span['status'], string>> = { ok: 'ok', error: 'failed', unset: 'not told' };
