import type { Clock } from '#platform/kernel';
import { type AttemptResult, carryOut } from './attempt.ts';
import { differencesOf, isCode } from './core/action-key.ts';
import type { Files } from './files.ts';
import type { LiveRun } from './live-run.ts';
import type { StepRefParts, StoredAttempt, StoredOutput } from './model.ts';
import { type Action, actionOf, type PreparationOptions } from './preparation.ts';
import { PreparationProblem } from './preparation-problem.ts';
import type { StepExecutor, StepProcess } from './step-executor.ts';
import { type StepFile, StepFolder } from './step-folder.ts';
import type { RunStore } from './store/run-store.ts';

export interface StepWorkOptions extends PreparationOptions {
  readonly runs: RunStore;
  readonly files: Files;
  readonly executor: StepExecutor;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Holds a folder for each attempt. */
  readonly folder: string;
  readonly server: () => StepFile['server'];
}

/** A step of a run that is under way. */
export interface Item {
  readonly live: LiveRun;
  readonly step: string;
}

/** What is done for one step at a time; when it is done is the engine's affair. */
export class StepWork {
  readonly #options: StepWorkOptions;

  constructor(options: StepWorkOptions) {
    this.#options = options;
  }

  /** What a step is to do; the problem, when it cannot be made ready. */
  async actionOf({ live, step }: Item): Promise<Action | PreparationProblem> {
    const outputsOf = async (source: string) =>
      (await this.#options.runs.listOutputs(live.run.id, source)).get(source) ?? [];
    try {
      return await actionOf(live.run, live.definitionOf(step), outputsOf, this.#options);
    } catch (error) {
      if (error instanceof PreparationProblem) return error;
      throw error;
    }
  }

  /** An earlier result of the same key whose files are all still there. */
  async findResult(
    key: string,
  ): Promise<{ readonly from: StepRefParts; readonly outputs: readonly StoredOutput[] } | undefined> {
    const { runs, files } = this.#options;
    const from = await runs.findResult(key);
    if (!from) return undefined;
    const outputs = (await runs.listOutputs(from.run, from.step)).get(from.step) ?? [];
    const there = await Promise.all(outputs.map((output) => files.has(output.digest)));
    return there.every(Boolean) ? { from, outputs } : undefined;
  }

  /** Carries an attempt to its end; undefined when this server leaves first. */
  carry(
    item: Item,
    attempt: Pick<StoredAttempt, 'id' | 'number'>,
    known: Action | PreparationProblem | undefined,
    leaving: AbortSignal,
  ): Promise<AttemptResult | undefined> {
    const folder = new StepFolder(this.#options.folder, attempt.id);
    const work = {
      attempt,
      step: item.live.definitionOf(item.step),
      folder,
      prepare: async () => this.#prepare(item, attempt.number, folder, known ?? (await this.actionOf(item))),
      cancelled: item.live.cancelled.signal,
      leaving,
    };
    return carryOut(work, this.#options);
  }

  async #prepare(
    { live, step }: Item,
    attempt: number,
    folder: StepFolder,
    action: Action | PreparationProblem,
  ): Promise<StepProcess> {
    if (action instanceof PreparationProblem) throw action;
    const { files, newId, baseFolder } = this.#options;
    const server = this.#options.server();
    const outputs = live.definitionOf(step).outputs ?? [];
    const told: StepFile = {
      run: live.run.id,
      pipeline: live.run.pipeline,
      step,
      attempt,
      params: action.params,
      inputs: Object.fromEntries([...action.inputs.keys()].map((name) => [name, folder.input(name)])),
      outputs: Object.fromEntries(outputs.map(({ name }) => [name, folder.output(name)])),
      server,
      scratch: folder.scratch,
    };
    await folder.prepare(told, action.inputs, files, newId);
    const env = {
      ...action.env,
      TRIMTAB_STEP: folder.stepFile,
      TRIMTAB_URL: server.url,
      ...(server.token === undefined ? {} : { TRIMTAB_TOKEN: server.token }),
    };
    return { id: folder.id, folder: folder.path, argv: action.argv, cwd: baseFolder, env };
  }

  /** Under which key a step that ended well offers its outputs to others, and what is to be said about them. */
  async offerOf(item: Item): Promise<{ readonly resultKey?: string; readonly note?: string }> {
    if (item.live.definitionOf(item.step).cache !== 'readwrite') return {};
    const stored = await this.#options.runs.findStep(item.live.run.id, item.step);
    const now = await this.actionOf(item);
    const after = now instanceof PreparationProblem ? {} : now.components;
    const changed = differencesOf(stored?.components ?? {}, after).some(({ component }) => isCode(component));
    // Nobody knows which of the two ran.
    if (changed) return { note: 'Its code was changed while it ran, so its result is not offered for reuse.' };
    return stored?.actionKey ? { resultKey: stored.actionKey } : {};
  }

  /** Removes what is left of an attempt whose end is written down. */
  async forget(attempt: string): Promise<void> {
    await this.#options.executor.remove(attempt);
    await new StepFolder(this.#options.folder, attempt).remove();
  }

  /** Removes what a crash left of attempts whose end was written down. */
  async sweep(): Promise<void> {
    const { executor, runs, folder } = this.#options;
    const remembered = [...new Set([...(await executor.list()), ...StepFolder.listIn(folder)])];
    for (const id of await runs.listEnded(remembered)) await this.forget(id);
  }
}
