/** Rows that come from one place, with the rows that are folded out below some of them. */
export interface Branch {
  /** Names where the rows come from. */
  readonly source: string;
  readonly count: number;
  readonly open: readonly { readonly index: number; readonly branch: Branch }[];
}

/** A row of a tree: the `index`-th of its source, so many levels deep. */
export interface Place {
  readonly source: string;
  readonly index: number;
  readonly depth: number;
}

/** How many rows a tree shows. */
export function rowsIn({ count, open }: Branch): number {
  return open.reduce((sum, { branch }) => sum + rowsIn(branch), count);
}

/** Which row is the `row`-th that is shown; nothing beyond the last. */
export function placeAt(branch: Branch, row: number, depth = 0): Place | undefined {
  let before = 0;
  for (const { index, branch: below } of branch.open.toSorted((a, b) => a.index - b.index)) {
    if (index >= branch.count) break;
    if (row <= before + index) break;
    const rows = rowsIn(below);
    if (row <= before + index + rows) return placeAt(below, row - before - index - 1, depth + 1);
    before += rows;
  }
  const index = row - before;
  return index >= 0 && index < branch.count ? { source: branch.source, index, depth } : undefined;
}
