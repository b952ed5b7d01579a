import { type Condition, type Field, type Order, parseFilter, parseOrder, type Vocabulary } from '#platform/search';
import { tracingErrors } from '../errors.ts';

const KEYS = {
  id: { key: 'id', type: 'text' },
  startedAt: { key: 'startedAt', type: 'time' },
  duration: { key: 'duration', type: 'number' },
  endedAt: { key: 'endedAt', type: 'time' },
  state: { key: 'state', type: 'text' },
  experimentId: { key: 'experimentId', type: 'text' },
  clientRequestId: { key: 'clientRequestId', type: 'text' },
  name: { key: 'name', type: 'text' },
  run: { key: 'run', type: 'text' },
  prompt: { key: 'prompt', type: 'text' },
  text: { key: 'text', type: 'text' },
} as const;

/** Attributes of a trace by the names a search may use. */
const ATTRIBUTES = {
  request_id: KEYS.id,
  trace_id: KEYS.id,
  timestamp: KEYS.startedAt,
  timestamp_ms: KEYS.startedAt,
  request_time: KEYS.startedAt,
  execution_time: KEYS.duration,
  execution_time_ms: KEYS.duration,
  execution_duration: KEYS.duration,
  end_time: KEYS.endedAt,
  end_time_ms: KEYS.endedAt,
  status: KEYS.state,
  state: KEYS.state,
  experiment_id: KEYS.experimentId,
  client_request_id: KEYS.clientRequestId,
  name: KEYS.name,
  run_id: KEYS.run,
  prompt: KEYS.prompt,
  text: KEYS.text,
} as const;

const VOCABULARY: Vocabulary = {
  entities: {
    attributes: { words: ['attributes', 'attribute', 'attr', 'trace'], keys: ATTRIBUTES },
    tags: { words: ['tags', 'tag'], keys: 'text' },
    metadata: { words: ['metadata', 'request_metadata'], keys: 'text' },
    span: { words: ['span'], keys: 'text' },
    feedback: { words: ['feedback'], keys: 'param' },
    expectation: { words: ['expectation'], keys: 'param' },
    issue: { words: ['issue'], keys: { id: { key: 'id', type: 'text' } } },
  },
  bare: 'attributes',
  refuse: tracingErrors.TRACING_FILTER_INVALID,
};

const SPAN_KEYS = ['name', 'type', 'status', 'content'];
/** `span.attributes.<key>`: an attribute of a span. */
export const SPAN_ATTRIBUTE = 'attributes.';

/** Reads a filter of traces. @throws TRACING_FILTER_INVALID */
export function parseTraceFilter(text: string): Condition | undefined {
  const condition = parseFilter(text, VOCABULARY);
  return condition && checked(condition, text);
}

/** Reads what to sort traces by: an attribute, a tag or metadata. @throws TRACING_FILTER_INVALID */
export function parseTraceOrder(text: string): Order {
  const order = parseOrder(text, VOCABULARY);
  const { entity, key } = order.field;
  const listed = entity === 'attributes' && (key === 'run' || key === 'prompt' || key === 'text');
  if (!listed && ['attributes', 'tags', 'metadata'].includes(entity)) return order;
  throw refusal(text, `traces are not sorted by ${entity}.${key}`, order.field);
}

/** Keys of spans are checked, and words of MLflow for states are brought to ours. */
function checked(condition: Condition, text: string): Condition {
  if ('parts' in condition) {
    return { ...condition, parts: condition.parts.map((part) => checked(part, text)) };
  }
  if ('part' in condition) return { ...condition, part: checked(condition.part, text) };
  const { entity, key } = condition.field;
  if (entity === 'span' && !SPAN_KEYS.includes(key) && !(key.startsWith(SPAN_ATTRIBUTE) && key !== SPAN_ATTRIBUTE)) {
    throw refusal(text, `spans have name, type, status, content and attributes.<key>, no "${key}"`, condition.field);
  }
  const words = WORDS[`${entity}.${key}`];
  if (!words) return condition;
  if (condition.kind === 'in') return { ...condition, values: condition.values.map(words) };
  return condition.kind === 'compare' ? { ...condition, value: words(condition.value) } : condition;
}

const state = (value: string | number) => String(value).toLowerCase().replaceAll('_', '-');
const WORDS: Readonly<Record<string, (value: string | number) => string>> = {
  'attributes.state': (value) => state(value).replace('state-unspecified', 'unknown'),
  'span.status': state,
};

function refusal(text: string, problem: string, field: Field): Error {
  return tracingErrors.TRACING_FILTER_INVALID({
    ...{ text, at: 0, problem },
    reason: { kind: 'key', entity: field.entity, found: field.key },
  });
}
