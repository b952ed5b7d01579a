import { type Condition, type Field, parseField, parseFilter, type Vocabulary } from '#platform/search';
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

/** Reads what to sort logged models by: an attribute or `metrics.<key>`. @throws TRACKING_LOGGED_MODEL_SEARCH_INVALID */
export function parseModelField(text: string): Field {
  const dot = text.indexOf('.');
  // A key of a metric is taken as it is, whatever signs it has: no quotes are needed where nothing follows.
  if (dot > 0 && text.slice(0, dot) === 'metrics')
    return { entity: 'metrics', key: text.slice(dot + 1), type: 'number' };
  const field = parseField(text, VOCABULARY);
  if (field.entity === 'attributes' || field.entity === 'metrics') return field;
  throw loggedModelErrors.TRACKING_LOGGED_MODEL_SEARCH_INVALID({
    text,
    at: 0,
    problem: 'logged models are sorted by metrics and attributes only',
    reason: { kind: 'direction', found: text },
  });
}

/** Fields that a condition asks for, each once. */
export function fieldsOf(condition: Condition): readonly Field[] {
  const fields = new Map<string, Field>();
  const visit = (part: Condition): void => {
    if ('field' in part) fields.set(`${part.field.entity}.${part.field.key}`, part.field);
    else if ('parts' in part) part.parts.forEach(visit);
    else visit(part.part);
  };
  visit(condition);
  return [...fields.values()];
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
