interface FileEntry {
  readonly name: string;
  readonly path: string;
  readonly isFolder: boolean;
  readonly sizeBytes: number | null;
}

/** What is known of a folder that is open. */
export type Listing =
  | { readonly state: 'waiting' }
  | { readonly state: 'failed'; readonly words: string }
  | { readonly state: 'listed'; readonly entries: readonly FileEntry[] };

export interface TreeRow {
  readonly path: string;
  readonly name: string;
  /** 1 for what lies at the top. */
  readonly level: number;
  readonly kind: 'file' | 'folder' | 'waiting' | 'failed';
  readonly isOpen: boolean;
  readonly sizeBytes: number | null;
  /** How many lie in the same folder, and its place among them, from 1. */
  readonly setSize: number;
  readonly place: number;
}

/** The rows of a tree of files: what is at the top, and what lies in folders that are open, below them. */
export function visibleRows(listingOf: (folder: string) => Listing, open: ReadonlySet<string>): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  addFolder('', 1);
  return rows;

  function addFolder(folder: string, level: number): void {
    const listing = listingOf(folder);
    if (listing.state !== 'listed') {
      const name = listing.state === 'failed' ? listing.words : 'Loading';
      rows.push({ ...BARE, path: `${folder}/`, name, level, kind: listing.state });
      return;
    }
    const setSize = listing.entries.length;
    for (const [index, { name, path, isFolder, sizeBytes }] of listing.entries.entries()) {
      const isOpen = isFolder && open.has(path);
      const kind = isFolder ? 'folder' : 'file';
      rows.push({ path, name, level, kind, isOpen, sizeBytes, setSize, place: index + 1 });
      if (isOpen) addFolder(path, level + 1);
    }
  }
}

const BARE = { isOpen: false, sizeBytes: null, setSize: 1, place: 1 } as const;

interface Move {
  /** The row that the keyboard is on afterwards. */
  readonly to?: string;
  /** A folder to open or close. */
  readonly toggle?: string;
  /** A file to show. */
  readonly choose?: string;
}

/** What a key does in the tree (the ARIA pattern "tree view"); undefined for a key that does nothing there. */
export function afterKey(rows: readonly TreeRow[], current: string | undefined, key: string): Move | undefined {
  const at = rows.findIndex(({ path }) => path === current);
  const row = rows[at];
  const to = (index: number): Move => ({ to: rows[Math.max(0, Math.min(rows.length - 1, index))]?.path });
  if (key === 'Home') return to(0);
  if (key === 'End') return to(rows.length - 1);
  if (!row) return key.startsWith('Arrow') ? to(0) : undefined;
  if (key === 'ArrowDown') return to(at + 1);
  if (key === 'ArrowUp') return to(at - 1);
  const isFolder = row.kind === 'folder';
  if (key === 'ArrowRight') return isFolder ? (row.isOpen ? to(at + 1) : { toggle: row.path }) : {};
  if (key === 'ArrowLeft') {
    if (row.isOpen) return { toggle: row.path };
    const parent = rows.findLastIndex(({ level }, index) => index < at && level < row.level);
    return parent < 0 ? {} : to(parent);
  }
  if (key !== 'Enter' && key !== ' ') return undefined;
  if (isFolder) return { toggle: row.path };
  return row.kind === 'file' ? { choose: row.path } : {};
}

/** The folders that a file lies in, the outermost first. */
export function foldersAbove(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
