import { type RawBuilder, sql as raw } from 'kysely';
import { METADATA, TAGS } from '../core/names.ts';
import { amountsIn } from '../core/usage.ts';

export type MetricView = 'traces' | 'spans' | 'assessments';

type Expression = RawBuilder<unknown>;

/** What can be asked of a view: over `tracing_trace t` with `tracing_span s` or `tracing_assessment a`. */
interface View {
  readonly from: Expression;
  /** When a row happened, ms since the epoch. */
  readonly at: Expression;
  readonly metrics: Readonly<
    Record<string, { readonly value: Expression; readonly read: (value: number | string | null) => number | undefined }>
  >;
  readonly dimensions: Readonly<Record<string, Expression>>;
  readonly filters: Readonly<Record<string, (value: string) => Expression>>;
}

const one = { value: raw`1`, read: () => 1 };
const number = (value: Expression) => ({
  value,
  read: (found: number | string | null) => (found === null ? undefined : Number(found)),
});
/** One of the numbers in a text of JSON. */
const amount = (value: Expression, name: string) => ({
  value,
  read: (found: number | string | null) => amountsIn(found)?.[name],
});

const metadata = (key: string) => raw`(select x.value from tracing_metadata x where x.trace = t.id and x.key = ${key})`;
/** States as MLflow's clients know them. */
const upper = (column: Expression) => raw`upper(replace(${column}, '-', '_'))`;

const TOKENS = [
  ...(['input_tokens', 'output_tokens', 'total_tokens'] as const),
  ...(['cache_read_input_tokens', 'cache_creation_input_tokens'] as const),
];
const COSTS = ['input_cost', 'output_cost', 'total_cost'] as const;

const TRACE_FILTERS = {
  'trace.status': (value: string) => raw`${upper(raw`t.state`)} = ${value.toUpperCase()}`,
};

export const VIEWS: Readonly<Record<MetricView, View>> = {
  traces: {
    from: raw`tracing_trace t`,
    at: raw`t.started_at`,
    metrics: {
      trace_count: one,
      latency: number(raw`t.duration_ms`),
      ...Object.fromEntries(TOKENS.map((name) => [name, amount(metadata(METADATA.usage), name)])),
      ...Object.fromEntries(COSTS.map((name) => [name, amount(metadata(METADATA.cost), name)])),
    },
    dimensions: {
      trace_name: raw`(select x.value from tracing_tag x where x.trace = t.id and x.key = ${TAGS.name})`,
      trace_status: upper(raw`t.state`),
    },
    filters: TRACE_FILTERS,
  },
  spans: {
    from: raw`tracing_trace t join tracing_span s on s.trace = t.id`,
    at: raw`s.started_us / 1000`,
    metrics: {
      span_count: one,
      latency: number(raw`(s.ended_us - s.started_us) / 1000.0`),
      ...Object.fromEntries(COSTS.map((name) => [name, amount(raw`s.cost`, name)])),
    },
    dimensions: {
      span_name: raw`s.name`,
      span_type: raw`s.type`,
      span_status: upper(raw`s.status`),
      span_model_name: raw`s.model`,
      span_model_provider: raw`s.provider`,
    },
    filters: {
      ...TRACE_FILTERS,
      'span.name': (value) => raw`s.name = ${value}`,
      'span.type': (value) => raw`s.type = ${value}`,
      'span.status': (value) => raw`${upper(raw`s.status`)} = ${value.toUpperCase()}`,
    },
  },
  assessments: {
    from: raw`tracing_trace t join tracing_assessment a on a.trace = t.id`,
    at: raw`a.created_at`,
    metrics: { assessment_count: one, assessment_value: number(raw`a.value_number`) },
    dimensions: { assessment_name: raw`a.name`, assessment_value: raw`a.value` },
    filters: {
      ...TRACE_FILTERS,
      'assessment.name': (value) => raw`a.name = ${value}`,
      'assessment.type': (value) => raw`a.kind = ${value}`,
    },
  },
};
