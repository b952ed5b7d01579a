import { type Condition, type Order, parseFilter, parseOrder, type Vocabulary } from '#platform/search';
import { catalogErrors } from './errors.ts';

/** Attributes of a version by the names a search may use. Several values of one are as good as one that does. */
const ATTRIBUTES = {
  model: { key: 'model', type: 'text' },
  name: { key: 'model', type: 'text' },
  version: { key: 'version', type: 'number' },
  version_number: { key: 'version', type: 'number' },
  description: { key: 'description', type: 'text' },
  run: { key: 'run', type: 'text' },
  run_id: { key: 'run', type: 'text' },
  run_name: { key: 'runName', type: 'text' },
  code: { key: 'code', type: 'text' },
  code_commit: { key: 'code', type: 'text' },
  data: { key: 'data', type: 'text' },
  dataset: { key: 'dataset', type: 'text' },
  column: { key: 'column', type: 'text' },
  alias: { key: 'alias', type: 'text' },
  environment: { key: 'environment', type: 'text' },
  stage: { key: 'stage', type: 'text' },
  gate: { key: 'gate', type: 'text' },
  registered_by: { key: 'registeredBy', type: 'text' },
  created: { key: 'createdAt', type: 'time' },
  created_at: { key: 'createdAt', type: 'time' },
  size_bytes: { key: 'size', type: 'number' },
  digest: { key: 'digest', type: 'text' },
} as const;

export type Attribute = (typeof ATTRIBUTES)[keyof typeof ATTRIBUTES]['key'];

const VOCABULARY: Vocabulary = {
  entities: {
    attributes: { words: ['attributes', 'attribute', 'attr'], keys: ATTRIBUTES },
    metrics: { words: ['metrics', 'metric'], keys: 'number' },
    params: { words: ['params', 'param', 'parameters', 'parameter'], keys: 'param' },
    tags: { words: ['tags', 'tag'], keys: 'text' },
    columns: { words: ['columns'], keys: 'text' },
  },
  bare: 'attributes',
  refuse: ({ text, at, problem }) => catalogErrors.REGISTRY_CATALOG_FILTER_INVALID({ text, at, problem }),
};

/** @throws REGISTRY_CATALOG_FILTER_INVALID */
export function parseCatalogFilter(text: string): Condition | undefined {
  return parseFilter(text, VOCABULARY);
}

/** @throws REGISTRY_CATALOG_FILTER_INVALID */
export function parseCatalogOrder(text: string): Order {
  return parseOrder(text, VOCABULARY);
}
