import type { Pipeline, PipelineRun, RunStep, StepAttempt, StepStatus } from '#contract';
import { wordsUnderWay } from './core/words.ts';
import type { StoredAttempt, StoredDefinition, StoredOutput, StoredRun, StoredStep } from './model.ts';

/** What is stored, as the API tells it. */

export function pipelineAnswer(stored: StoredDefinition): Pipeline {
  const { pipeline: name, version, digest, definition, createdBy, createdAtMs } = stored;
  return { name, version, digest, definition, createdBy, createdAtMs };
}

export function runAnswer(run: StoredRun, counts: Readonly<Partial<Record<StepStatus, number>>>): PipelineRun {
  const { requestDigest: _, cancel, words, ...told } = run;
  return { ...told, inputs: { ...run.inputs }, words: words ?? wordsUnderWay(run.status, counts, cancel) };
}

export function stepAnswer(
  step: StoredStep,
  needs: readonly string[],
  attempts: readonly StoredAttempt[],
  outputs: readonly StoredOutput[],
): RunStep {
  const { name, status, queuedAtMs, startedAtMs, finishedAtMs, actionKey, reusedFrom, note } = step;
  return {
    name,
    status,
    needs: [...needs],
    queuedAtMs,
    startedAtMs,
    finishedAtMs,
    actionKey,
    reusedFrom,
    note,
    attempts: attempts.map(attemptAnswer),
    outputs: outputs.map(({ value, ...output }) =>
      value === null ? output : { ...output, value: JSON.parse(value) as unknown },
    ),
  };
}

function attemptAnswer(attempt: StoredAttempt): StepAttempt {
  const { run: _run, step: _step, logDigest: _digest, logSizeBytes: _size, ...told } = attempt;
  return told;
}
