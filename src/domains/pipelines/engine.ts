import { setTimeout as sleep } from 'node:timers/promises';
import type { StepStatus } from '#contract';
import type { Clock } from '#platform/kernel';
import type { AttemptResult } from './attempt.ts';
import { retryDelayMs } from './core/failure.ts';
import { consequencesOf } from './core/progress.ts';
import { LiveRun } from './live-run.ts';
import { isRunOver, type StoredAttempt, type StoredStep } from './model.ts';
import type { Action } from './preparation.ts';
import { PreparationProblem } from './preparation-problem.ts';
import type { Item, StepWork } from './step-work.ts';
import type { DefinitionStore } from './store/definition-store.ts';
import { type ProgressStore, type StepMove, Superseded } from './store/progress-store.ts';
import type { RunStore } from './store/run-store.ts';

export interface EngineOptions {
  readonly definitions: DefinitionStore;
  readonly runs: RunStore;
  readonly progress: ProgressStore;
  readonly work: StepWork;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly maxParallelSteps: number;
  /** Called with what went wrong, around one run or all, and is tried again: storage of some kind did not answer. */
  readonly onError: (error: unknown, run: string | undefined) => void;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 10_000;
/** How often runs are looked for that nobody told of: whoever wrote one down may have died before he could. */
const LOOK_MS = 5_000;
/** The longest a timer of Node.js can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Moves the runs of one server on. The database is the truth; memory holds only what follows from it, so taking a run
 * up again is always possible and is the answer to every surprise. A step that is ready is *held* in one of three
 * places: in the queue, parked until its twin or a pause is over, or under way in a slot.
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #live = new Map<string, LiveRun>();
  readonly #queue: Item[] = [];
  readonly #held = new Set<string>();
  /** Steps that wait for the result of an action key, by the key that is being computed. */
  readonly #computing = new Map<string, Item[]>();
  readonly #pauses = new Set<NodeJS.Timeout>();
  readonly #tasks = new Set<Promise<void>>();
  /** How often in a row taking up a run has gone wrong. */
  readonly #troubles = new Map<string, number>();
  #leaving = new AbortController();
  #running = false;
  #slotsTaken = 0;
  #look: NodeJS.Timeout | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Takes up every run that is not over. */
  async start(): Promise<void> {
    this.#leaving = new AbortController();
    this.#running = true;
    await this.#options.work.sweep();
    for (const run of await this.#options.runs.listUnderWay()) await this.notice(run.id);
    this.#lookLater();
  }

  #lookLater(): void {
    this.#look = setTimeout(() => {
      this.#track(
        this.#lookAround()
          .catch((error: unknown) => this.#options.onError(error, undefined))
          .finally(() => this.#running && this.#lookLater()),
      );
    }, LOOK_MS);
  }

  async #lookAround(): Promise<void> {
    for (const run of await this.#options.runs.listUnderWay()) {
      const live = this.#live.get(run.id);
      if (!live || (run.cancel && !live.cancelled.signal.aborted)) await this.notice(run.id);
    }
  }

  /** Lets go of every run; processes go on and are found again by the next start. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#leaving.abort();
    clearTimeout(this.#look);
    for (const pause of this.#pauses) clearTimeout(pause);
    // What ends may have left something to tidy up.
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
    for (const memory of [this.#pauses, this.#live, this.#held, this.#computing, this.#troubles]) memory.clear();
    this.#queue.length = 0;
  }

  /** Looks at a run that is new, or is to be cancelled. What goes wrong is tried again without the caller. */
  async notice(run: string): Promise<void> {
    if (!this.#running) return;
    await this.#takeUp(run).catch((error: unknown) => this.#track(this.#recover(run, error)));
  }

  /** Takes up a run as it stands in the database: its steps are offered, resumed or cancelled. */
  async #takeUp(id: string): Promise<void> {
    const live = this.#live.get(id) ?? (await this.#load(id));
    await live?.serially(async () => {
      const [run, steps] = await Promise.all([this.#options.runs.find(id), this.#options.runs.listSteps(id)]);
      if (!run || isRunOver(run.status)) {
        this.#live.delete(id);
        return;
      }
      live.refresh(run, steps);
      if (run.cancel || live.isOver) await this.#cancelWhatWaits(live);
      for (const step of steps) this.#hold({ live, step: step.name }, step);
    });
    this.#troubles.delete(id);
    this.#dispatch();
  }

  async #load(id: string): Promise<LiveRun | undefined> {
    const run = await this.#options.runs.find(id);
    if (!run || isRunOver(run.status)) return undefined;
    const stored = await this.#options.definitions.find(run.pipeline, run.version);
    if (!stored) throw new Error(`version ${run.version} of pipeline ${run.pipeline} is gone`);
    // Somebody else may have loaded it meanwhile.
    const live = this.#live.get(id) ?? new LiveRun(run, stored.definition);
    this.#live.set(id, live);
    return live;
  }

  #hold(item: Item, stored: StoredStep): void {
    if (this.#held.has(placeOf(item))) return;
    const status = item.live.statuses.get(item.step);
    if (status === 'queued') this.#offer(item, stored.retryAtMs ?? 0);
    if (status === 'running') this.#takeSlot(item, () => this.#resume(item, stored));
  }

  /** Puts a step in the queue, now or at a time. */
  #offer(item: Item, atMs: number): void {
    this.#held.add(placeOf(item));
    const pauseMs = Math.min(atMs - this.#options.clock.now(), MAX_TIMER_MS);
    if (pauseMs <= 0) {
      this.#queue.push(item);
      return;
    }
    const pause = setTimeout(() => {
      this.#pauses.delete(pause);
      this.#offer(item, atMs);
      this.#dispatch();
    }, pauseMs);
    this.#pauses.add(pause);
  }

  #dispatch(): void {
    while (this.#running && this.#slotsTaken < this.#options.maxParallelSteps) {
      const item = this.#queue.shift();
      if (!item) return;
      // A step that was cancelled while it waited is no longer held.
      if (item.live.statuses.get(item.step) === 'queued') this.#takeSlot(item, () => this.#begin(item));
    }
  }

  #takeSlot(item: Item, work: () => Promise<void>): void {
    this.#held.add(placeOf(item));
    this.#slotsTaken += 1;
    const task = work()
      .catch((error: unknown) => {
        this.#held.delete(placeOf(item));
        return this.#recover(item.live.run.id, error);
      })
      .finally(() => {
        this.#slotsTaken -= 1;
        this.#dispatch();
      });
    this.#track(task);
  }

  #track(task: Promise<void>): void {
    this.#tasks.add(task);
    task.finally(() => this.#tasks.delete(task));
  }

  /**
   * What fails here is the database or object storage, and they come back. A transaction may have been kept although
   * its answer was lost, so nothing is done again blindly: the run is taken up anew as the database has it.
   */
  async #recover(run: string, error: unknown): Promise<void> {
    let problem = error;
    while (this.#running) {
      if (!(problem instanceof Superseded)) this.#options.onError(problem, run);
      const troubles = (this.#troubles.get(run) ?? 0) + 1;
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** troubles, LONGEST_PAUSE_MS);
      await sleep(pauseMs, undefined, { signal: this.#leaving.signal }).catch(() => undefined);
      if (!this.#running) return;
      try {
        await this.#takeUp(run);
        // Forgotten only when a step has got on; else one that fails at once would be tried without pause.
        this.#troubles.set(run, troubles);
        return;
      } catch (again) {
        this.#troubles.set(run, troubles);
        problem = again;
      }
    }
  }

  /** Looks at a step whose turn has come: reuses a result, waits for its twin, or runs an attempt. */
  async #begin(item: Item): Promise<void> {
    const action = await this.#options.work.actionOf(item);
    const key = action instanceof PreparationProblem ? null : action.key;
    const twins = key === null ? undefined : this.#computing.get(key);
    if (twins) twins.push(item);
    else await this.#computingKey(key, () => this.#beginAttempt(item, action));
  }

  async #beginAttempt(item: Item, action: Action | PreparationProblem): Promise<void> {
    const { live, step } = item;
    const known = action instanceof PreparationProblem ? {} : { action };
    const result = action instanceof PreparationProblem || !action.key ? undefined : await this.#find(action.key);
    if (result) {
      await this.#move(item, 'queued', () => ({
        changes: consequencesOf(live.plan, live.statuses, step, 'reused'),
        outputs: result.outputs,
        reusedFrom: result.from,
        ...known,
      }));
      return;
    }
    const attempt = { id: this.#options.newId(), number: (live.attempts.get(step) ?? 0) + 1 };
    const changes = new Map<string, StepStatus>([[step, 'running']]);
    if (!(await this.#move(item, 'queued', () => ({ changes, begun: attempt, ...known })))) return;
    live.attempts.set(step, attempt.number);
    await this.#finish(item, attempt, action);
  }

  #find(key: string) {
    return this.#options.work.findResult(key);
  }

  /** Goes on with a step whose attempt was begun before, by this server or one that is dead. */
  async #resume(item: Item, step: StoredStep): Promise<void> {
    const attempts = await this.#options.runs.listAttempts(item.live.run.id, item.step);
    const attempt = attempts.findLast((one) => one.finishedAtMs === null);
    if (!attempt) throw new Superseded();
    const key = step.actionKey !== null && this.#computing.has(step.actionKey) ? null : step.actionKey;
    await this.#computingKey(key, () => this.#finish(item, attempt, undefined));
  }

  /** Marks a key as being computed; afterwards whoever waited for it looks again. */
  async #computingKey(key: string | null, work: () => Promise<void>): Promise<void> {
    if (key === null) return work();
    this.#computing.set(key, []);
    try {
      await work();
    } finally {
      this.#queue.unshift(...(this.#computing.get(key) ?? []));
      this.#computing.delete(key);
    }
  }

  /** Carries an attempt to its end and writes that down. */
  async #finish(
    item: Item,
    attempt: Pick<StoredAttempt, 'id' | 'number'>,
    known: Action | PreparationProblem | undefined,
  ): Promise<void> {
    const { work } = this.#options;
    const result = await work.carry(item, attempt, known, this.#leaving.signal);
    if (!result) return;
    const ended = { attempt: attempt.id, end: result.end };
    const offer = result.end.failure === null ? await work.offerOf(item) : {};
    await this.#move(item, 'running', () => ({
      ...this.#afterAttempt(item, attempt.number, result),
      ...offer,
      ended,
      outputs: result.outputs,
    }));
    // Nobody waits for this; what is left after a crash goes at the next start.
    this.#track(work.forget(attempt.id).catch((error: unknown) => this.#options.onError(error, item.live.run.id)));
  }

  #afterAttempt(
    { live, step }: Item,
    attempts: number,
    { end }: AttemptResult,
  ): Pick<StepMove, 'changes' | 'retryAtMs'> {
    const after = (status: StepStatus) => ({ changes: consequencesOf(live.plan, live.statuses, step, status) });
    if (end.failure === null) return after('succeeded');
    const delayMs = live.cancelled.signal.aborted
      ? undefined
      : retryDelayMs(live.definitionOf(step).retries, attempts, end.failure);
    if (delayMs === undefined) return after(end.failure === 'cancelled' ? 'cancelled' : 'failed');
    return { changes: new Map([[step, 'queued']]), retryAtMs: this.#options.clock.now() + delayMs };
  }

  /** Makes a move of a step, if it still stands where the move starts from, and takes up what follows. */
  #move(item: Item, from: StepStatus, decide: () => Omit<StepMove, 'run' | 'step' | 'from' | 'end'>): Promise<boolean> {
    const { live, step } = item;
    return live.serially(async () => {
      if (live.statuses.get(step) !== from) return false;
      const move = decide();
      const end = live.endWith(move.changes);
      await this.#options.progress.move({ ...move, run: live.run, step, from, end });
      this.#troubles.delete(live.run.id);
      this.#applied(live, move.changes, end !== undefined, move.retryAtMs);
      return true;
    });
  }

  #applied(live: LiveRun, changes: ReadonlyMap<string, StepStatus>, isEnd: boolean, retryAtMs = 0): void {
    live.apply(changes, this.#options.clock.now());
    for (const [step, status] of changes) {
      if (status !== 'running') this.#held.delete(placeOf({ live, step }));
      if (status === 'queued') this.#offer({ live, step }, retryAtMs);
    }
    if (isEnd) this.#live.delete(live.run.id);
    this.#dispatch();
  }

  /** Cancels the steps that have not begun if the run is to be cancelled, and ends it when no other is left. */
  async #cancelWhatWaits(live: LiveRun): Promise<void> {
    const waiting = [...live.statuses].filter(([, status]) => status === 'waiting' || status === 'queued');
    const changes = new Map<string, StepStatus>(live.run.cancel ? waiting.map(([step]) => [step, 'cancelled']) : []);
    const end = live.endWith(changes);
    if (changes.size === 0 && !end) return;
    await this.#options.progress.cancelSteps(live.run, [...changes.keys()], end);
    this.#applied(live, changes, end !== undefined);
  }
}

function placeOf({ live, step }: Item): string {
  return `${live.run.id}/${step}`;
}
