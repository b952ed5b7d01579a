import type { Loops, Signal } from '#domains/loop';
import type { Pipelines } from '#domains/pipelines';
import type { Events } from '#platform/events';
import type { Clock, Json } from '#platform/kernel';
import type { TrainingVerdict } from '../steps/register-version.ts';

const LOOP = 'loop:';

/** Turns what monitors find and how retrainings end into the signals of the loops concerned. */
export function connectSignals({
  events,
  loops,
  pipelines,
  timeline,
}: {
  readonly events: Events;
  readonly loops: Loops;
  readonly pipelines: Pipelines;
  /** The time of the world being watched. */
  readonly timeline: Clock;
}): void {
  events.subscribe('loop-windows', ['monitoring.window.evaluated'], async ({ payload }) => {
    // Published by monitoring in this shape: see its README.
    const { monitor, id, signal } = payload as unknown as { monitor: string; id: string; signal: Signal };
    for (const { name } of await loops.listByMonitor(monitor)) await loops.signal(name, id, signal);
  });

  events.subscribe('loop-retrainings', ['pipelines.run.finished'], async ({ payload }) => {
    const { run } = payload as { run: string };
    const detail = await pipelines.getRun(run);
    const { trigger, idempotencyKey, status, words } = detail.run;
    if (!trigger.subject?.startsWith(LOOP) || !idempotencyKey?.startsWith('loop/')) return;
    const outputs = detail.steps.flatMap((step) => step.outputs);
    // Written by the register step, whose type it has.
    const verdict = outputs.find(({ name }) => name === 'verdict')?.value as TrainingVerdict | undefined;
    await loops.signal(trigger.subject.slice(LOOP.length), `run/${run}`, {
      kind: 'retrained',
      atMs: timeline.now(),
      key: idempotencyKey.slice('loop/'.length),
      outcome:
        status === 'succeeded' && verdict
          ? {
              status: 'gated',
              passed: verdict.passed,
              challenger: verdict.version,
              words: verdict.words,
              evidence: verdict.checks as unknown as Json,
            }
          : { status: 'failed', reason: verdict ? words : `${words} No verdict came out of it.`, pipelineRun: run },
    });
  });
}
