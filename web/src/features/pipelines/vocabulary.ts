import type { PipelineRun, RunStep } from '#contract';
import type { Tone } from '../../parts/status.tsx';

export const RUN_TONES: Readonly<Record<PipelineRun['status'], Tone>> = {
  queued: 'neutral',
  running: 'info',
  succeeded: 'ok',
  failed: 'failed',
  cancelled: 'neutral',
};

export const STEP_TONES: Readonly<Record<RunStep['status'], Tone>> = {
  waiting: 'neutral',
  queued: 'neutral',
  running: 'info',
  succeeded: 'ok',
  reused: 'ok',
  failed: 'failed',
  cancelled: 'neutral',
  skipped: 'neutral',
};
