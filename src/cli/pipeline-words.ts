import type { PipelineRunDetail, RunStep } from '#contract';
import { table } from './terminal.ts';

/** A run with its steps, as text. */
export function runInWords({ run, steps }: PipelineRunDetail): string {
  const failed = steps.flatMap((step) => {
    const last = step.attempts.at(-1);
    return step.status === 'failed' && last ? [`${step.name}: ${last.words}\n${indented(last.logTail ?? '')}`] : [];
  });
  const notes = steps.filter(({ note }) => note !== null).map(({ name, note }) => `${name}: ${note}`);
  const rows = steps.map((step) => ({
    step: step.name,
    status: step.status,
    tries: step.attempts.length,
    seconds: secondsOf(step),
    outputs: step.outputs.map(outputInWords).join(', ') || '-',
  }));
  return [`Run ${run.id} of ${run.pipeline}/${run.version}: ${run.words}`, table(rows, ''), ...notes, ...failed].join(
    '\n',
  );
}

function secondsOf({ startedAtMs, finishedAtMs }: RunStep): string {
  return startedAtMs === null || finishedAtMs === null ? '-' : ((finishedAtMs - startedAtMs) / 1000).toFixed(1);
}

function outputInWords(output: RunStep['outputs'][number]): string {
  if (output.value === undefined) return `${output.name} (${output.sizeBytes} B)`;
  const text = JSON.stringify(output.value);
  return text.length > 40 ? `${output.name} (JSON, ${text.length} B)` : `${output.name}=${text}`;
}

function indented(text: string): string {
  return text.trimEnd().replace(/^/gm, '  | ');
}
