import { comparator, type Lookup, matcher, parseFilter, parseOrder, type Vocabulary } from '#platform/search';
import type { Database } from '#platform/sql';
import { DESCRIPTION_TAG } from '../core/mirrored-tags.ts';
import { trackingErrors } from '../errors.ts';
import type { ExperimentHead, RunLifecycle } from '../model.ts';
import { readExperimentHeads } from '../store/experiment-store.ts';

export interface ExperimentSearchRequest {
  /** By name, id, times of making and of the last change, and tags; see the grammar in `#platform/search`. */
  readonly filter?: string;
  /** `name desc`; newest first if left out. */
  readonly orderBy?: readonly string[];
  readonly lifecycle?: RunLifecycle | 'all';
  readonly offset?: number;
  readonly limit: number;
}

export interface ExperimentPage {
  readonly experiments: readonly ExperimentHead[];
  /** How many match, on all pages. */
  readonly total: number;
}

const EXPERIMENTS: Vocabulary = {
  entities: {
    tags: { words: ['tags', 'tag'], keys: 'text' },
    attributes: {
      words: ['attributes', 'attribute', 'attr', 'experiment'],
      keys: {
        name: { key: 'name', type: 'text' },
        experiment_id: { key: 'id', type: 'number' },
        id: { key: 'id', type: 'number' },
        creation_time: { key: 'creation_time', type: 'time' },
        createdat: { key: 'creation_time', type: 'time' },
        last_update_time: { key: 'last_update_time', type: 'time' },
        updatedat: { key: 'last_update_time', type: 'time' },
      },
    },
  },
  bare: 'attributes',
  refuse: (refusal) => trackingErrors.TRACKING_FILTER_INVALID(refusal),
};

/** Experiments that match, in order; of the same rank the one with the higher number comes first. @throws TRACKING_FILTER_INVALID */
export async function searchExperiments(
  database: Database,
  artifactRoot: string,
  request: ExperimentSearchRequest,
): Promise<ExperimentPage> {
  const { filter = '', orderBy = [], lifecycle = 'active', offset = 0, limit } = request;
  const condition = parseFilter(filter, EXPERIMENTS);
  const orders = orderBy.map((order) => parseOrder(order, EXPERIMENTS));
  const compare = comparator(orders.length > 0 ? orders : [parseOrder('creation_time desc', EXPERIMENTS)]);
  // Of equal age the one that was made first, when nobody said how to sort.
  const tie = orders.length > 0 ? -1 : 1;
  const holds = condition ? matcher(condition) : () => true;
  const found = (await readExperimentHeads(database, artifactRoot))
    .filter((head) => lifecycle === 'all' || head.lifecycle === lifecycle)
    .map((head) => ({ head, lookup: lookupOf(head) }))
    .filter(({ lookup }) => holds(lookup))
    .sort((a, b) => compare(a.lookup, b.lookup) || tie * (Number(a.head.id) - Number(b.head.id)));
  return { experiments: found.slice(offset, offset + limit).map(({ head }) => head), total: found.length };
}

function lookupOf(head: ExperimentHead): Lookup {
  return ({ entity, key }) => {
    if (entity === 'tags') return key === DESCRIPTION_TAG ? head.description : head.tags.get(key);
    if (key === 'name') return head.name;
    if (key === 'id') return Number(head.id);
    return key === 'creation_time' ? head.createdAtMs : head.updatedAtMs;
  };
}
