import type { RunStatus, StepDefinition, StepStatus } from '#contract';
import { endedWell, isStepOver, needsOf } from '../model.ts';

/** Which step waits for which. */
export interface Plan {
  readonly steps: readonly string[];
  readonly needs: ReadonlyMap<string, readonly string[]>;
  readonly dependents: ReadonlyMap<string, readonly string[]>;
}

export function planOf(steps: readonly StepDefinition[]): Plan {
  const needs = new Map(steps.map((step) => [step.name, needsOf(step)]));
  const dependents = new Map<string, string[]>(steps.map((step) => [step.name, []]));
  for (const [step, before] of needs) for (const need of before) dependents.get(need)?.push(step);
  return { steps: steps.map((step) => step.name), needs, dependents };
}

export type Statuses = ReadonlyMap<string, StepStatus>;

/** What follows for the other steps when a step takes a new status: some become ready, some never will. */
export function consequencesOf(
  plan: Plan,
  statuses: Statuses,
  step: string,
  status: StepStatus,
): ReadonlyMap<string, StepStatus> {
  const changes = new Map<string, StepStatus>([[step, status]]);
  const now = (name: string): StepStatus => changes.get(name) ?? statuses.get(name) ?? 'waiting';
  if (endedWell(status)) {
    for (const dependent of plan.dependents.get(step) ?? []) {
      const ready = now(dependent) === 'waiting' && plan.needs.get(dependent)?.every((need) => endedWell(now(need)));
      if (ready) changes.set(dependent, 'queued');
    }
  } else if (isStepOver(status)) {
    const after = status === 'cancelled' ? 'cancelled' : 'skipped';
    const reached = [step];
    for (let next = reached.pop(); next !== undefined; next = reached.pop()) {
      for (const dependent of plan.dependents.get(next) ?? []) {
        if (now(dependent) !== 'waiting') continue;
        changes.set(dependent, after);
        reached.push(dependent);
      }
    }
  }
  return changes;
}

/** The statuses a run begins with, given the steps that are done already: the others wait or are ready. */
export function firstStatuses(plan: Plan, done: ReadonlySet<string> = new Set()): Statuses {
  return new Map(
    plan.steps.map((step) => {
      if (done.has(step)) return [step, 'reused'];
      return [step, plan.needs.get(step)?.every((need) => done.has(need)) ? 'queued' : 'waiting'];
    }),
  );
}

/** How a run ends with its steps as they are; undefined while one is not over. */
export function endOf(statuses: Statuses): Extract<RunStatus, 'succeeded' | 'failed' | 'cancelled'> | undefined {
  let cancelled = false;
  let failed = false;
  for (const status of statuses.values()) {
    if (!isStepOver(status)) return undefined;
    cancelled ||= status === 'cancelled';
    failed ||= status === 'failed';
  }
  return cancelled ? 'cancelled' : failed ? 'failed' : 'succeeded';
}
