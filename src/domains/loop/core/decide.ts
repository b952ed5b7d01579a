import type { CanaryComparison, Decision, Effect, LoopSnapshot, Signal, Span, TransitionNote } from '../model.ts';
import { triage } from './triage.ts';

/**
 * The loop's whole mind: what a signal changes, what is told, and what is to be done. Pure, so that it can be read,
 * tested and replayed without a server.
 *
 * Laws: a retraining never sees a window of a data fault; nothing is promoted without a passed gate and a canary;
 * while a fault lasts, nothing is retrained or promoted; at most one challenger exists.
 */
export function decide(loop: LoopSnapshot, signal: Signal): Decision {
  switch (signal.kind) {
    case 'window':
      return onWindow(loop, signal);
    case 'performance':
      return onPerformance(loop, signal);
    case 'retrained':
      return onRetrained(loop, signal);
    case 'canary-judged':
      return onCanaryJudged(loop, signal);
  }
}

type Of<Kind extends Signal['kind']> = Extract<Signal, { kind: Kind }>;

function onWindow(loop: LoopSnapshot, signal: Of<'window'>): Decision {
  const found = triage(signal);
  if (found.kind === 'data-fault') return onFault(loop, signal, found.words);
  if (loop.state !== 'data-fault') return unchanged(loop);
  const cleanWindows = loop.cleanWindows + 1;
  if (cleanWindows < loop.policy.recoveryWindows) return unchanged({ ...loop, cleanWindows });
  const days = loop.faultSpans.filter((span) => span.startMs >= loop.sinceMs - DAY_MS).length;
  const words = `The feed is clean again after ${days} broken ${plural(days, 'window')}; their rows stay out of training.`;
  return move(loop, 'steady', `Version ${short(loop.champion)} answers on a clean feed.`, {
    note: {
      kind: 'data-fault-ended',
      atMs: signal.span.endMs,
      words,
      evidence: { brokenWindows: spans(loop.faultSpans) },
    },
    effects: [{ kind: 'unblock-endpoint', endpoint: loop.endpoint, reason: words }],
    changes: { cleanWindows: 0 },
  });
}

const DAY_MS = 86_400_000;

function onFault(loop: LoopSnapshot, signal: Of<'window'>, cause: string): Decision {
  const faultSpans = [...loop.faultSpans, signal.span];
  if (loop.state === 'data-fault') return unchanged({ ...loop, faultSpans, cleanWindows: 0 });
  // A canary or a retraining under way keeps its place: the window is set aside and no judgement uses it.
  if (loop.state !== 'steady') return unchanged({ ...loop, faultSpans });
  const words = `The feed broke: ${cause}. Nothing is retrained or promoted until it is mended.`;
  return move(loop, 'data-fault', `The feed is broken: ${cause}.`, {
    note: { kind: 'data-fault-found', atMs: signal.span.endMs, words, evidence: faultEvidence(signal) },
    effects: [{ kind: 'block-endpoint', endpoint: loop.endpoint, reason: words }],
    changes: { faultSpans, cleanWindows: 0 },
  });
}

function faultEvidence(signal: Of<'window'>) {
  const drifted = signal.drifted.map(({ feature, psi, qValue }) => ({ feature, psi, qValue }));
  return { window: { ...signal.span }, problems: [...signal.problems], drifted };
}

function onPerformance(loop: LoopSnapshot, signal: Of<'performance'>): Decision {
  const cooled = { ...loop, cooldownLeft: Math.max(0, loop.cooldownLeft - 1) };
  if (loop.state === 'canary') return onCanaryWindow(cooled, signal);
  const explained = loop.faultSpans.some((span) => overlap(span, signal.span));
  if (loop.state !== 'steady') return unchanged(cooled);
  const followUpIn = loop.followUpIn === null ? null : Math.max(0, loop.followUpIn - 1);
  const waited = { ...cooled, followUpIn };
  if (explained || loop.cooldownLeft > 0) return unchanged(waited);
  if (signal.verdict === 'failed') return retrain(waited, signal, lost(waited, signal));
  return followUpIn === 0 ? retrain(waited, signal, followUp(waited)) : unchanged(waited);
}

