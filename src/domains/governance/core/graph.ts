import type { Lineage, LineageEdge, LineageNode } from '#contract';
import type { Direction } from '../model.ts';
import { kindOf, labelOf } from './label.ts';

/** Edges found in one direction, nearest first, with the steps from the fact asked for to their nearer end. */
export interface Walk {
  readonly direction: Direction;
  readonly edges: readonly (LineageEdge & { readonly distance: number })[];
  readonly truncated: boolean;
}

/** The graph around a fact from the walks that began at it; an edge found in both is told once. */
export function graphOf(reference: string, walks: readonly Walk[]): Lineage {
  const distances = new Map([[reference, 0]]);
  const edges = new Map<string, LineageEdge>();
  for (const { direction, edges: found } of walks) {
    for (const { distance, ...edge } of found) {
      edges.set(JSON.stringify([edge.from, edge.to, edge.relation]), edge);
      const far = direction === 'up' ? edge.from : edge.to;
      const steps = direction === 'up' ? -(distance + 1) : distance + 1;
      const known = distances.get(far);
      if (known === undefined || Math.abs(steps) < Math.abs(known)) distances.set(far, steps);
    }
  }
  const nodes = [...distances].map(([ref, distance]) => nodeOf(ref, distance));
  nodes.sort((a, b) => Math.abs(a.distance) - Math.abs(b.distance) || (a.ref < b.ref ? -1 : 1));
  return { ref: reference, nodes, edges: [...edges.values()], truncated: walks.some(({ truncated }) => truncated) };
}

function nodeOf(ref: string, distance: number): LineageNode {
  return { ref, kind: kindOf(ref) ?? '', label: labelOf(ref), distance };
}
