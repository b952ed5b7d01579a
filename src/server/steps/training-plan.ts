import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { GatePolicyInput, WatchedFeature } from '#contract';
import type { FeatureSpec, KeyPart } from '#domains/learning';
import type { Json } from '#platform/kernel';

const Name = Type.String({ minLength: 1, maxLength: 128 });
const Share = Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 });
const Span = Type.Object({ startMs: Type.Integer(), endMs: Type.Integer() });

/**
 * The params of the built-in training pipeline: what to learn from what, and what the result must hold up to.
 * `window` and `champion` are what a loop fills in when it retrains; a first training leaves them null.
 */
export const TrainingPlan = Type.Object(
  {
    /** The registered model that gets the version. */
    model: Name,
    /** Where the trials and the fit are tracked. */
    experiment: Name,
    repository: Name,
    data: Type.Object({
      ref: Type.String({ minLength: 1 }),
      path: Type.String({ minLength: 1 }),
      /** Timestamp column that rows are split by. */
      time: Name,
      /** A row is positive when the column is above the limit. */
      label: Type.Object({ column: Name, above: Type.Number() }),
    }),
    /** Labelled rows of an endpoint to learn from instead of `data`. */
    window: Type.Union([
      Type.Null(),
      Type.Object({
        endpoint: Name,
        fromMs: Type.Integer(),
        toMs: Type.Integer(),
        excluded: Type.Array(Span),
        /** recent: rows count by `halfLifeDays`. equal: all alike. */
        weighting: Type.Union([Type.Literal('recent'), Type.Literal('equal')]),
      }),
    ]),
    /** Version to be better than; null: the baseline of historical rates. */
    champion: Type.Union([Type.Null(), Type.String({ pattern: '^version:.+/[0-9]+$' })]),
    /** Shares of the rows of `data`; test gets the rest. */
    split: Type.Object({ train: Share, validation: Share }),
    /** A window is split by its last days: what happened lately is both what matters and what is scarce. */
    recentSplit: Type.Object({ validationDays: Type.Integer({ minimum: 1 }), testDays: Type.Integer({ minimum: 1 }) }),
    features: Type.Array(Type.Unsafe<FeatureSpec>({ type: 'object' }), { minItems: 1 }),
    /** What a first model must beat: the keys of the historical rates that the baseline knows, by name. */
    baseline: Type.Record(Type.String(), Type.Array(Type.Unsafe<KeyPart>({}), { minItems: 1 })),
    segments: Type.Record(Type.String(), Type.Unsafe<KeyPart>({})),
    /** What monitors are to watch, frozen with the model. */
    watch: Type.Array(WatchedFeature, { minItems: 1 }),
    search: Type.Object({ trials: Type.Integer({ minimum: 1 }), rows: Type.Integer({ minimum: 100 }) }),
    iterations: Type.Integer({ minimum: 1 }),
    /** Days after which a row of the window counts half; older rows are thinned out accordingly. */
    halfLifeDays: Type.Number({ exclusiveMinimum: 0 }),
    /** Days before the end of a window whose realised performance is what monitors then expect. */
    expectedDays: Type.Integer({ minimum: 1 }),
    gate: GatePolicyInput,
    seed: Type.Integer(),
  },
  { additionalProperties: false },
);
export type TrainingPlan = Static<typeof TrainingPlan>;

/** @throws Error that names the param at fault */
export function readTrainingPlan(params: Readonly<Record<string, Json>>): TrainingPlan {
  if (Value.Check(TrainingPlan, params)) return params;
  const [first] = Value.Errors(TrainingPlan, params);
  throw new Error(`The param${first?.instancePath.replaceAll('/', '.') ?? 's'} ${first?.message ?? 'do not fit'}.`);
}
