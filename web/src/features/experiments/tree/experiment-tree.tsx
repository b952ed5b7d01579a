import { IconChevronDown, IconChevronRight, IconFolder } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { gist } from '../../../format/gist.ts';
import { count, counted } from '../../../format/numbers.ts';
import { instant } from '../../../format/times.ts';
import type { TreeOrder, TreeRow } from './experiment-rows.ts';

export interface Moved {
  readonly kind: 'folder' | 'experiment';
  readonly name: string;
  /** Where it lies now; empty for no folder. */
  readonly folder: string;
}

interface ExperimentTreeProps {
  readonly rows: readonly TreeRow[];
  readonly order: TreeOrder;
  readonly onOrder: (order: TreeOrder) => void;
  readonly onFold: (folder: string) => void;
  readonly onMove: (moved: Moved) => void;
  readonly folderOf: (row: TreeRow) => string;
}

const ROW_PX = 40;
const COLUMNS = 5;

/** Folders and experiments as a table that folds; only rows in sight are in the page. */
export function ExperimentTree({ rows, order, onOrder, onFold, onMove, folderOf }: ExperimentTreeProps) {
  const scroller = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    useFlushSync: false,
    initialRect: { width: 1000, height: 700 },
  });
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section ref={scroller} className="table-scroll experiment-tree" aria-label="Experiments" tabIndex={0}>
      <table className="table" aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            <Header name="Experiment" by="name" order={order} onOrder={onOrder} />
            <Header name="Runs" by="runs" order={order} onOrder={onOrder} />
            <th scope="col" className="number wide">
              Running
            </th>
            <Header name="Last activity" by="activity" order={order} onOrder={onOrder} />
            <th scope="col">Folder</th>
          </tr>
        </thead>
        <tbody>
          {above > 0 && <Spacer heightPx={above} />}
          {items.map(({ index }) => {
            const row = rows[index];
            if (!row) return null;
            const facts = row.kind === 'folder' ? row : row.experiment;
            const moved = {
              kind: row.kind,
              name: row.kind === 'folder' ? row.path : facts.name,
              folder: folderOf(row),
            };
            return (
              <tr key={`${row.kind} ${moved.name}`} aria-rowindex={index + 2} style={{ height: ROW_PX }}>
                <th scope="row" style={{ paddingLeft: 16 + row.level * 22 }}>
                  {row.kind === 'folder' ? <FolderName row={row} onFold={onFold} /> : <ExperimentName row={row} />}
                </th>
                <td className="number">{count(facts.runs)}</td>
                <td className="number wide">{count(facts.runningRuns)}</td>
                <td className="tight">{instant(facts.lastActivityAtMs)}</td>
                <td>
                  <button
                    type="button"
                    className="link-button"
                    aria-label={`Move ${moved.name}`}
                    onClick={() => onMove(moved)}
                  >
                    Move
                  </button>
                </td>
              </tr>
            );
          })}
          {below > 0 && <Spacer heightPx={below} />}
        </tbody>
      </table>
    </section>
  );
}

function Spacer({ heightPx }: { readonly heightPx: number }) {
  return (
    <tr aria-hidden style={{ height: heightPx }}>
      <td colSpan={COLUMNS} style={{ padding: 0, border: 0 }} />
    </tr>
  );
}

interface HeaderProps extends Pick<ExperimentTreeProps, 'order' | 'onOrder'> {
  readonly name: string;
  readonly by: TreeOrder['by'];
}

function Header({ name, by, order, onOrder }: HeaderProps) {
  const isActive = order.by === by;
  const descending = isActive ? !order.descending : by !== 'name';
  return (
    <th
      scope="col"
      className={by === 'runs' ? 'number' : undefined}
      aria-sort={isActive ? (order.descending ? 'descending' : 'ascending') : undefined}
    >
      <button type="button" className="sort" onClick={() => onOrder({ by, descending })}>
        {name}
        {isActive && <span aria-hidden> {order.descending ? '↓' : '↑'}</span>}
      </button>
    </th>
  );
}

interface FolderNameProps extends Pick<ExperimentTreeProps, 'onFold'> {
  readonly row: Extract<TreeRow, { kind: 'folder' }>;
}

function FolderName({ row: { path, name, isOpen, experiments }, onFold }: FolderNameProps) {
  const Fold = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <span className="tree-name">
      <button
        type="button"
        className="fold"
        aria-expanded={isOpen}
        aria-label={`Folder ${path}`}
        onClick={() => onFold(path)}
      >
        <Fold size={15} aria-hidden />
      </button>
      <IconFolder size={16} aria-hidden />
      <Link to="/experiments" search={{ folder: path }} title={path}>
        {name}
      </Link>
      <span className="small dimmed">{counted(experiments, 'experiment')}</span>
    </span>
  );
}

function ExperimentName({ row: { experiment, folder } }: { readonly row: Extract<TreeRow, { kind: 'experiment' }> }) {
  const { name, description } = experiment;
  return (
    <span className="tree-name" title={description ?? name}>
      <Link to="/experiments/$experiment" params={{ experiment: name }}>
        {name}
      </Link>
      {folder !== undefined && <span className="small dimmed">in {folder}</span>}
      {description && <span className="small dimmed">{gist(description)}</span>}
    </span>
  );
}
