import {
  type Condition,
  type Field,
  type Order,
  parseField,
  parseFilter,
  parseOrder,
  type Vocabulary,
} from '#platform/search';
import { MIRRORED_TAGS } from '../core/mirrored-tags.ts';
import { trackingErrors } from '../errors.ts';

const text = (key: string) => ({ key, type: 'text' }) as const;
const time = (key: string) => ({ key, type: 'time' }) as const;

/** What runs can be searched by: our names, and MLflow's beside them. */
const RUNS: Vocabulary = {
  entities: {
    metrics: { words: ['metrics', 'metric'], keys: 'number' },
    minima: { words: ['minima', 'minimum'], keys: 'number' },
    maxima: { words: ['maxima', 'maximum'], keys: 'number' },
    params: { words: ['params', 'param', 'parameters', 'parameter'], keys: 'param' },
    tags: { words: ['tags', 'tag'], keys: 'text' },
    datasets: {
      words: ['datasets', 'dataset'],
      keys: { name: text('name'), digest: text('digest'), context: text('context') },
    },
    inputs: { words: ['inputs', 'input'], keys: { ref: text('ref'), path: text('path'), role: text('role') } },
    attributes: {
      words: ['attributes', 'attribute', 'attr', 'run'],
      keys: {
        id: text('id'),
        run_id: text('id'),
        name: text('name'),
        run_name: text('name'),
        'run name': text('name'),
        status: text('status'),
        experiment: text('experiment'),
        parent: text('parent'),
        createdby: text('createdBy'),
        user: text('user'),
        user_id: text('user'),
        codecommit: text('codeCommit'),
        artifact_uri: text('artifactUri'),
        artifacturi: text('artifactUri'),
        startedat: time('startedAt'),
        start_time: time('startedAt'),
        created: time('startedAt'),
        endedat: time('endedAt'),
        end_time: time('endedAt'),
        duration: { key: 'duration', type: 'number' },
      },
    },
  },
  bare: 'attributes',
  refuse: (refusal) => trackingErrors.TRACKING_FILTER_INVALID(refusal),
};

/** Reads a filter of runs. @throws TRACKING_FILTER_INVALID */
export function runFilter(filter: string): Condition | undefined {
  const condition = parseFilter(filter, RUNS);
  return condition && resolve(condition);
}

/**
 * Reads the orders of runs.
 *
 * @param repeated whether a field may come twice; then the first counts, for the second decides nothing
 * @throws TRACKING_FILTER_INVALID
 */
export function runOrders(orderBy: readonly string[], repeated: 'ignore' | 'refuse'): Order[] {
  const orders: Order[] = [];
  for (const order of orderBy) {
    const parsed = parseOrder(order, RUNS);
    const field = resolveField(parsed.field);
    if (!orders.some((known) => nameOf(known.field) === nameOf(field))) orders.push({ ...parsed, field });
    else if (repeated === 'refuse') {
      const problem = `it is sorted by ${nameOf(field)} already`;
      const reason = { kind: 'duplicate', found: `[${orderBy.map((each) => `'${each}'`).join(', ')}]` } as const;
      throw trackingErrors.TRACKING_FILTER_INVALID({ text: order, at: 0, problem, reason });
    }
  }
  return orders;
}

/** Reads the name of a column. @throws TRACKING_FILTER_INVALID */
export function runField(name: string): Field {
  return resolveField(parseField(name, RUNS));
}

/** One name of a field, whatever it was called by. */
export function nameOf(field: Field): string {
  return `${field.entity}.${field.key}`;
}

/** The name of a column as a filter spells it. */
export function columnName(entity: string, key: string): string {
  if (/^[\p{L}\p{N}_.\-/:]+$/u.test(key)) return `${entity}.${key}`;
  return `${entity}.\`${key.replaceAll('`', '``')}\``;
}

/** A tag that mirrors a property is that property. */
function resolveField(field: Field): Field {
  if (field.entity !== 'tags' || !Object.hasOwn(MIRRORED_TAGS, field.key)) return field;
  return { entity: 'attributes', key: MIRRORED_TAGS[field.key as keyof typeof MIRRORED_TAGS], type: 'text' };
}

function resolve(condition: Condition): Condition {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return { kind: condition.kind, parts: condition.parts.map(resolve) };
    case 'not':
      return { kind: 'not', part: resolve(condition.part) };
    case 'missing':
      return { kind: 'missing', field: resolveField(condition.field) };
    case 'in': {
      const field = resolveField(condition.field);
      return { ...condition, field, values: condition.values.map((value) => spelled(field, value)) };
    }
    case 'compare': {
      const field = resolveField(condition.field);
      return { ...condition, field, value: spelled(field, condition.value) };
    }
  }
}

/** MLflow's clients spell a status in capitals. */
function spelled(field: Field, value: string | number): string | number {
  const isStatus = field.entity === 'attributes' && field.key === 'status';
  return isStatus && typeof value === 'string' ? value.toLowerCase() : value;
}
