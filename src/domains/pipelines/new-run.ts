import type { RunInput, RunTrigger } from '#contract';
import { digestOf } from '#platform/digest';
import type { Json } from '#platform/kernel';
import { differencesOf, isCode } from './core/action-key.ts';
import { firstStatuses, planOf } from './core/progress.ts';
import { pipelinesErrors } from './errors.ts';
import type { Files } from './files.ts';
import { LiveRun } from './live-run.ts';
import { endedWell, type StoredDefinition, type StoredRun, type StoredStep } from './model.ts';
import { PreparationProblem } from './preparation-problem.ts';
import type { StepWork } from './step-work.ts';

/** What a caller asks for when he starts a run. */
export interface RunRequest {
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly inputs?: Readonly<Record<string, RunInput>> | undefined;
  readonly trigger?: RunTrigger | undefined;
  /** The same key again answers the run that exists. */
  readonly idempotencyKey?: string | undefined;
}

export interface NewRun {
  readonly run: StoredRun;
  readonly steps: readonly StoredStep[];
}

type Identity = Pick<StoredRun, 'id' | 'createdBy' | 'createdAtMs'>;

/**
 * A run as it begins.
 *
 * @throws PIPELINES_RUN_INVALID for params or inputs that the pipeline does not take
 */
export async function newRun(
  stored: StoredDefinition,
  request: RunRequest,
  identity: Identity,
  files: Files,
): Promise<NewRun> {
  const { pipeline, definition } = stored;
  const refuse = (problem: string) => pipelinesErrors.PIPELINES_RUN_INVALID({ pipeline, problem });
  // The contract has checked that params are what JSON can say.
  const given = (request.params ?? {}) as Record<string, Json>;
  const inputs = request.inputs ?? {};
  const stranger = Object.keys(given).find((name) => !Object.hasOwn(definition.params ?? {}, name));
  if (stranger !== undefined)
    throw refuse(`it has no param "${stranger}"; ${listed(Object.keys(definition.params ?? {}))}`);
  const expected = definition.inputs ?? [];
  const unknown = Object.keys(inputs).find((name) => !expected.includes(name));
  if (unknown !== undefined) throw refuse(`it has no input "${unknown}"; ${listed(expected)}`);
  const missing = expected.find((name) => !Object.hasOwn(inputs, name));
  if (missing !== undefined) throw refuse(`its input "${missing}" was not given; store the file and give its digest`);
  for (const [name, { digest }] of Object.entries(inputs)) {
    if (await files.has(digest)) continue;
    throw refuse(`no file with the digest ${digest} was stored for its input "${name}"; store it first`);
  }
  if (request.idempotencyKey?.includes('\0')) throw refuse('its idempotency key holds a zero byte');
  const run: StoredRun = {
    ...identity,
    pipeline,
    version: stored.version,
    status: 'queued',
    params: { ...((definition.params ?? {}) as Record<string, Json>), ...given },
    inputs,
    trigger: request.trigger ?? { kind: 'manual' },
    idempotencyKey: request.idempotencyKey ?? null,
    requestDigest: digestOf({ params: given, inputs }),
    rerunOf: null,
    startedAtMs: null,
    finishedAtMs: null,
    cancel: null,
    words: null,
  };
  return { run, steps: firstSteps(run, stored, new Map()) };
}

/** A run that carries on where another one ended: the steps that ended well there are taken over. */
export async function continuedRun(
  stored: StoredDefinition,
  before: StoredRun,
  steps: readonly StoredStep[],
  identity: Identity,
  work: StepWork,
): Promise<NewRun> {
  const run: StoredRun = {
    ...before,
    ...identity,
    status: 'queued',
    trigger: {
      kind: 'rerun',
      reason: `Carries on where run ${before.id} ended.`,
      subject: `pipeline-run:${before.id}`,
    },
    idempotencyKey: null,
    rerunOf: before.id,
    startedAtMs: null,
    finishedAtMs: null,
    cancel: null,
    words: null,
  };
  const live = new LiveRun(before, stored.definition);
  const done = new Map<string, StoredStep>();
  for (const step of steps.filter(({ status }) => endedWell(status))) {
    const note = (await hasOtherCode(live, step, work)) ? 'Its code has changed since then.' : null;
    done.set(step.name, { ...step, reusedFrom: step.reusedFrom ?? { run: before.id, step: step.name }, note });
  }
  return { run, steps: firstSteps(run, stored, done) };
}

async function hasOtherCode(live: LiveRun, step: StoredStep, work: StepWork): Promise<boolean> {
  if (!step.components) return false;
  const now = await work.actionOf({ live, step: step.name });
  if (now instanceof PreparationProblem) return true;
  return differencesOf(step.components, now.components).some(({ component }) => isCode(component));
}

function firstSteps(
  run: StoredRun,
  { definition }: StoredDefinition,
  done: ReadonlyMap<string, StoredStep>,
): readonly StoredStep[] {
  const statuses = firstStatuses(planOf(definition.steps), new Set(done.keys()));
  return definition.steps.map(({ name }, position) => {
    const status = statuses.get(name) ?? 'waiting';
    const over = done.get(name);
    return {
      run: run.id,
      name,
      position,
      status,
      queuedAtMs: status === 'queued' ? run.createdAtMs : null,
      startedAtMs: null,
      finishedAtMs: over ? run.createdAtMs : null,
      actionKey: over?.actionKey ?? null,
      components: over?.components ?? null,
      reusedFrom: over?.reusedFrom ?? null,
      note: over?.note ?? null,
      attempts: 0,
      retryAtMs: null,
    };
  });
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'it has none' : `it has ${names.map((name) => `"${name}"`).join(', ')}`;
}
