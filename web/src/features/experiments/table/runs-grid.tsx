import { useThrottledCallback } from '@mantine/hooks';
import { useRouter } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type MouseEvent, memo, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Failure, Waiting } from '../../../parts/answer.tsx';
import { isNumeric, widthOf } from './columns.ts';
import { GroupCells, RunCells } from './grid-cells.tsx';
import { GridHeader } from './grid-header.tsx';
import type { Order } from './orders.ts';
import { type Line, type RunsShown, useRows } from './use-rows.ts';

/** Marks and notes are tags; they are asked for with every row. */
const MARKS = ['tags.trimtab.pinned', 'tags.trimtab.archived', 'tags.mlflow.note.content'];
const ROW_PX = 34;
/** What browsers can scroll; rows beyond are reached with a filter or another order. */
const MAX_ROWS = 480_000;
const NAME_PX = 250;
/** While somebody scrolls, rows are asked for this often. */
const ASK_EVERY_MS = 80;
const OVERSCAN = 12;

interface RunsGridProps {
  readonly shown: RunsShown;
  readonly columns: readonly string[];
  readonly orders: readonly Order[];
  /** A header was followed: with `more` the column comes after those that sort already. */
  readonly onOrder: (column: string, more: boolean) => void;
  /** Without it runs cannot be selected. */
  readonly selection?: {
    readonly has: (run: string) => boolean;
    readonly toggle: (runs: readonly string[], on: boolean) => void;
  };
  /** Selects what matches, the first thousand. */
  readonly onSelectAll?: () => Promise<void>;
  /** Rows in sight at most. */
  readonly maxRows?: number;
}

/** Runs as a table of any length: rows come from the server as they scroll into view. */
export function RunsGrid({ shown, columns, orders, onOrder, selection, onSelectAll, maxRows }: RunsGridProps) {
  const scroller = useRef<HTMLElement>(null);
  const [range, setRange] = useState<readonly [first: number, last: number]>([0, 40]);
  const askFor = useThrottledCallback(
    (first: number, last: number) =>
      setRange((before) => (before[0] === first && before[1] === last ? before : [first, last])),
    ASK_EVERY_MS,
  );
  const asked = useMemo(() => [...columns, ...MARKS], [columns]);
  const rows = useRows(shown, asked, range);
  const count = Math.min(rows.total, MAX_ROWS);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    useFlushSync: false,
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => askFor(first, last), [askFor, first, last]);

  /** The run that was selected before, so that Shift selects all between. */
  const anchor = useRef<number>(undefined);
  const latest = useRef({ rows, selection });
  latest.current = { rows, selection };
  const toggle = useCallback((line: Line) => latest.current.rows.toggle(line), []);
  const select = useCallback((row: number, run: string, event: MouseEvent) => {
    const { rows, selection } = latest.current;
    const on = !selection?.has(run);
    const from = event.shiftKey && anchor.current !== undefined ? anchor.current : row;
    const ids: string[] = [];
    for (let each = Math.min(from, row); each <= Math.max(from, row); each++) {
      const line = rows.lineAt(each);
      if (line?.kind === 'run' && line.run) ids.push(line.run.id);
    }
    anchor.current = row;
    selection?.toggle(ids, on);
  }, []);

  const router = useRouter();
  // One listener for the links of all rows: a link that listens to the router itself is drawn anew with every address.
  const follow = (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLElement>('a[data-run]') : null;
    const run = link?.dataset.run;
    if (run === undefined || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void router.navigate({ to: '/runs/$run', params: { run } });
  };

  if (rows.isLoading) return <Waiting heightPx={300} />;
  if (rows.error && rows.total === 0) return <Failure error={rows.error} onRetry={rows.retry} />;
  const width = NAME_PX + columns.reduce((sum, column) => sum + widthOf(column), 0);
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: links answer to the keyboard by a click of their own */}
      <section
        ref={scroller}
        className="table-scroll runs-grid"
        aria-label="Runs"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        data-old={rows.isOld || undefined}
        onClick={follow}
        style={maxRows === undefined ? undefined : { maxHeight: (maxRows + 1.4) * ROW_PX }}
      >
        <table className="table" aria-rowcount={count + 1} style={{ minWidth: width }}>
          <colgroup>
            <col style={{ width: NAME_PX }} />
            {columns.map((column) => (
              <col key={column} style={{ width: widthOf(column) }} />
            ))}
          </colgroup>
          <GridHeader columns={columns} orders={orders} onOrder={onOrder} onSelectAll={onSelectAll} />
          <tbody>
            <Spacer heightPx={items[0]?.start ?? 0} />
            {items.map(({ index }) => {
              const line = rows.lineAt(index);
              return (
                <GridRow
                  key={index}
                  row={index}
                  line={line}
                  columns={columns}
                  isSelected={line?.kind === 'run' && line.run !== undefined && selection?.has(line.run.id) === true}
                  onSelect={selection && select}
                  onToggle={toggle}
                  groupBy={shown.groupBy}
                />
              );
            })}
            <Spacer heightPx={after} />
          </tbody>
        </table>
      </section>
      {rows.error && <Failure error={rows.error} onRetry={rows.retry} />}
      {rows.total > MAX_ROWS && (
        <p className="small dimmed grid-note">
          A browser scrolls through {MAX_ROWS.toLocaleString('en')} rows; filter or sort to reach the others.
        </p>
      )}
      {rows.totalGroups !== undefined && rows.totalGroups > 1000 && (
        <p className="small dimmed grid-note">
          The first 1,000 of {rows.totalGroups.toLocaleString('en')} groups are shown; filter to reach the others.
        </p>
      )}
    </>
  );
}

