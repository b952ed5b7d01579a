import type { RunViewDefinition } from '#contract';
import { orderTexts, readOrders } from '../table/orders.ts';
import { type RunsSearch, readRunsSearch } from '../table/search-params.ts';

/** What is open on the page, as a saved view keeps it. */
export function definitionOf(search: RunsSearch, selected: readonly string[]): RunViewDefinition {
  const { filter, columns, sort, group, nested, archived, show, charts } = search;
  const settings = {
    ...(nested ? { nested } : {}),
    ...(archived ? { archived } : {}),
    ...(show ? { show } : {}),
    ...(selected.length > 0 ? { selected: [...selected] } : {}),
  };
  return {
    ...(filter === undefined ? {} : { filter }),
    ...(columns === undefined ? {} : { columns: columns.map((name) => ({ name })) }),
    ...(sort === undefined ? {} : { orderBy: orderTexts(readOrders(sort)) }),
    ...(group === undefined ? {} : { groupBy: [...group] }),
    ...(charts === undefined ? {} : { charts: charts.map((chart) => ({ ...chart })) }),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
  };
}

/** What a saved view opens, whoever saved it. */
export function searchOf(view: string, definition: RunViewDefinition): RunsSearch {
  return readRunsSearch({
    ...definition.settings,
    view,
    filter: definition.filter,
    columns: definition.columns?.map(({ name }) => name),
    sort: definition.orderBy?.join(', '),
    group: definition.groupBy,
    charts: definition.charts,
  });
}
