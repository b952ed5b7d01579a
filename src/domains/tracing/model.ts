import type { KeyValue, OtlpEvent } from './core/otlp.ts';

export type Texts = ReadonlyMap<string, string>;

/** in-progress until the root span has ended. */
export type TraceState = 'ok' | 'error' | 'in-progress' | 'unknown';

/** What is known of a trace, without its spans. */
export interface TraceInfo {
  /** `tr-` and the 32 hex digits of its OpenTelemetry id, unless its client chose another one. */
  readonly id: string;
  /** Number of its experiment, as text. */
  readonly experimentId: string;
  readonly state: TraceState;
  /** Id that the traced program gave the request. */
  readonly clientRequestId: string | null;
  readonly startedAtMs: number;
  readonly durationMs: number | null;
  readonly requestPreview: string | null;
  readonly responsePreview: string | null;
  /** What the client told once. */
  readonly metadata: Texts;
  /** What may change. */
  readonly tags: Texts;
  /** Oldest first. */
  readonly assessments: readonly Assessment[];
  /** How many spans are stored. */
  readonly spanCount: number;
}

export type SpanStatus = 'unset' | 'ok' | 'error';

/** A span as OpenTelemetry tells it, with what is read out of its attributes. Times are ns since the epoch, as text. */
export interface Span {
  /** 16 hex digits. */
  readonly id: string;
  readonly parent: string | null;
  readonly name: string;
  /** What kind of work: `LLM`, `TOOL`, `RETRIEVER`, ...; `UNKNOWN` when not told. */
  readonly type: string;
  readonly status: SpanStatus;
  readonly statusMessage: string;
  readonly startNs: string;
  /** Null while it runs. */
  readonly endNs: string | null;
  /** In their order, with the values of the conventions that clients follow brought to MLflow's names. */
  readonly attributes: readonly KeyValue[];
  readonly events: readonly OtlpEvent[];
  /** Service that made it. */
  readonly service: string | null;
}

export interface Trace {
  readonly info: TraceInfo;
  /** Roots first, then by start. */
  readonly spans: readonly Span[];
}

/** feedback: what somebody thinks of it; expectation: what it should have been; issue: a known fault. */
export type AssessmentKind = 'feedback' | 'expectation' | 'issue';

export interface AssessmentError {
  readonly code: string | null;
  readonly message: string | null;
  readonly stackTrace: string | null;
}

/** What is thought of a trace. */
export interface AssessmentContent {
  readonly name: string;
  readonly kind: AssessmentKind;
  /** The verdict: any JSON value. Of an issue its name. */
  readonly value: unknown;
  /** Why there is no value. */
  readonly error: AssessmentError | null;
  readonly source: AssessmentSource;
  readonly rationale: string | null;
  readonly metadata: Texts;
  /** Id of the span it is about; null for the whole trace. */
  readonly span: string | null;
  /** Id of the assessment that this one replaces. */
  readonly overrides: string | null;
}

export interface AssessmentSource {
  /** judge: a language model. */
  readonly kind: 'human' | 'judge' | 'code' | 'unknown';
  readonly id: string;
}

export interface Assessment extends AssessmentContent {
  /** `a-` and 32 hex digits, unless its client chose another one. */
  readonly id: string;
  readonly trace: string;
  /** False once another one replaces it. */
  readonly valid: boolean;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
}
