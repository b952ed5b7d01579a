import { type Condition, type Field, parseFilter, type Vocabulary } from '#platform/search';
import { loggedModelErrors } from './errors.ts';

/** Attributes of a logged model by the names a search may use. */
const ATTRIBUTES = {
  name: { key: 'name', type: 'text' },
  model_id: { key: 'id', type: 'text' },
  model_name: { key: 'name', type: 'text' },
  model_type: { key: 'type', type: 'text' },
  status: { key: 'status', type: 'text' },
  experiment_id: { key: 'experimentId', type: 'text' },
  source_run_id: { key: 'sourceRun', type: 'text' },
  artifact_location: { key: 'artifactUri', type: 'text' },
  artifact_uri: { key: 'artifactUri', type: 'text' },
  creation_time: { key: 'createdAt', type: 'time' },
  creation_timestamp: { key: 'createdAt', type: 'time' },
  creation_timestamp_ms: { key: 'createdAt', type: 'time' },
  last_updated_timestamp: { key: 'updatedAt', type: 'time' },
  last_updated_timestamp_ms: { key: 'updatedAt', type: 'time' },
} as const;

const VOCABULARY: Vocabulary = {
  entities: {
    attributes: { words: ['attributes', 'attribute', 'attr'], keys: ATTRIBUTES },
    metrics: { words: ['metrics', 'metric'], keys: 'number' },
    params: { words: ['params', 'param', 'parameters', 'parameter'], keys: 'param' },
    tags: { words: ['tags', 'tag'], keys: 'text' },
  },
  bare: 'attributes',
  refuse: loggedModelErrors.TRACKING_LOGGED_MODEL_SEARCH_INVALID,
};

/** Reads a filter of logged models. @throws TRACKING_LOGGED_MODEL_SEARCH_INVALID */
export function parseModelFilter(text: string): Condition | undefined {
  const condition = parseFilter(text, VOCABULARY);
  return condition && withPlainStatus(condition);
}

/** Reads what to sort logged models by: an attribute or `metrics.<key>`. @throws TRACKING_LOGGED_MODEL_ORDER_INVALID */
export function parseModelField(text: string): Field {
  const dot = text.indexOf('.');
  const entity = dot < 0 ? 'attributes' : text.slice(0, dot);
  const key = text.slice(dot + 1);
  // The key of a metric is taken as it is: nothing follows it, so it needs no quotes.
  if (entity === 'metrics') return { entity, key, type: 'number' };
  const known = entity === 'attributes' && Object.hasOwn(ATTRIBUTES, key);
  if (known) return { entity, ...ATTRIBUTES[key as keyof typeof ATTRIBUTES] };
  throw loggedModelErrors.TRACKING_LOGGED_MODEL_ORDER_INVALID({ field: text, entity });
}

/** MLflow's names of a status are as good as ours: LOGGED_MODEL_READY, READY, ready. */
function withPlainStatus(condition: Condition): Condition {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return { ...condition, parts: condition.parts.map(withPlainStatus) };
    case 'not':
      return { ...condition, part: withPlainStatus(condition.part) };
    case 'missing':
      return condition;
    case 'in':
      return isStatus(condition.field) ? { ...condition, values: condition.values.map(plainStatus) } : condition;
    case 'compare': {
      const plain = isStatus(condition.field) && (condition.operator === '=' || condition.operator === '!=');
      return plain ? { ...condition, value: plainStatus(condition.value) } : condition;
    }
  }
}

function isStatus({ entity, key }: Field): boolean {
  return entity === 'attributes' && key === 'status';
}

function plainStatus(value: string | number): string {
  return String(value)
    .toLowerCase()
    .replace(/^logged_model_/, '')
    .replace(/^(upload_)?failed$/, 'failed');
}
