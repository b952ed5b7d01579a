import { comparator, type Lookup, matcher, type Order } from '#platform/search';
import { PROMPT_TAG } from '../model.ts';
import type { Room } from '../room.ts';
import { type ModelHead, SearchStore, type VersionHead } from './store.ts';
import {
  asksForPrompts,
  equalitiesOf,
  parseModelFilter,
  parseModelOrders,
  parseVersionFilter,
  parseVersionOrders,
  tagKeysOf,
} from './vocabulary.ts';

export interface CatalogQuery {
  readonly filter: string;
  readonly orderBy: readonly string[];
  readonly offset: number;
  readonly limit: number;
}

/** Keys of what was found on one page, and how many there are on all. */
export interface Found<Head> {
  readonly heads: readonly Head[];
  readonly total: number;
}

/**
 * Models that match, prompts only when the filter asks for them. Without an order, and among those of the same rank,
 * by name.
 *
 * @throws REGISTRY_SEARCH_INVALID, REGISTRY_ORDER_INVALID
 */
export async function findModels(room: Room, query: CatalogQuery): Promise<Found<ModelHead>> {
  const condition = parseModelFilter(query.filter);
  const orders = parseModelOrders(query.orderBy);
  const store = new SearchStore(room.options.database);
  const [heads, tags] = await Promise.all([
    store.models(equalitiesOf(condition)),
    room.tags.ofModels(undefined, [...tagKeysOf(condition), PROMPT_TAG]),
  ]);
  const prompts = asksForPrompts(condition);
  const isPrompt = ({ key }: ModelHead) => tags.get(key)?.[PROMPT_TAG]?.toLowerCase() === 'true';
  const lookupOf = (head: ModelHead): Lookup => lookup(head, tags.get(head.key));
  const holds = condition ? matcher(condition) : () => true;
  const found = heads.filter((head) => (prompts || !isPrompt(head)) && holds(lookupOf(head)));
  return page(found, query, orders, (a, b) => byText(a.name, b.name));
}

/**
 * Versions that match, those of prompts only when the filter asks for them. Without an order those come first that were
 * changed last; of the same rank by name, newer versions first.
 *
 * @throws REGISTRY_SEARCH_INVALID, REGISTRY_ORDER_INVALID
 */
export async function findVersions(room: Room, query: CatalogQuery): Promise<Found<VersionHead>> {
  const condition = parseVersionFilter(query.filter);
  const orders = parseVersionOrders(query.orderBy.length === 0 ? ['last_updated_timestamp DESC'] : query.orderBy);
  const store = new SearchStore(room.options.database);
  const equal = equalitiesOf(condition);
  const keys = tagKeysOf(condition);
  const [heads, prompts] = await Promise.all([store.versions(equal), store.promptKeys()]);
  const models = equal.size === 0 ? undefined : [...new Set(heads.map(({ key }) => key))];
  const tags = await room.tags.ofVersions(models, keys);
  const wanted = asksForPrompts(condition);
  const holds = condition ? matcher(condition) : () => true;
  const found = heads.filter(
    (head) => (wanted || !prompts.has(head.key)) && holds(lookup(head, tags.get(`${head.key}/${head.number}`))),
  );
  return page(found, query, orders, (a, b) => byText(a.name, b.name) || b.number - a.number);
}

/** A thing that is no prompt does not say so: the tag is missing, and stands for `false`. */
function lookup(head: ModelHead | VersionHead, tags: Readonly<Record<string, string>> = {}): Lookup {
  return ({ entity, key }) => {
    if (entity === 'tags') return Object.hasOwn(tags, key) ? tags[key] : key === PROMPT_TAG ? 'false' : undefined;
    return head[key as keyof typeof head];
  };
}

function page<Head extends ModelHead>(
  found: readonly Head[],
  { offset, limit }: CatalogQuery,
  orders: readonly Order[],
  rest: (a: Head, b: Head) => number,
): Found<Head> {
  const compare = comparator(orders);
  const heads = found
    .map((head) => ({ head, lookup: lookup(head) }))
    .sort((a, b) => compare(a.lookup, b.lookup) || rest(a.head, b.head))
    .slice(offset, offset + limit)
    .map(({ head }) => head);
  return { heads, total: found.length };
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
