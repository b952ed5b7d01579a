import type { Lineage, LineageEdge, LineageNode } from '#contract';

/** Facts of one column that are drawn; the rest is counted. */
const MOST_IN_COLUMN = 10;
const COLUMN_PX = 290;
const ROW_PX = 74;
const MOST_HEIGHT_PX = 560;

export interface PlacedNode extends LineageNode {
  readonly x: number;
  readonly y: number;
}

export interface PlacedLineage {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly LineageEdge[];
  /** Facts that found no room. */
  readonly left: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/**
 * Places facts in columns, what came before on the left: a fact stands left of everything that was made from it, so
 * every edge runs to the right. Columns are centred on one line; within one they keep the order of the answer, nearest
 * first, so that a redrawn graph stays as it was.
 */
export function placeLineage(lineage: Lineage): PlacedLineage {
  const columnOf = columnsOf(lineage);
  const columns = Map.groupBy(lineage.nodes, (node) => columnOf.get(node.ref) ?? 0);
  const tallest = Math.max(1, ...[...columns.values()].map((column) => Math.min(column.length, MOST_IN_COLUMN)));
  const nodes = [...columns].flatMap(([place, column]) => {
    const drawn = column.slice(0, MOST_IN_COLUMN);
    const top = ((tallest - drawn.length) * ROW_PX) / 2;
    return drawn.map((node, row) => ({ ...node, x: place * COLUMN_PX, y: top + row * ROW_PX }));
  });
  const known = new Set(nodes.map(({ ref }) => ref));
  return {
    nodes,
    edges: lineage.edges.filter(({ from, to }) => known.has(from) && known.has(to)),
    left: lineage.nodes.length - nodes.length,
    widthPx: columns.size * COLUMN_PX,
    heightPx: Math.min(MOST_HEIGHT_PX, tallest * ROW_PX + 60),
  };
}

/** The longest way from the fact asked for, counted down among what it was made from and up among what was made of it. */
function columnsOf({ nodes, edges }: Lineage): ReadonlyMap<string, number> {
  const columns = new Map(nodes.map(({ ref, distance }) => [ref, distance]));
  // A round for each fact is enough for the longest way there can be; one without a change ends it.
  for (let round = 0; round < nodes.length; round++) {
    let changed = false;
    for (const { from, to } of edges) {
      const [source, target] = [columns.get(from), columns.get(to)];
      if (source === undefined || target === undefined || source < target) continue;
      changed = true;
      if (source < 0) columns.set(from, target - 1);
      else columns.set(to, source + 1);
    }
    if (!changed) break;
  }
  return columns;
}
