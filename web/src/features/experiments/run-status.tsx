import type { RunState } from '#contract';
import { Status, type Tone } from '../../parts/status.tsx';

const TONES: Readonly<Record<RunState, Tone>> = {
  scheduled: 'info',
  running: 'info',
  finished: 'ok',
  failed: 'failed',
  killed: 'warning',
};

export function RunStatus({ status }: { readonly status: RunState }) {
  return <Status tone={TONES[status]}>{status}</Status>;
}
