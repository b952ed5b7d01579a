import { resolve } from 'node:path';
import type {
  Pipeline,
  PipelineDefinition,
  PipelineRun,
  PipelineRunDetail,
  RunStatus,
  StepExplanation,
} from '#contract';
import type { BlobStore } from '#platform/blob';
import { digestOf } from '#platform/digest';
import type { Events } from '#platform/events';
import { LocalProcesses } from '#platform/jobs';
import { assertName, type Clock, type Json, newId, type Rng, ref } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { pipelineAnswer, runAnswer, stepAnswer } from './answers.ts';
import { problemOf } from './core/check-definition.ts';
import { Engine } from './engine.ts';
import { pipelinesErrors } from './errors.ts';
import { explain } from './explain.ts';
import { FileDigests } from './file-digests.ts';
import { Files } from './files.ts';
import { createLocalExecutor } from './local-executor.ts';
import { Logs } from './logs.ts';
import {
  isRunOver,
  needsOf,
  type StoredDefinition,
  type StoredOutput,
  type StoredRun,
  type StoredStep,
} from './model.ts';
import { continuedRun, type NewRun, newRun, type RunRequest } from './new-run.ts';
import type { Entrypoints, PointerLog } from './ports.ts';
import type { StepExecutor } from './step-executor.ts';
import { StepWork } from './step-work.ts';
import { DefinitionStore } from './store/definition-store.ts';
import { ProgressStore, payloadOf } from './store/progress-store.ts';
import { RunStore } from './store/run-store.ts';

export interface PipelinesOptions {
  readonly database: Database;
  readonly blobs: BlobStore;
  /** The machine's clock. */
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: Events;
  readonly pointerLog: PointerLog;
  readonly entrypoints: Entrypoints;
  /** Where steps run: processes of this machine, or an executor of one's own. */
  readonly executor: LocalProcesses | StepExecutor;
  /** Holds a folder for each attempt under way; only this server uses it. */
  readonly folder: string;
  /** Working directory of steps, where relative paths of code start; this process's own unless told. */
  readonly baseFolder?: string;
  /** Address of the server for steps; asked when a step starts, and to be the same after a restart. */
  readonly serverUrl: () => string;
  /** Token that steps need to call the server. */
  readonly token?: string | undefined;
  /** Steps that run at the same time, 2 unless told. */
  readonly maxParallelSteps?: number;
  /** The server's environment, of which steps get what they name; this process's own unless told. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Called with what went wrong, around one run or all, and is tried again. */
  readonly onError?: (error: unknown, run: string | undefined) => void;
}

const MAX_UPLOAD_BYTES = 4 * 1024 ** 3;

export type Pipelines = ReturnType<typeof createPipelines>;

/**
 * The verbs of pipelines. Between `start` and `stop` runs move on; what was asked for while nobody moved them on is
 * taken up by the next `start`. One server at a time may be started on a database.
 */
