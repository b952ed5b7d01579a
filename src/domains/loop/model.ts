import type { LoopPolicy, LoopState } from '#contract';
import type { Json } from '#platform/kernel';

export type { LoopPolicy } from '#contract';

/** Verdict of a family of checks on one window. */
export type Verdict = 'ok' | 'warning' | 'failed';

/** A stretch of the timeline, `startMs` inclusive, `endMs` exclusive. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** Everything a decision may depend on. Stored whole; changed only by a decision. */
export interface LoopSnapshot {
  readonly name: string;
  readonly endpoint: string;
  readonly model: string;
  readonly monitor: string;
  readonly policy: LoopPolicy;
  readonly state: LoopState;
  readonly sentence: string;
  readonly sinceMs: number;
  readonly champion: string;
  readonly challenger: string | null;
  /** Clean windows in a row during a data fault. */
  readonly cleanWindows: number;
  /** Windows whose data is known to be broken: never trained on. */
  readonly faultSpans: readonly Span[];
  /** Labelled windows still to pass before another retraining may start. */
  readonly cooldownLeft: number;
  /** Labelled windows seen since the canary started. */
  readonly canaryWindowsSeen: number;
  /** When the canary began to answer, on the timeline; null outside a canary. */
  readonly canarySinceMs: number | null;
  /** Labelled windows left until the follow-up of a promotion; null when none is due. */
  readonly followUpIn: number | null;
  /** True while the retraining or canary under way is a follow-up, which gets none itself. */
  readonly followingUp: boolean;
  /** How many retrainings were started; makes each one's key unique. */
  readonly retrainings: number;
}

/** A feature whose distribution in the window is not that of the reference. */
export interface DriftedFeature {
  readonly feature: string;
  /** Population stability index against the reference's bins. */
  readonly psi: number;
  /** False-discovery-corrected, calibrated p-value, 0 to 1. */
  readonly qValue: number;
  /** Quantiles of reference and window at the same probabilities; absent for categories. */
  readonly quantiles?: { readonly reference: readonly number[]; readonly window: readonly number[] };
}

/** What can make a loop act. Times are on the timeline. */
export type Signal =
  | {
      readonly kind: 'window';
      readonly span: Span;
      readonly integrity: Verdict;
      readonly drift: Verdict;
      readonly drifted: readonly DriftedFeature[];
      /** What failed, in words, from the monitor. */
      readonly problems: readonly string[];
    }
  | {
      readonly kind: 'performance';
      readonly span: Span;
      readonly verdict: Verdict;
      readonly labelled: number;
      /** What was lost, in words, from the monitor. */
      readonly problems: readonly string[];
      readonly evidence: Json;
    }
  | {
      readonly kind: 'retrained';
      readonly atMs: number;
      readonly key: string;
      readonly outcome:
        | { readonly status: 'failed'; readonly reason: string; readonly pipelineRun: string }
        | {
            readonly status: 'gated';
            readonly passed: boolean;
            readonly challenger: string;
            readonly words: string;
            readonly evidence: Json;
          };
    }
  | {
      readonly kind: 'canary-judged';
      readonly atMs: number;
      readonly comparison: CanaryComparison;
    };

/** Champion and challenger on the traffic each answered during the canary. */
export interface CanaryComparison {
  readonly championRows: number;
  readonly challengerRows: number;
  readonly championLogLoss: number;
  readonly challengerLogLoss: number;
  /** Challenger minus champion, with a 95 % interval; below zero is better. Nats. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** Requests the challenger failed to answer. */
  readonly challengerErrors: number;
}

/** Something to be done outside, once, after the decision is stored. Carrying it out twice does no harm. */
export type Effect =
  | { readonly kind: 'block-endpoint'; readonly endpoint: string; readonly reason: string }
  | { readonly kind: 'unblock-endpoint'; readonly endpoint: string; readonly reason: string }
  | {
      readonly kind: 'start-retraining';
      readonly key: string;
      readonly pipeline: string;
      readonly training: Span;
      readonly excluded: readonly Span[];
      readonly weighting: 'recent' | 'equal';
      readonly reason: string;
    }
  | { readonly kind: 'start-canary'; readonly challenger: string; readonly share: number; readonly reason: string }
  | { readonly kind: 'judge-canary'; readonly challenger: string; readonly span: Span }
  | { readonly kind: 'promote'; readonly challenger: string; readonly reason: string }
  | { readonly kind: 'roll-back'; readonly challenger: string; readonly reason: string };

/** What happened to the loop, for people. */
export interface TransitionNote {
  readonly kind: string;
  readonly atMs: number;
  readonly words: string;
  readonly evidence: Json;
}

/** The answer to a signal: the next snapshot, what to tell, what to do. */
export interface Decision {
  readonly next: LoopSnapshot;
  readonly note?: TransitionNote;
  readonly effects: readonly Effect[];
}