/** Why a retraining starts: how its transition is called and told. */
interface Occasion {
  readonly kind: 'performance-lost' | 'follow-up';
  readonly cause: string;
  readonly words: string;
  /** How many of the last windows to learn from, and how. */
  readonly windows: number;
  readonly weighting: 'recent' | 'equal';
}

function lost({ policy }: LoopSnapshot, signal: Of<'performance'>): Occasion {
  const cause = signal.problems.join('; ') || 'realised performance fell below what the reference windows showed';
  const words = `Performance was lost while the feed is sound: ${cause}. A challenger is trained on recent labelled rows.`;
  return { kind: 'performance-lost', cause, words, windows: policy.trainingWindows, weighting: 'recent' };
}

/** A loss is found within days; what was learned from so few rows is worth learning once more from more of them. */
function followUp({ champion, policy }: LoopSnapshot): Occasion {
  const count = policy.followUpWindows;
  const cause = `${count} labelled ${plural(count, 'window')} have come since version ${short(champion)} was promoted`;
  const words = `${cause}. A challenger is trained on them; it has to be better than version ${short(champion)}.`;
  return { kind: 'follow-up', cause, words, windows: count, weighting: 'equal' };
}

function retrain(loop: LoopSnapshot, signal: Of<'performance'>, occasion: Occasion): Decision {
  const { kind, cause, words, windows, weighting } = occasion;
  const length = signal.span.endMs - signal.span.startMs;
  const training = { startMs: signal.span.endMs - windows * length, endMs: signal.span.endMs };
  const retrainings = loop.retrainings + 1;
  return move(loop, 'retraining', `Retraining: ${cause}.`, {
    note: { kind, atMs: signal.span.endMs, words, evidence: signal.evidence },
    effects: [
      {
        kind: 'start-retraining',
        key: `${loop.name}/${retrainings}`,
        pipeline: loop.policy.pipeline,
        training,
        excluded: loop.faultSpans.filter((span) => overlap(span, training)),
        weighting,
        reason: words,
      },
    ],
    changes: { retrainings, followUpIn: null, followingUp: kind === 'follow-up' },
  });
}

function onRetrained(loop: LoopSnapshot, signal: Of<'retrained'>): Decision {
  if (loop.state !== 'retraining' || signal.key !== `${loop.name}/${loop.retrainings}`) return unchanged(loop);
  const { outcome, atMs } = signal;
  const changes = { cooldownLeft: loop.policy.cooldownWindows };
  const stays = `Version ${short(loop.champion)} stays.`;
  if (outcome.status === 'failed') {
    const words = `The retraining failed: ${outcome.reason}. ${stays}`;
    const note = { kind: 'retraining-failed', atMs, words, evidence: { pipelineRun: outcome.pipelineRun } };
    return move(loop, 'steady', `${stays} The last retraining failed: ${outcome.reason}.`, {
      note,
      effects: [],
      changes,
    });
  }
  if (!outcome.passed) {
    const words = `The gate refused version ${short(outcome.challenger)}: ${outcome.words} ${stays}`;
    const note = { kind: 'gate-refused', atMs, words, evidence: outcome.evidence };
    return move(loop, 'steady', `${stays} The gate refused ${short(outcome.challenger)}.`, {
      note,
      effects: [],
      changes,
    });
  }
  const share = loop.policy.canaryShare;
  const words = `Version ${short(outcome.challenger)} passed the gate: ${outcome.words} It now answers ${percent(share)} of the traffic.`;
  const reason = `canary of ${outcome.challenger}`;
  return move(
    loop,
    'canary',
    `Version ${short(outcome.challenger)} answers ${percent(share)} of the traffic as a canary.`,
    {
      note: { kind: 'canary-started', atMs, words, evidence: outcome.evidence },
      effects: [{ kind: 'start-canary', challenger: outcome.challenger, share, reason }],
      changes: { challenger: outcome.challenger, canarySinceMs: atMs, canaryWindowsSeen: 0 },
    },
  );
}