export function createPipelines(options: PipelinesOptions) {
  const { database, clock, events } = options;
  const runs = new RunStore(database);
  const definitions = new DefinitionStore(database);
  const files = new Files(options.blobs);
  const folder = resolve(options.folder);
  const executor =
    options.executor instanceof LocalProcesses
      ? createLocalExecutor({ processes: options.executor, folder })
      : options.executor;
  const id = () => newId(clock, options.rng);
  const work = new StepWork({
    runs,
    files,
    executor,
    clock,
    newId: id,
    folder,
    server: () => ({ url: options.serverUrl(), ...(options.token === undefined ? {} : { token: options.token }) }),
    digests: new FileDigests(clock),
    entrypoints: options.entrypoints,
    baseFolder: resolve(options.baseFolder ?? process.cwd()),
    environment: options.environment ?? process.env,
  });
  const engine = new Engine({
    definitions,
    runs,
    progress: new ProgressStore({ database, events, clock }),
    work,
    clock,
    newId: id,
    maxParallelSteps: options.maxParallelSteps ?? 2,
    onError: options.onError ?? (() => undefined),
  });
  const logs = new Logs({ runs, files, executor });

  async function definitionOf(pipeline: string, version?: number): Promise<StoredDefinition> {
    const stored = pipeline.includes('\0') ? undefined : await definitions.find(pipeline, version);
    if (stored) return stored;
    throw pipelinesErrors.PIPELINES_PIPELINE_NOT_FOUND({ pipeline, ...(version === undefined ? {} : { version }) });
  }

  async function runOf(run: string): Promise<StoredRun> {
    const stored = /^[0-9a-f]{32}$/.test(run) ? await runs.find(run) : undefined;
    if (!stored) throw pipelinesErrors.PIPELINES_RUN_NOT_FOUND({ run });
    return stored;
  }

  async function stepOf(run: StoredRun, name: string): Promise<StoredStep> {
    const steps = await runs.listSteps(run.id);
    const step = steps.find((one) => one.name === name);
    if (step) return step;
    const listed = steps.slice(0, 20).map((one) => one.name);
    throw pipelinesErrors.PIPELINES_STEP_NOT_FOUND({ run: run.id, step: name, steps: listed.join(', ') });
  }

  async function answersOf(found: readonly StoredRun[]): Promise<PipelineRun[]> {
    const underWay = found.filter(({ status }) => !isRunOver(status)).map((run) => run.id);
    const counts = await runs.countSteps(underWay);
    return found.map((run) => runAnswer(run, counts.get(run.id) ?? {}));
  }

  async function answerOf(id: string): Promise<PipelineRun> {
    const [answer] = await answersOf([await runOf(id)]);
    if (!answer) throw new Error(`run ${id} has no answer`);
    return answer;
  }

  /** Registers a definition as the next version, unless it is the latest already. */
  async function putPipeline(definition: PipelineDefinition, actor: string): Promise<Pipeline> {
    assertName('pipeline', definition.name);
    const problem = problemOf(definition, (name) => options.entrypoints.resolve(name) !== undefined);
    if (problem) throw pipelinesErrors.PIPELINES_DEFINITION_INVALID({ pipeline: definition.name, ...problem });
    // A definition comes from JSON, so it is what JSON can say.
    const digest = digestOf(definition as unknown as Json);
    for (;;) {
      const stored = await database.transaction(async (tx) => {
        const latest = await definitions.find(definition.name, undefined, tx);
        if (latest?.digest === digest) return latest;
        const version = (latest?.version ?? 0) + 1;
        const createdAtMs = clock.now();
        const next = { pipeline: definition.name, version, digest, definition, createdBy: actor, createdAtMs };
        if (!(await definitions.add(tx, next))) return undefined;
        const pointer = `pipeline:${definition.name}`;
        await options.pointerLog.record(tx, {
          actor,
          pointer,
          from: latest ? `version ${latest.version}` : null,
          to: `version ${version}`,
          reason: latest ? 'a new version was registered' : 'the pipeline was registered',
          evidence: { digest },
        });
        const payload = { pipeline: definition.name, version, digest };
        await events.publish(tx, { topic: 'pipelines.pipeline.registered', subject: pointer, payload });
        return next;
      });
      // Somebody else registered a version of this number first: look again.
      if (stored) return pipelineAnswer(stored);
    }
  }

  /** Starts a run; with a key that was used before it answers the run of that key. */
  async function startRun(pipeline: string, request: RunRequest, actor: string): Promise<PipelineRun> {
    const key = request.idempotencyKey;
    const present = key === undefined ? undefined : await runOfKey(pipeline, key, request);
    if (present) {
      // The first request may have been cut off before it told anybody.
      await engine.notice(present.id);
      return answerOf(present.id);
    }
    const identity = { id: id(), createdBy: actor, createdAtMs: clock.now() };
    const fresh = await newRun(await definitionOf(pipeline), request, identity, files);
    if (await added(fresh, new Map())) {
      await engine.notice(fresh.run.id);
      return answerOf(fresh.run.id);
    }
    // The key was taken between the look and the write.
    const other = await runOfKey(pipeline, key ?? '', request);
    if (!other) throw new Error(`run ${fresh.run.id} was not added`);
    return answerOf(other.id);
  }

  async function runOfKey(pipeline: string, key: string, request: RunRequest): Promise<StoredRun | undefined> {
    const found = key.includes('\0') ? undefined : await runs.findByKey(pipeline, key);
    const asked = { params: request.params ?? {}, inputs: request.inputs ?? {} } as Json;
    if (found && found.requestDigest !== digestOf(asked)) {
      throw pipelinesErrors.PIPELINES_KEY_CONFLICT({ key, run: found.id });
    }
    return found;
  }

  function added(fresh: NewRun, outputs: ReadonlyMap<string, readonly StoredOutput[]>): Promise<boolean> {
    return database.transaction(async (tx) => {
      if (!(await runs.add(tx, fresh.run, fresh.steps, outputs))) return false;
      const subject = ref('pipeline-run', fresh.run.id);
      await events.publish(tx, { topic: 'pipelines.run.changed', subject, payload: payloadOf(fresh.run, 'queued') });
      return true;
    });
  }

  /** Carries on where a run ended. While an earlier rerun of it is under way, that one is the answer. */
  async function rerun(run: string, actor: string): Promise<PipelineRun> {
    const before = await runOf(run);
    if (!isRunOver(before.status)) throw pipelinesErrors.PIPELINES_RUN_NOT_OVER({ run, status: before.status });
    const present = await runs.findRerunUnderWay(run);
    if (present) return answerOf(present.id);
    const stored = await definitionOf(before.pipeline, before.version);
    const identity = { id: id(), createdBy: actor, createdAtMs: clock.now() };
    const fresh = await continuedRun(stored, before, await runs.listSteps(run), identity, work);
    await added(fresh, await runs.listOutputs(run));
    await engine.notice(fresh.run.id);
    return answerOf(fresh.run.id);
  }

  /** Asks for the end of a run; it is over once nothing of it is alive. */
  async function cancelRun(run: string, actor: string, reason: string): Promise<PipelineRun> {
    const stored = await runOf(run);
    const cancel = { actor, reason: reason.replaceAll('\0', '') };
    const asked = await database.transaction(async (tx) => {
      if (!(await runs.requestCancel(tx, run, cancel))) return false;
      const payload = payloadOf(stored, stored.status);
      await events.publish(tx, { topic: 'pipelines.run.changed', subject: ref('pipeline-run', run), payload });
      return true;
    });
    if (asked) await engine.notice(run);
    return answerOf(run);
  }

  async function getRun(run: string): Promise<PipelineRunDetail> {
    // Read first: of a run that is over, all steps are over too.
    const stored = await runOf(run);
    const [{ definition }, steps, attempts, outputs] = await Promise.all([
      definitionOf(stored.pipeline, stored.version),
      runs.listSteps(run),
      runs.listAttempts(run),
      runs.listOutputs(run),
    ]);
    const needs = new Map(definition.steps.map((step) => [step.name, needsOf(step)]));
    const attemptsOf = Map.groupBy(attempts, ({ step }) => step);
    const answers = steps.map((step) => {
      const { name } = step;
      return stepAnswer(step, needs.get(name) ?? [], attemptsOf.get(name) ?? [], outputs.get(name) ?? []);
    });
    const counts = Object.fromEntries(
      Map.groupBy(steps, ({ status }) => status)
        .entries()
        .map(([status, all]) => [status, all.length]),
    );
    return { run: runAnswer(stored, counts), steps: answers };
  }

  async function listRuns(filter: {
    readonly pipeline?: string | undefined;
    readonly status?: RunStatus | undefined;
    readonly limit?: number | undefined;
    readonly before?: string | undefined;
  }): Promise<readonly PipelineRun[]> {
    const before = filter.before === undefined ? undefined : await runOf(filter.before);
    const pipeline = filter.pipeline?.replaceAll('\0', '');
    return answersOf(await runs.list({ pipeline, status: filter.status, limit: filter.limit ?? 50, before }));
  }

  async function explainStep(run: string, step: string): Promise<StepExplanation> {
    const stored = await runOf(run);
    return explain(stored, await stepOf(stored, step), runs);
  }

  /** Checks that a step exists, for whoever reads its log. */
  async function known(run: string, step: string) {
    await stepOf(await runOf(run), step);
    return { run, step };
  }

  async function readOutput(run: string, step: string, name: string) {
    await known(run, step);
    const outputs = (await runs.listOutputs(run, step)).get(step) ?? [];
    const output = outputs.find((one) => one.name === name);
    const refuse = (problem: string) => pipelinesErrors.PIPELINES_FILE_NOT_FOUND({ step, output: name, problem });
    if (!output) throw refuse(outputs.length > 0 ? 'the step has no such output' : 'the step has made none yet');
    if (!(await files.has(output.digest))) throw refuse('its bytes are gone from object storage; run the step again');
    return { stream: await files.read(output.digest), kind: output.kind, sizeBytes: output.sizeBytes };
  }

  return {
    putPipeline,
    startRun,
    rerun,
    cancelRun,
    getRun,
    listRuns,
    explainStep,
    readOutput,
    listPipelines: async (): Promise<readonly Pipeline[]> => (await definitions.listLatest()).map(pipelineAnswer),
    getPipeline: async (pipeline: string, version?: number): Promise<Pipeline> =>
      pipelineAnswer(await definitionOf(pipeline, version)),
    readLog: async (run: string, step: string, offset = 0, attempt?: number) =>
      logs.read(await known(run, step), offset, attempt),
    followLog: async (run: string, step: string, offset: number, signal: AbortSignal) =>
      logs.follow(await known(run, step), offset, signal),
    /** Stores a file to be given to runs. @throws PIPELINES_FILE_TOO_LARGE */
    putFile: (stream: AsyncIterable<Uint8Array>) => files.storeUpload(stream, MAX_UPLOAD_BYTES),
    /** What is under way, in words; empty when nothing is. */
    activity: async (): Promise<readonly string[]> => {
      const underWay = await runs.listUnderWay();
      return (await answersOf(underWay)).map((run) => `pipeline ${run.pipeline}, run ${run.id}: ${run.words}`);
    },
    /** Takes up every run that is not over. */
    start: () => engine.start(),
    /** Leaves the processes of steps alone; the next start finds them. */
    stop: () => engine.stop(),
  };
}
