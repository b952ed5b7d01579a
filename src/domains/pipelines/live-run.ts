import type { PipelineDefinition, StepDefinition, StepStatus } from '#contract';
import { endOf, type Plan, planOf } from './core/progress.ts';
import { isStepOver, type StoredRun, type StoredStep } from './model.ts';
import type { RunEnd } from './store/progress-store.ts';

/** A run that is not over, in memory: what the database says, ready to decide on. */
export class LiveRun {
  run: StoredRun;
  readonly plan: Plan;
  readonly steps: ReadonlyMap<string, StepDefinition>;
  readonly statuses = new Map<string, StepStatus>();
  /** Attempts begun, by step. */
  readonly attempts = new Map<string, number>();
  /** Fires when the run is to be cancelled. */
  readonly cancelled = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  constructor(run: StoredRun, definition: PipelineDefinition) {
    this.run = run;
    this.plan = planOf(definition.steps);
    this.steps = new Map(definition.steps.map((step) => [step.name, step]));
  }

  /** Takes over what the database says. */
  refresh(run: StoredRun, steps: readonly StoredStep[]): void {
    this.run = run;
    for (const step of steps) {
      this.statuses.set(step.name, step.status);
      this.attempts.set(step.name, step.attempts);
    }
    if (run.cancel) this.cancelled.abort();
  }

  /** Runs moves of this run one after another, so that each decides on what the one before left. */
  serially<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Takes over what was written down; the first move of a run begins it. */
  apply(changes: ReadonlyMap<string, StepStatus>, nowMs: number): void {
    for (const [step, status] of changes) this.statuses.set(step, status);
    this.run = { ...this.run, startedAtMs: this.run.startedAtMs ?? nowMs };
  }

  /** How the run ends with some changes; undefined when it goes on. */
  endWith(changes: ReadonlyMap<string, StepStatus>): RunEnd | undefined {
    const statuses = new Map([...this.statuses, ...changes]);
    const status = endOf(statuses);
    return status && { status, statuses };
  }

  get isOver(): boolean {
    return [...this.statuses.values()].every(isStepOver);
  }

  definitionOf(step: string): StepDefinition {
    const definition = this.steps.get(step);
    if (!definition) throw new Error(`run ${this.run.id} has no step ${step}`);
    return definition;
  }
}