function onCanaryWindow(loop: LoopSnapshot, signal: Of<'performance'>): Decision {
  const { challenger, canarySinceMs } = loop;
  if (challenger === null || canarySinceMs === null || signal.span.startMs < canarySinceMs) return unchanged(loop);
  const canaryWindowsSeen = loop.canaryWindowsSeen + 1;
  const next = { ...loop, canaryWindowsSeen };
  if (canaryWindowsSeen < loop.policy.canaryWindows) return unchanged(next);
  const span = { startMs: canarySinceMs, endMs: signal.span.endMs };
  return { next, effects: [{ kind: 'judge-canary', challenger, span }] };
}

function onCanaryJudged(loop: LoopSnapshot, signal: Of<'canary-judged'>): Decision {
  const { challenger } = loop;
  if (loop.state !== 'canary' || challenger === null) return unchanged(loop);
  const { comparison, atMs } = signal;
  const worse = comparison.low > 0 || comparison.challengerErrors > 0;
  // Too few rows to promote on, unless they already show harm.
  if (!worse && comparison.challengerRows < loop.policy.canaryMinRows) return unchanged(loop);
  const ended = {
    challenger: null,
    canarySinceMs: null,
    canaryWindowsSeen: 0,
    cooldownLeft: loop.policy.cooldownWindows,
  };
  const figures = comparisonWords(comparison);
  if (worse) {
    const words = `Version ${short(challenger)} did worse than ${short(loop.champion)} on live traffic: ${figures}. It is rolled back.`;
    return move(loop, 'steady', `Version ${short(loop.champion)} answers; ${short(challenger)} was rolled back.`, {
      note: { kind: 'rolled-back', atMs, words, evidence: { ...comparison } },
      effects: [{ kind: 'roll-back', challenger, reason: words }],
      changes: ended,
    });
  }
  const words = `Version ${short(challenger)} held up on live traffic: ${figures}. It replaces ${short(loop.champion)}.`;
  return move(loop, 'steady', `Version ${short(challenger)} answers since it replaced ${short(loop.champion)}.`, {
    note: { kind: 'promoted', atMs, words, evidence: { ...comparison } },
    effects: [{ kind: 'promote', challenger, reason: words }],
    changes: { ...ended, champion: challenger, followUpIn: nextFollowUp(loop) },
  });
}

/** One follow-up for each promotion that answered a loss; none where the policy wants none. */
function nextFollowUp({ followingUp, policy }: LoopSnapshot): number | null {
  return followingUp || policy.followUpWindows === 0 ? null : policy.followUpWindows;
}

function comparisonWords(comparison: CanaryComparison): string {
  const { challengerLogLoss, championLogLoss, low, high, challengerRows, challengerErrors } = comparison;
  const errors = challengerErrors > 0 ? `, ${challengerErrors} failed requests` : '';
  return `log loss ${challengerLogLoss.toFixed(3)} against ${championLogLoss.toFixed(3)} (difference ${signed(low)} to ${signed(high)}, ${challengerRows} rows${errors})`;
}

interface Move {
  readonly note: TransitionNote;
  readonly effects: readonly Effect[];
  readonly changes: Partial<LoopSnapshot>;
}

function move(
  loop: LoopSnapshot,
  state: LoopSnapshot['state'],
  sentence: string,
  { note, effects, changes }: Move,
): Decision {
  return { next: { ...loop, ...changes, state, sentence, sinceMs: note.atMs }, note, effects };
}

function unchanged(next: LoopSnapshot): Decision {
  return { next, effects: [] };
}

function overlap(a: Span, b: Span): boolean {
  return a.startMs < b.endMs && b.startMs < a.endMs;
}

function spans(list: readonly Span[]) {
  return list.map(({ startMs, endMs }) => ({ startMs, endMs }));
}

function short(version: string): string {
  return version.slice(version.lastIndexOf('/') + 1);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(3)}`;
}

function plural(count: number, word: string): string {
  return count === 1 ? word : `${word}s`;
}
