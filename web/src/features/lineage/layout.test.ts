import { describe, expect, it } from 'vitest';
import type { Lineage } from '#contract';
import { placeLineage } from './layout.ts';

function lineageOf(distances: readonly number[], edges: Lineage['edges'] = []): Lineage {
  const nodes = distances.map((distance, index) => ({ ref: `run:${index}`, kind: 'run', label: 'run', distance }));
  return { ref: 'run:0', nodes, edges, truncated: false };
}

describe('the drawing of lineage', () => {
  it('puts what came before on the left and what came of it on the right', () => {
    const { nodes } = placeLineage(lineageOf([0, -1, -1, 1]));
    const x = nodes.map((node) => node.x);
    expect(x[1]).toBe(x[2]);
    expect([(x[1] ?? 0) < (x[0] ?? 0), (x[0] ?? 0) < (x[3] ?? 0)]).toEqual([true, true]);
    expect(nodes[1]?.y).not.toBe(nodes[2]?.y);
  });

  it('never puts two facts in one place, and counts what it leaves out', () => {
    const { nodes, left } = placeLineage(lineageOf(Array.from({ length: 40 }, (_, index) => index % 3)));
    expect(new Set(nodes.map(({ x, y }) => `${x} ${y}`)).size).toBe(nodes.length);
    expect(nodes.length + left).toBe(40);
    expect(left).toBeGreaterThan(0);
  });

  it('lets every edge run to the right, also between facts of one distance', () => {
    const edge = (from: number, to: number) => ({ from: `run:${from}`, to: `run:${to}`, relation: 'made', atMs: 0 });
    const edges = [edge(1, 0), edge(2, 0), edge(2, 1), edge(0, 3), edge(0, 4), edge(3, 4)];
    const { nodes } = placeLineage(lineageOf([0, -1, -1, 1, 1], edges));
    const x = new Map(nodes.map((node) => [node.ref, node.x]));
    for (const { from, to } of edges) expect(x.get(from) ?? 0).toBeLessThan(x.get(to) ?? 0);
    expect(x.get('run:0')).toBe(0);
  });

  it('draws no edge to a fact that is not drawn', () => {
    const edge = { from: 'run:0', to: 'run:39', relation: 'produced', atMs: 0 };
    const { edges } = placeLineage(lineageOf([0, ...Array.from({ length: 39 }, () => 1)], [edge]));
    expect(edges).toEqual([]);
  });
});
