import { comparator, type Lookup, matcher, parseFilter, parseOrder, type Vocabulary } from '#platform/search';
import { tracingErrors } from '../errors.ts';
import type { EvaluationDataset } from './model.ts';

const ATTRIBUTES = {
  dataset_id: { key: 'id', type: 'text' },
  name: { key: 'name', type: 'text' },
  created_by: { key: 'createdBy', type: 'text' },
  last_updated_by: { key: 'changedBy', type: 'text' },
  created_time: { key: 'createdAtMs', type: 'time' },
  last_update_time: { key: 'changedAtMs', type: 'time' },
} as const;

const VOCABULARY: Vocabulary = {
  entities: {
    attributes: { words: ['attributes', 'attribute'], keys: ATTRIBUTES },
    tags: { words: ['tags', 'tag'], keys: 'text' },
  },
  bare: 'attributes',
  refuse: tracingErrors.TRACING_FILTER_INVALID,
};

/** Those of some datasets that match, sorted as asked. @throws TRACING_FILTER_INVALID */
export function chosenDatasets(
  datasets: readonly EvaluationDataset[],
  filter: string,
  orderBy: readonly string[],
): readonly EvaluationDataset[] {
  const condition = parseFilter(filter, VOCABULARY);
  const holds = condition ? matcher(condition) : () => true;
  const orders = orderBy.map((text) => parseOrder(text, VOCABULARY));
  const compare = comparator(orders);
  const chosen = datasets.filter((dataset) => holds(lookupOf(dataset)));
  return orders.length === 0 ? chosen : chosen.toSorted((a, b) => compare(lookupOf(a), lookupOf(b)));
}

function lookupOf(dataset: EvaluationDataset): Lookup {
  return ({ entity, key }) => {
    if (entity === 'tags') return dataset.tags.get(key);
    return dataset[key as (typeof ATTRIBUTES)[keyof typeof ATTRIBUTES]['key']];
  };
}
