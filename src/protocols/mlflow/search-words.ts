import type { Field, Refusal } from '#platform/search';
import type { ErrorWords } from './errors.ts';

/** MLflow's names of the entities of a search, by ours. */
const ENTITIES: Readonly<Record<string, string>> = {
  metrics: 'metric',
  params: 'parameter',
  tags: 'tag',
  attributes: 'attribute',
  datasets: 'dataset',
};

const COMPARATORS: Readonly<Record<string, readonly string[]>> = {
  metrics: ['>', '>=', '!=', '=', '<', '<='],
  params: ['!=', '=', 'LIKE', 'ILIKE', 'IS NULL', 'IS NOT NULL'],
  tags: ['!=', '=', 'LIKE', 'ILIKE', 'IS NULL', 'IS NOT NULL'],
  attributes: ['!=', '=', 'LIKE', 'ILIKE', 'IN', 'NOT IN'],
  datasets: ['!=', '=', 'LIKE', 'ILIKE', 'IN', 'NOT IN'],
};

/**
 * Tells in MLflow's words why a filter or an order cannot be read.
 *
 * @param codes the domains' codes whose details are a `Refusal`
 * @param entities names of the entities that can be searched, as MLflow lists them
 */
export function searchWords(
  codes: readonly string[],
  entities: readonly string[] = Object.values(ENTITIES),
): ErrorWords {
  return Object.fromEntries(
    codes.map((code) => [
      code,
      (details) => ['INVALID_PARAMETER_VALUE', textOf(details as unknown as Refusal, entities)] as const,
    ]),
  );
}

function textOf({ text, problem, reason }: Refusal, entities: readonly string[]): string {
  switch (reason.kind) {
    case 'entity':
      return `Invalid entity type '${reason.found}'. Valid values are ${pythonList(entities)}`;
    case 'key':
      return reason.entity === 'datasets'
        ? `Invalid dataset key '${reason.found}' specified. ${sentence(problem)}`
        : `Invalid attribute key '${reason.found}' specified. Valid keys are: ${problem}`;
    case 'direction':
      return `Invalid ordering key in order_by clause '${text}'.`;
    case 'duplicate':
      return `\`order_by\` contains duplicate fields: ${reason.found}`;
    case 'operator': {
      const comparators = reason.field.type === 'time' ? COMPARATORS.metrics : COMPARATORS[reason.field.entity];
      return `Invalid comparator '${reason.found}' not one of ${pythonList(comparators ?? [])}`;
    }
    case 'value':
      return valueText(reason.field, reason.found);
    case 'clause':
      return reason.found === ''
        ? `Invalid clause(s) in filter string: '${text}' (${problem})`
        : `Invalid clause(s) in filter string: '${reason.found}'`;
  }
}

function valueText(field: Field, found: string): string {
  if (field.entity === 'metrics') return `Expected numeric value type for metric. Found ${found}`;
  if (field.type === 'number' || field.type === 'time') {
    return `Expected numeric value type for numeric attribute: ${field.key}. Found ${found}`;
  }
  if (/^[\p{L}_]/u.test(found) && found !== 'None') {
    return `Parameter value is either not quoted or unidentified quote types used for string value ${found}. Use either single or double quotes.`;
  }
  if (field.entity === 'attributes') return `Expected a quoted string value for attributes. Got value ${found}`;
  if (field.entity === 'datasets') return `Expected a quoted string value for dataset attributes. Got value ${found}`;
  return `Expected a quoted string value for ${ENTITIES[field.entity] ?? field.entity} (e.g. 'my-value'). Got value ${found}`;
}

function pythonList(texts: readonly string[]): string {
  return `[${texts.map((text) => `'${text}'`).join(', ')}]`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
