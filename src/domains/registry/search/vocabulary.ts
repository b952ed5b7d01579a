import { type Condition, type Field, type Order, parseFilter, parseOrder, type Vocabulary } from '#platform/search';
import { registryErrors } from '../errors.ts';
import { PROMPT_TAG } from '../model.ts';

/** Attributes by the names a search may use; the key is a column, or `run` and `stage` as people write them. */
const MODEL_KEYS = {
  name: { key: 'name', type: 'text' },
  creation_timestamp: { key: 'createdAt', type: 'time' },
  last_updated_timestamp: { key: 'updatedAt', type: 'time' },
} as const;

const VERSION_KEYS = {
  ...MODEL_KEYS,
  version_number: { key: 'number', type: 'number' },
  version: { key: 'number', type: 'number' },
  run_id: { key: 'run', type: 'text' },
  source_path: { key: 'source', type: 'text' },
  current_stage: { key: 'stage', type: 'text' },
  stage: { key: 'stage', type: 'text' },
} as const;

const tags = { words: ['tags', 'tag'], keys: 'text' } as const;
const refuse = registryErrors.REGISTRY_SEARCH_INVALID;

const MODELS: Vocabulary = {
  entities: { attributes: { words: ['attributes', 'attribute', 'attr'], keys: MODEL_KEYS }, tags },
  bare: 'attributes',
  refuse,
};
const VERSIONS: Vocabulary = {
  entities: { attributes: { words: ['attributes', 'attribute', 'attr'], keys: VERSION_KEYS }, tags },
  bare: 'attributes',
  refuse,
};

/** @throws REGISTRY_SEARCH_INVALID */
export const parseModelFilter = (text: string) => parseFilter(text, MODELS);
/** @throws REGISTRY_SEARCH_INVALID */
export const parseVersionFilter = (text: string) => parseFilter(text, VERSIONS);

const MODEL_ORDERS = { name: 'name', timestamp: 'updatedAt', last_updated_timestamp: 'updatedAt' } as const;
const VERSION_ORDERS = {
  name: 'name',
  version_number: 'number',
  creation_timestamp: 'createdAt',
  last_updated_timestamp: 'updatedAt',
} as const;

/** Reads what to sort models by, in that order. @throws REGISTRY_ORDER_INVALID */
export const parseModelOrders = (texts: readonly string[]) => parseOrders(texts, MODEL_ORDERS);
/** The same of versions. */
export const parseVersionOrders = (texts: readonly string[]) => parseOrders(texts, VERSION_ORDERS);

function parseOrders(texts: readonly string[], known: Readonly<Record<string, string>>): readonly Order[] {
  const orders = texts.map((text) => parseOneOrder(text, known));
  const keys = orders.map(({ field }) => field.key);
  if (new Set(keys).size === keys.length) return orders;
  throw registryErrors.REGISTRY_ORDER_INVALID({ text: texts.join(', '), problem: 'duplicate' });
}

function parseOneOrder(text: string, known: Readonly<Record<string, string>>): Order {
  const order = parseOrder(text, {
    entities: { attributes: { words: ['attributes', 'attribute', 'attr'], keys: 'text' } },
    bare: 'attributes',
    refuse: ({ reason }) =>
      registryErrors.REGISTRY_ORDER_INVALID({
        text,
        problem: reason.kind === 'direction' ? 'direction' : 'unreadable',
      }),
  });
  const { key } = order.field;
  const column = Object.hasOwn(known, key) ? known[key] : undefined;
  if (column === undefined) {
    throw registryErrors.REGISTRY_ORDER_INVALID({ text: key, problem: 'key', known: Object.keys(known).join(', ') });
  }
  return {
    field: { entity: 'attributes', key: column, type: column === 'name' ? 'text' : 'number' },
    descending: order.descending,
  };
}

/** Keys of the tags that a condition asks for. */
export function tagKeysOf(condition: Condition | undefined): readonly string[] {
  const keys = new Set<string>();
  for (const { field } of comparisonsOf(condition)) if (field.entity === 'tags') keys.add(field.key);
  return [...keys];
}

/** Whether a condition asks for prompts; else they are not among what is found. */
export function asksForPrompts(condition: Condition | undefined): boolean {
  return comparisonsOf(condition).some((part) => {
    if (part.kind !== 'compare' || part.field.entity !== 'tags' || part.field.key !== PROMPT_TAG) return false;
    const value = String(part.value).toLowerCase();
    return (part.operator === '=' && value === 'true') || (part.operator === '!=' && value === 'false');
  });
}

/** Values that some attribute must have in every match, for the database to look up. */
export function equalitiesOf(condition: Condition | undefined): ReadonlyMap<string, string | number> {
  const parts = condition?.kind === 'and' ? condition.parts : condition ? [condition] : [];
  const equal = new Map<string, string | number>();
  for (const part of parts) {
    const isEquality = part.kind === 'compare' && part.operator === '=' && part.field.entity === 'attributes';
    if (isEquality) equal.set(part.field.key, part.value);
  }
  return equal;
}

type FieldPart = Extract<Condition, { readonly field: Field }>;

function comparisonsOf(condition: Condition | undefined): readonly FieldPart[] {
  if (!condition) return [];
  if ('field' in condition) return [condition];
  return 'parts' in condition ? condition.parts.flatMap(comparisonsOf) : comparisonsOf(condition.part);
}
