import { Button, SegmentedControl, Switch } from '@mantine/core';
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import { client } from '../../../app/client.ts';
import { counted } from '../../../format/numbers.ts';
import { Empty } from '../../../parts/empty.tsx';
import { Panel } from '../../../parts/panel.tsx';
import { ChartsPanel } from '../charts/charts-panel.tsx';
import { ColumnPicker } from '../keys/column-picker.tsx';
import { KeyPicker } from '../keys/key-picker.tsx';
import { keysQuery } from '../keys/use-keys.ts';
import { BulkActions } from '../organize/bulk-actions.tsx';
import { ViewsMenu } from '../views/views-menu.tsx';
import { firstColumns, headerOf, isNumeric } from './columns.ts';
import { FilterField } from './filter-field.tsx';
import { nextOrders, orderTexts, readOrders } from './orders.ts';
import { RunsGrid } from './runs-grid.tsx';
import type { RunsSearch } from './search-params.ts';
import type { RunsShown } from './use-rows.ts';
import { useSelection } from './use-selection.ts';

/** Keys that are looked at for the columns of the beginning. */
const KEYS_AT_FIRST = 1000;
const MAX_SELECTED = 1000;
const NOT_ARCHIVED = { column: 'tags.trimtab.archived', value: null } as const;

interface RunsPanelProps {
  readonly experiment: string;
  readonly search: RunsSearch;
  readonly onSearch: (search: RunsSearch) => void;
}

/** The runs of an experiment: found, sorted, grouped, and done something with. */
export function RunsPanel({ experiment, search, onSearch }: RunsPanelProps) {
  const change = (part: Partial<RunsSearch>) => onSearch({ ...search, ...part });
  const selection = useSelection(search, change);
  const experiments = useMemo(() => [experiment], [experiment]);
  const columns = useColumns(experiments, search.columns);
  const orders = readOrders(search.sort);
  const groupBy = search.group ?? [];
  const shown: RunsShown = {
    experiments,
    ...(search.filter === undefined ? {} : { filter: search.filter }),
    // Who is pinned stands on top, however the others are sorted.
    orderBy: ['tags.trimtab.pinned desc', ...orderTexts(orders)],
    within: search.archived ? [] : [NOT_ARCHIVED],
    groupBy,
    nested: search.nested === true && groupBy.length === 0,
  };
  const found = useFound(shown);
  // While the filter cannot be read, the rows that it found before stay.
  const readable = useRef<RunsShown>(undefined);
  if (found.data !== undefined && !found.error && !found.isPlaceholderData) readable.current = shown;
  // Without any of before, e.g. from a link, those of the whole experiment stand there.
  const told = found.error ? (readable.current ?? withoutFilter(shown)) : shown;
  return (
    <Panel title="Runs" note={found.data === undefined ? undefined : foundText(found.data, shown, search)} flush>
      <div className="row toolbar">
        <SegmentedControl
          size="xs"
          aria-label="Table or charts"
          value={search.show ?? 'table'}
          onChange={(show) => change({ show: show === 'charts' ? 'charts' : undefined })}
          data={[
            { value: 'table', label: 'Table' },
            { value: 'charts', label: 'Charts' },
          ]}
        />
        <FilterField
          filter={search.filter ?? ''}
          error={found.error ?? undefined}
          onChange={(filter) => change({ filter })}
        />
        <KeyPicker
          experiments={experiments}
          text="Group by"
          label="Group by which key"
          attributes={['status', 'createdBy', 'user', 'codeCommit']}
          disabled={groupBy.length >= 3}
          onPick={(column) => change({ group: [...new Set([...groupBy, column])] })}
        />
        <ColumnPicker experiments={experiments} columns={columns} onChange={(next) => change({ columns: [...next] })} />
        <ViewsMenu experiment={experiment} search={search} selected={selection.runs} onOpen={onSearch} />
        <Switch
          size="xs"
          label="Parts below their run"
          checked={search.nested === true}
          disabled={groupBy.length > 0}
          onChange={(event) => change({ nested: event.currentTarget.checked || undefined })}
        />
        <Switch
          size="xs"
          label="Archived too"
          checked={search.archived === true}
          onChange={(event) => change({ archived: event.currentTarget.checked || undefined })}
        />
        <Chips
          groupBy={groupBy}
          sort={search.sort}
          onGroup={(group) => change({ group: group.length > 0 ? group : undefined })}
          onSort={(sort) => change({ sort })}
        />
      </div>
      <BulkActions experiment={experiment} selection={selection} />
      {found.data === 0 ? (
        <NoRun filtered={search.filter !== undefined} archived={search.archived === true} />
      ) : search.show === 'charts' ? (
        <ChartsPanel
          set={{
            experiments,
            filter: filterOf(told),
            orderBy: orderTexts(orders),
            selected: selection.runs,
          }}
          columns={columns}
          charts={search.charts}
          onChange={(charts) => change({ charts })}
        />
      ) : (
        <RunsGrid
          shown={told}
          columns={columns}
          orders={orders}
          onOrder={(column, more) =>
            change({ sort: orderTexts(nextOrders(orders, column, isNumeric(column), more)).join(', ') || undefined })
          }
          selection={selection}
          onSelectAll={async () => {
            const { filter, orderBy, within } = shown;
            const body = { experiments, orderBy: [...orderBy], within: [...within], columns: [], limit: MAX_SELECTED };
            const { runs } = await client.tracking.runTable({
              body: filter === undefined ? body : { ...body, filter },
            });
            selection.set(runs.map(({ id }) => id));
          }}
        />
      )}
    </Panel>
  );
}

