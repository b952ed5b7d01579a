import type { StepExplanation } from '#contract';
import { type Difference, differencesOf } from './core/action-key.ts';
import type { StepRefParts, StoredRun, StoredStep } from './model.ts';
import type { RunStore } from './store/run-store.ts';

/** Why a step ran, or why an earlier result was reused: its key against that of the step it is compared with. */
export async function explain(run: StoredRun, step: StoredStep, runs: RunStore): Promise<StepExplanation> {
  const components = { ...(step.components ?? {}) };
  const other = step.reusedFrom
    ? await runs.findStep(step.reusedFrom.run, step.reusedFrom.step)
    : await runs.findStepBefore(run, step.name);
  const comparedWith = other && { run: other.run, step: other.name };
  const differences = step.components && other?.components ? differencesOf(other.components, step.components) : [];
  return {
    words: wordsFor(step, comparedWith, other, differences),
    comparedWith: comparedWith ?? null,
    differences: differences.map((difference) => ({ ...difference })),
    components,
  };
}

function wordsFor(
  step: StoredStep,
  comparedWith: StepRefParts | undefined,
  other: StoredStep | undefined,
  differences: readonly Difference[],
): string {
  if (step.reusedFrom && step.note) return `Carried over from run ${step.reusedFrom.run}. ${step.note}`;
  if (step.reusedFrom) return `Not run: run ${step.reusedFrom.run} had made the same from the same.`;
  if (step.status === 'skipped') return 'Not run: a step before it did not end well.';
  if (step.status === 'cancelled' && step.attempts === 0) return 'Not run: the run was cancelled before.';
  if (!step.components && step.attempts > 0) return 'It could not be made ready; its attempt tells why.';
  if (!step.components) return 'Not looked at yet.';
  const changed = differences.length > 0 ? ` ${changes(differences)} since run ${comparedWith?.run}.` : '';
  if (step.actionKey === null) return `It always runs, because it is not cached (cache: readwrite).${changed}`;
  if (!comparedWith) return 'It ran because no earlier run of the pipeline had looked at this step.';
  if (changed) return `It ran because of a change.${changed}`;
  if (other?.status !== 'succeeded' && other?.status !== 'reused') {
    return `It ran although nothing has changed since run ${comparedWith.run}, because it did not end well there.`;
  }
  if (other.actionKey === null) return `It ran because in run ${comparedWith.run} it was not cached.`;
  const why = other.note ? ` ${other.note}` : ' Its result was no longer in object storage.';
  return `It ran although nothing has changed since run ${comparedWith.run}.${why}`;
}

function changes(differences: readonly Difference[]): string {
  const named = differences.slice(0, 3).map(({ component, before, after }) => {
    if (component.startsWith('params.')) return `${component} changed from ${short(before)} to ${short(after)}`;
    if (before === null) return `${component} is new`;
    return after === null ? `${component} is gone` : `${component} changed`;
  });
  const more = differences.length - named.length;
  return named.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function short(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
