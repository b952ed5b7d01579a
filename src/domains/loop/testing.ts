import type { CanaryComparison, LoopSnapshot, Signal, Span, Verdict } from './model.ts';

const DAY_MS = 86_400_000;

/** The window of day `n`, counted from 2001-03-01 UTC. */
export function day(n: number): Span {
  const startMs = Date.UTC(2001, 2, 1) + n * DAY_MS;
  return { startMs, endMs: startMs + DAY_MS };
}

/** A loop at rest on version 1. */
export function steadyLoop(changes: Partial<LoopSnapshot> = {}): LoopSnapshot {
  return {
    name: 'delays',
    endpoint: 'delays',
    model: 'delays',
    monitor: 'delays',
    policy: {
      recoveryWindows: 1,
      canaryShare: 0.2,
      canaryWindows: 2,
      canaryMinRows: 200,
      cooldownWindows: 3,
      trainingWindows: 30,
      followUpWindows: 0,
      pipeline: 'retrain',
    },
    state: 'steady',
    sentence: '',
    sinceMs: day(0).startMs,
    champion: 'version:delays/1',
    challenger: null,
    cleanWindows: 0,
    faultSpans: [],
    cooldownLeft: 0,
    canaryWindowsSeen: 0,
    canarySinceMs: null,
    followUpIn: null,
    followingUp: false,
    retrainings: 0,
    ...changes,
  };
}

export function inputs(n: number, drift: Verdict = 'ok', psi = 0): Signal {
  const drifted = drift === 'ok' ? [] : [{ feature: 'distance', psi, qValue: 1e-9 }];
  return { kind: 'window', span: day(n), integrity: 'ok', drift, drifted, problems: [] };
}

export function labels(n: number, verdict: Verdict = 'ok'): Signal {
  return { kind: 'performance', span: day(n), verdict, labelled: 2000, problems: [], evidence: {} };
}

export function gated(n: number, passed: boolean, key = 'delays/1'): Signal {
  const outcome = { status: 'gated', passed, challenger: 'version:delays/2', words: 'checks.', evidence: {} } as const;
  return { kind: 'retrained', atMs: day(n).endMs, key, outcome };
}

export function judged(n: number, change: Partial<CanaryComparison> = {}): Signal {
  const comparison = {
    championRows: 3000,
    challengerRows: 800,
    championLogLoss: 0.5,
    challengerLogLoss: 0.45,
    difference: -0.05,
    low: -0.1,
    high: -0.01,
    challengerErrors: 0,
    ...change,
  };
  return { kind: 'canary-judged', atMs: day(n).endMs, comparison };
}