function withoutFilter({ filter: _, ...others }: RunsShown): RunsShown {
  return others;
}

/** The conditions of the table as one filter. */
function filterOf({ filter, within }: RunsShown): string | undefined {
  const missing = within.filter(({ value }) => value === null).map(({ column }) => `${column} is null`);
  const parts = [...missing, ...(filter === undefined ? [] : [`(${filter})`])];
  return parts.length === 0 ? undefined : parts.join(' and ');
}

/** How many runs there are to be shown, and whether the filter can be read at all. */
function useFound({ experiments, filter, within }: RunsShown) {
  const body = {
    experiments: [...experiments],
    within: [...within],
    columns: [],
    limit: 1,
    ...(filter === undefined ? {} : { filter }),
  };
  return useQuery({
    queryKey: ['tracking', 'runs-found', body],
    queryFn: async () => (await client.tracking.runTable({ body })).total,
    placeholderData: keepPreviousData,
  });
}

function foundText(found: number, { groupBy }: RunsShown, { filter, sort }: RunsSearch): string {
  const isGrouped = groupBy.length > 0;
  const order = isGrouped ? ', numbers of groups are means' : sort === undefined ? ', newest first unless sorted' : '';
  return `${counted(found, 'run')}${filter === undefined ? '' : found === 1 ? ' meets the filter' : ' meet the filter'}${order}`;
}

/** The columns that were chosen, or those that most runs have. */
function useColumns(experiments: readonly string[], chosen: readonly string[] | undefined): readonly string[] {
  const kinds = ['metrics', 'params'] as const;
  const answers = useQueries({
    queries: kinds.map((kind) => ({
      ...keysQuery({ experiments, search: '', kind }, 0, KEYS_AT_FIRST),
      enabled: chosen === undefined,
    })),
  });
  const [metrics, params] = answers.map(({ data }) => data?.keys);
  const wanted = JSON.stringify(chosen ?? firstColumns([...(metrics ?? []), ...(params ?? [])]));
  // The same columns are the same list, so that rows are not drawn anew.
  return useMemo(() => JSON.parse(wanted) as readonly string[], [wanted]);
}

interface ChipsProps {
  readonly groupBy: readonly string[];
  readonly sort: string | undefined;
  readonly onGroup: (groupBy: readonly string[]) => void;
  readonly onSort: (sort: string | undefined) => void;
}

/** By what the rows are grouped and sorted, each to be taken away. */
function Chips({ groupBy, sort, onGroup, onSort }: ChipsProps) {
  const orders = readOrders(sort);
  if (groupBy.length === 0 && orders.length === 0) return null;
  return (
    <ul className="chips" aria-label="Grouped and sorted by">
      {groupBy.map((column) => (
        <li key={column}>
          <Button
            size="compact-xs"
            variant="light"
            aria-label={`Group by ${headerOf(column)} no more`}
            onClick={() => onGroup(groupBy.filter((one) => one !== column))}
          >
            by {headerOf(column)} ✕
          </Button>
        </li>
      ))}
      {orders.map(({ column, descending }) => (
        <li key={column}>
          <Button
            size="compact-xs"
            variant="light"
            aria-label={`Sort by ${headerOf(column)} no more`}
            onClick={() => onSort(orderTexts(orders.filter((one) => one.column !== column)).join(', ') || undefined)}
          >
            {column === 'name' ? 'Run' : headerOf(column)} {descending ? '↓' : '↑'} ✕
          </Button>
        </li>
      ))}
    </ul>
  );
}

function NoRun({ filtered, archived }: { readonly filtered: boolean; readonly archived: boolean }) {
  if (filtered) {
    return <Empty title="No run meets the filter">Write less of it, or clear it.</Empty>;
  }
  return (
    <Empty title={archived ? 'No run yet' : 'No run yet, or all are archived'}>
      POST /api/runs starts one, as any client of MLflow does; a training step of a pipeline does so by itself.
    </Empty>
  );
}
