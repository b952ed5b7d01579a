import type {
  FailureClass,
  PipelineDefinition,
  RunInput,
  RunStatus,
  RunTrigger,
  StepDefinition,
  StepStatus,
} from '#contract';
import type { Json } from '#platform/kernel';

/** One version of a pipeline. Versions are facts; which one is the latest is a pointer. */
export interface StoredDefinition {
  readonly pipeline: string;
  readonly version: number;
  readonly digest: string;
  readonly definition: PipelineDefinition;
  readonly createdBy: string;
  readonly createdAtMs: number;
}

export interface StoredRun {
  readonly id: string;
  readonly pipeline: string;
  readonly version: number;
  readonly status: RunStatus;
  readonly params: Readonly<Record<string, Json>>;
  readonly inputs: Readonly<Record<string, RunInput>>;
  readonly trigger: RunTrigger;
  readonly idempotencyKey: string | null;
  /** Digest of what was asked for, to tell a repeated request from another one with the same key. */
  readonly requestDigest: string;
  readonly rerunOf: string | null;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  readonly cancel: Cancel | null;
  /** How it ended; null while it has not. */
  readonly words: string | null;
}

export interface Cancel {
  readonly actor: string;
  readonly reason: string;
}

/** Every part of what decides a step's result, by name: `params.trees`, `code:src/train.ts`, `inputs.rows`. */
export type Components = Readonly<Record<string, Json>>;

export interface StepRefParts {
  readonly run: string;
  readonly step: string;
}

export interface StoredStep {
  readonly run: string;
  readonly name: string;
  readonly position: number;
  readonly status: StepStatus;
  readonly queuedAtMs: number | null;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  readonly actionKey: string | null;
  readonly components: Components | null;
  readonly reusedFrom: StepRefParts | null;
  readonly note: string | null;
  /** Attempts begun. */
  readonly attempts: number;
  /** Not before this time may the next attempt begin. */
  readonly retryAtMs: number | null;
}

export interface StoredAttempt {
  readonly id: string;
  readonly run: string;
  readonly step: string;
  readonly number: number;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly failure: FailureClass | null;
  readonly words: string | null;
  readonly logTail: string | null;
  /** Digest of the whole log, when it is longer than the tail. */
  readonly logDigest: string | null;
  readonly logSizeBytes: number;
  readonly peakRssBytes: number | null;
  readonly cpuMs: number | null;
}

export interface StoredOutput {
  readonly name: string;
  readonly kind: 'file' | 'json';
  readonly digest: string;
  readonly sizeBytes: number;
  /** Text of a small json output. */
  readonly value: string | null;
}

/** How an attempt ended. */
export interface AttemptEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly failure: FailureClass | null;
  readonly words: string | null;
  readonly logTail: string | null;
  readonly logDigest: string | null;
  readonly logSizeBytes: number;
  readonly peakRssBytes: number | null;
  readonly cpuMs: number | null;
}

export function isRunOver(status: RunStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}

export function isStepOver(status: StepStatus): boolean {
  return status !== 'waiting' && status !== 'queued' && status !== 'running';
}

/** True when the step's outputs are there for others to read. */
export function endedWell(status: StepStatus): boolean {
  return status === 'succeeded' || status === 'reused';
}

/** Steps that must be over before this one, whether it reads their files or only waits for them. */
export function needsOf(step: StepDefinition): readonly string[] {
  const read = Object.values(step.inputs ?? {}).flatMap((input) => ('step' in input ? [input.step] : []));
  return [...new Set([...(step.needs ?? []), ...read])];
}