function Spacer({ heightPx }: { readonly heightPx: number }) {
  if (heightPx <= 0) return null;
  return (
    <tr aria-hidden style={{ height: heightPx }}>
      <td style={{ padding: 0, border: 0 }} />
    </tr>
  );
}

interface GridRowProps {
  readonly row: number;
  readonly line: Line | undefined;
  readonly columns: readonly string[];
  readonly groupBy: readonly string[];
  readonly isSelected: boolean;
  readonly onSelect: ((row: number, run: string, event: MouseEvent) => void) | undefined;
  readonly onToggle: (line: Line) => void;
}

const GridRow = memo(PlainRow, (before, after) => {
  return (
    before.row === after.row &&
    before.columns === after.columns &&
    before.isSelected === after.isSelected &&
    before.line?.kind === after.line?.kind &&
    before.line?.isOpen === after.line?.isOpen &&
    before.line?.place.depth === after.line?.place.depth &&
    contentOf(before.line) === contentOf(after.line) &&
    before.line?.place.index === after.line?.place.index
  );
});

function contentOf(line: Line | undefined) {
  return line?.kind === 'group' ? line.group : line?.run;
}

function PlainRow({ row, line, columns, groupBy, isSelected, onSelect, onToggle }: GridRowProps) {
  const indent = { '--depth': line?.place.depth ?? 0 } as CSSProperties;
  return (
    <tr aria-rowindex={row + 2} data-selected={isSelected || undefined} data-kind={line?.kind} style={indent}>
      {line?.kind === 'group' && (
        <GroupCells line={line} columns={columns} groupBy={groupBy} onToggle={() => onToggle(line)} />
      )}
      {line?.kind === 'run' && line.run && (
        <RunCells
          run={line.run}
          columns={columns}
          isOpen={line.isOpen}
          onToggle={() => onToggle(line)}
          checkbox={
            onSelect && (
              <input
                type="checkbox"
                className="tick"
                aria-label={`Select ${line.run.name}`}
                checked={isSelected}
                onChange={() => undefined}
                onClick={(event) => onSelect(row, line.run?.id ?? '', event)}
              />
            )
          }
        />
      )}
      {(line === undefined || (line.kind === 'run' && !line.run)) && (
        <>
          <th scope="row">
            <i className="not-yet" />
          </th>
          {columns.map((column) => (
            <td key={column} className={isNumeric(column) ? 'number' : undefined}>
              <i className="not-yet" />
            </td>
          ))}
        </>
      )}
    </tr>
  );
}
