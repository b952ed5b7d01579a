import type { Lineage, LineageEdge, LineageNode } from '#contract';

/** Facts of one column that are drawn; the rest is counted. */
const MOST_IN_COLUMN = 10;
const COLUMN_PX = 250;
const ROW_PX = 74;

export interface PlacedNode extends LineageNode {
  readonly x: number;
  readonly y: number;
}

export interface PlacedLineage {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly LineageEdge[];
  /** Facts that found no room. */
  readonly left: number;
  readonly heightPx: number;
}

/**
 * Places facts in columns by their distance, what came before on the left. Columns are centred on one line; within one
 * they keep the order of the answer, nearest first, so that a redrawn graph stays as it was.
 */
export function placeLineage(lineage: Lineage): PlacedLineage {
  const columns = Map.groupBy(lineage.nodes, (node) => node.distance);
  const tallest = Math.max(1, ...[...columns.values()].map((column) => Math.min(column.length, MOST_IN_COLUMN)));
  const nodes = [...columns].flatMap(([distance, column]) => {
    const drawn = column.slice(0, MOST_IN_COLUMN);
    const top = ((tallest - drawn.length) * ROW_PX) / 2;
    return drawn.map((node, row) => ({ ...node, x: distance * COLUMN_PX, y: top + row * ROW_PX }));
  });
  const known = new Set(nodes.map(({ ref }) => ref));
  return {
    nodes,
    edges: lineage.edges.filter(({ from, to }) => known.has(from) && known.has(to)),
    left: lineage.nodes.length - nodes.length,
    heightPx: Math.min(560, tallest * ROW_PX + 60),
  };
}
