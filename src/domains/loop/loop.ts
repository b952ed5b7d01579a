import type { Loop, Transition } from '#contract';
import type { Events } from '#platform/events';
import { assertName, type Clock, ref } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { decide } from './core/decide.ts';
import { loopErrors } from './errors.ts';
import type { Effect, LoopPolicy, LoopSnapshot, Signal } from './model.ts';
import type { LoopActions, PointerLog } from './ports.ts';
import { LoopStore, type StoredLoop } from './store/loop-store.ts';

export interface LoopOptions {
  readonly database: Database;
  /** The machine's clock, for when things were written down. */
  readonly clock: Clock;
  /** The time of the world being watched. */
  readonly timeline: Clock;
  readonly events: Events;
  readonly pointerLog: PointerLog;
  readonly actions: LoopActions;
  /** Called when an effect could not be carried out and will be tried again. */
  readonly onError?: (error: unknown, effect: Effect) => void;
}

export interface NewLoop {
  readonly name: string;
  readonly endpoint: string;
  readonly model: string;
  readonly monitor: string;
  readonly champion: string;
  readonly policy: Partial<LoopPolicy> & Pick<LoopPolicy, 'pipeline'>;
}

const DEFAULT_POLICY = {
  recoveryWindows: 1,
  canaryShare: 0.2,
  canaryWindows: 2,
  canaryMinRows: 200,
  cooldownWindows: 5,
  trainingWindows: 60,
  followUpWindows: 14,
} as const;

const RETRY_MS = 500;
const AUTOMATIC = 'trimtab:loop';

export type Loops = ReturnType<typeof createLoops>;

/**
 * The verbs of the loop. A signal is taken in exactly once: the new snapshot, the transition, its audit entry and the
 * effects to carry out are stored in one transaction; effects are carried out afterwards and again after a crash.
 */
