import { IconChevronDown, IconChevronRight, IconFile, IconFolder } from '@tabler/icons-react';
import { useQueries } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { client } from '../../../app/client.ts';
import { bytes } from '../../../format/numbers.ts';
import { afterKey, foldersAbove, type Listing, type TreeRow, visibleRows } from './visible-rows.ts';

interface FileTreeProps {
  /** Whose files they are, e.g. `run:<id>`. */
  readonly of: string;
  /** The file that is shown. */
  readonly chosen: string | undefined;
  readonly onChoose: (path: string) => void;
}

const ROW_PX = 28;

/** Files in their folders; what a folder holds is asked for when it is opened, and only rows in sight are in the page. */
export function FileTree({ of, chosen, onChoose }: FileTreeProps) {
  const [open, setOpen] = useState<ReadonlySet<string>>(
    () => new Set(chosen === undefined ? [] : foldersAbove(chosen)),
  );
  const [current, setCurrent] = useState(chosen);
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = visibleRows(useListings(of, open), open);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    useFlushSync: false,
    initialRect: { width: 300, height: 420 },
  });
  const toggle = (path: string) =>
    setOpen((before) => new Set(before.has(path) ? [...before].filter((one) => one !== path) : [...before, path]));
  const act = (row: TreeRow) => {
    setCurrent(row.path);
    if (row.kind === 'folder') toggle(row.path);
    if (row.kind === 'file') onChoose(row.path);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = afterKey(rows, current, event.key);
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (move.to !== undefined) {
      setCurrent(move.to);
      virtual.scrollToIndex(rows.findIndex(({ path }) => path === move.to));
    }
    if (move.toggle !== undefined) toggle(move.toggle);
    if (move.choose !== undefined) onChoose(move.choose);
  };
  const active = rows.findIndex(({ path }) => path === current);
  return (
    <div
      ref={scroller}
      className="file-tree"
      role="tree"
      aria-label="Files"
      tabIndex={0}
      aria-activedescendant={active < 0 ? undefined : `${id}-${active}`}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          return (
            // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus, and names the row that it is on
            // biome-ignore lint/a11y/useKeyWithClickEvents: the tree answers to the keyboard
            <div
              key={row.path}
              id={`${id}-${index}`}
              role="treeitem"
              aria-level={row.level}
              aria-setsize={row.setSize}
              aria-posinset={row.place}
              aria-expanded={row.kind === 'folder' ? row.isOpen : undefined}
              aria-selected={row.path === chosen}
              aria-label={row.name}
              data-current={row.path === current || undefined}
              style={{ top: start, height: ROW_PX, paddingLeft: 8 + (row.level - 1) * 16 }}
              onClick={() => act(row)}
              title={row.path}
            >
              <RowContent row={row} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function RowContent({ row: { kind, isOpen, name, sizeBytes } }: { readonly row: TreeRow }) {
  if (kind === 'waiting') return <span className="small dimmed">Loading</span>;
  if (kind === 'failed') return <span className="small">{name}</span>;
  const Fold = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <>
      {kind === 'folder' ? <Fold size={14} aria-hidden /> : <i />}
      {kind === 'folder' ? <IconFolder size={15} aria-hidden /> : <IconFile size={15} aria-hidden />}
      <span>{name}</span>
      {sizeBytes !== null && <small className="dimmed">{bytes(sizeBytes)}</small>}
    </>
  );
}

/** What is known of the top and of every open folder. */
function useListings(of: string, open: ReadonlySet<string>): (folder: string) => Listing {
  const folders = ['', ...open];
  const answers = useQueries({
    queries: folders.map((folder) => ({
      queryKey: ['tracking', 'files', of, folder],
      queryFn: () => client.tracking.browseArtifacts({ query: folder === '' ? { of } : { of, folder } }),
    })),
  });
  return (folder) => {
    const answer = answers[folders.indexOf(folder)];
    if (answer?.data) return { state: 'listed', entries: answer.data.entries };
    return answer?.error ? { state: 'failed', words: answer.error.message } : { state: 'waiting' };
  };
}