export function createLoops(options: LoopOptions) {
  const { database, clock, timeline, events, pointerLog, actions } = options;
  const store = new LoopStore(database);
  let working: Promise<void> = Promise.resolve();
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;

  async function get(name: string): Promise<StoredLoop> {
    const stored = await store.find(name);
    if (!stored) throw loopErrors.LOOP_NOT_FOUND({ loop: name });
    return stored;
  }

  async function create(request: NewLoop, actor: string): Promise<Loop> {
    assertName('loop', request.name);
    const snapshot = firstSnapshot(request, timeline.now());
    await database.transaction(async (tx) => {
      if (!(await store.create(tx, snapshot, clock.now()))) return;
      const words = snapshot.sentence;
      const note = { kind: 'started', atMs: snapshot.sinceMs, words, evidence: { champion: snapshot.champion } };
      await store.addTransition(tx, snapshot, snapshot, note, clock.now());
      await record(tx, actor, null, snapshot, words);
    });
    const stored = await get(request.name);
    if (stored.snapshot.endpoint !== request.endpoint || stored.snapshot.monitor !== request.monitor) {
      throw loopErrors.LOOP_CONFLICT({
        loop: request.name,
        problem: `already keeps endpoint "${stored.snapshot.endpoint}"`,
      });
    }
    return toLoop(stored);
  }

  function record(
    tx: Parameters<PointerLog['record']>[0],
    actor: string,
    from: string | null,
    to: LoopSnapshot,
    reason: string,
  ) {
    return pointerLog.record(tx, { actor, pointer: ref('loop', to.name), from, to: to.state, reason });
  }

  /** Takes a signal in and carries out what it leads to. The id makes a repeated delivery harmless. */
  async function signal(name: string, signalId: string, received: Signal): Promise<void> {
    await takeIn(name, signalId, received);
    await work();
  }

  async function takeIn(name: string, signalId: string, received: Signal): Promise<void> {
    for (;;) {
      const stored = await get(name);
      if (stored.snapshot.state === 'paused') return;
      const decision = decide(stored.snapshot, received);
      const kept = await database
        .transaction(async (tx) => {
          if (!(await store.takeSignal(tx, name, signalId, clock.now()))) return true;
          if (!(await store.update(tx, stored, decision.next))) throw new LostRace();
          const { note, next } = decision;
          if (note) {
            await store.addTransition(tx, stored.snapshot, next, note, clock.now());
            await record(tx, AUTOMATIC, stored.snapshot.state, next, note.words);
            const payload = { kind: note.kind, words: note.words, atMs: note.atMs };
            await events.publish(tx, { topic: 'loop.state.moved', subject: ref('loop', name), payload });
          }
          await store.addEffects(tx, name, signalId, decision.effects);
          return true;
        })
        .catch((error: unknown) => {
          if (error instanceof LostRace) return false;
          throw error;
        });
      if (kept) return;
    }
  }

  /** Carries out what is pending, one after another. */
  function work(): Promise<void> {
    working = working.then(carryOut);
    return working;
  }

  async function carryOut(): Promise<void> {
    for (;;) {
      // Carrying out an effect can lead to another, so ask again until there is none.
      const [first] = await store.pendingEffects();
      if (!first || stopped) return;
      try {
        await perform((await get(first.loop)).snapshot, first.id, first.effect);
        await store.effectDone(first.id);
      } catch (error) {
        options.onError?.(error, first.effect);
        clearTimeout(retry);
        retry = setTimeout(() => void work(), RETRY_MS);
        return;
      }
    }
  }

  async function perform(loop: LoopSnapshot, id: string, effect: Effect): Promise<void> {
    switch (effect.kind) {
      case 'block-endpoint':
        return actions.block(effect.endpoint, effect.reason);
      case 'unblock-endpoint':
        return actions.unblock(effect.endpoint, effect.reason);
      case 'start-retraining':
        return actions.startRetraining({ loop, ...effect });
      case 'start-canary':
        return actions.startCanary(loop, effect.challenger, effect.share, effect.reason);
      case 'promote':
        return actions.promote(loop, effect.challenger, effect.reason);
      case 'roll-back':
        return actions.rollBack(loop, effect.challenger, effect.reason);
      case 'judge-canary': {
        const comparison = await actions.compareCanary(loop, effect.challenger, effect.span);
        const judged: Signal = { kind: 'canary-judged', atMs: effect.span.endMs, comparison };
        await takeIn(loop.name, `judged/${id}`, judged);
      }
    }
  }

  async function steer(name: string, actor: string, to: 'paused' | 'steady', reason: string): Promise<Loop> {
    const stored = await get(name);
    const { state } = stored.snapshot;
    if (to === 'paused' ? state === 'paused' : state !== 'paused') {
      throw loopErrors.LOOP_CONFLICT({
        loop: name,
        problem: `is ${state}, so it cannot be ${to === 'paused' ? 'paused' : 'resumed'}`,
      });
    }
    if (to === 'paused' && (state === 'canary' || state === 'retraining')) {
      throw loopErrors.LOOP_CONFLICT({ loop: name, problem: `is in ${state}; wait for its end, then pause it` });
    }
    const words = to === 'paused' ? `Paused by ${actor}: ${reason}` : `Resumed by ${actor}: ${reason}`;
    const next = { ...stored.snapshot, state: to, sentence: words, sinceMs: timeline.now() } as const;
    await database.transaction(async (tx) => {
      if (!(await store.update(tx, stored, next))) {
        throw loopErrors.LOOP_CONFLICT({ loop: name, problem: 'moved at the same moment; look at it again' });
      }
      const note = { kind: to === 'paused' ? 'paused' : 'resumed', atMs: next.sinceMs, words, evidence: { actor } };
      await store.addTransition(tx, stored.snapshot, next, note, clock.now());
      await record(tx, actor, state, next, reason);
    });
    return toLoop(await get(name));
  }

  return {
    create,
    signal,
    get: async (name: string): Promise<Loop> => toLoop(await get(name)),
    list: async (): Promise<readonly Loop[]> => (await store.list()).map(toLoop),
    /** Loops that watch a monitor, as snapshots, for whoever turns the monitor's events into signals. */
    listByMonitor: async (monitor: string): Promise<readonly LoopSnapshot[]> =>
      (await store.list()).map(({ snapshot }) => snapshot).filter((snapshot) => snapshot.monitor === monitor),
    listTransitions: async (name: string): Promise<readonly Transition[]> => {
      await get(name);
      return store.listTransitions(name);
    },
    pause: (name: string, actor: string, reason: string) => steer(name, actor, 'paused', reason),
    resume: (name: string, actor: string, reason: string) => steer(name, actor, 'steady', reason),
    /** What the loops are busy with, in words; empty when nothing is under way. */
    activity: async (): Promise<readonly string[]> => {
      const retraining = (await store.list()).filter(({ snapshot }) => snapshot.state === 'retraining');
      const pending = await store.pendingEffects();
      return [
        ...retraining.map(({ snapshot }) => `loop ${snapshot.name} retrains`),
        ...pending.map(({ loop, effect }) => `loop ${loop} has to ${effect.kind}`),
      ];
    },
    /** Takes up the effects that a crash left undone. */
    start: (): Promise<void> => work(),
    stop: async (): Promise<void> => {
      stopped = true;
      clearTimeout(retry);
      await working;
    },
  };
}

/** Another process changed the loop between reading and writing it: decide anew. */
class LostRace extends Error {}

function firstSnapshot(request: NewLoop, nowMs: number): LoopSnapshot {
  return {
    name: request.name,
    endpoint: request.endpoint,
    model: request.model,
    monitor: request.monitor,
    policy: { ...DEFAULT_POLICY, ...request.policy },
    state: 'steady',
    sentence: `Version ${request.champion.slice(request.champion.lastIndexOf('/') + 1)} answers; the loop watches it.`,
    sinceMs: nowMs,
    champion: request.champion,
    challenger: null,
    cleanWindows: 0,
    faultSpans: [],
    cooldownLeft: 0,
    canaryWindowsSeen: 0,
    canarySinceMs: null,
    followUpIn: null,
    followingUp: false,
    retrainings: 0,
  };
}

function toLoop({ snapshot, createdAtMs }: StoredLoop): Loop {
  const { name, endpoint, model, monitor, policy, state, sentence, sinceMs, champion, challenger } = snapshot;
  return { name, endpoint, model, monitor, policy, state, sentence, sinceMs, champion, challenger, createdAtMs };
}
