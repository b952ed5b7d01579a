import '@xyflow/react/dist/base.css';
import { useComputedColorScheme } from '@mantine/core';
import {
  Controls,
  type FitViewOptions,
  Handle,
  MarkerType,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from '@xyflow/react';
import { useMemo, useRef } from 'react';
import type { Lineage } from '#contract';
import { counted } from '../../format/numbers.ts';
import { Reference } from '../../parts/reference.tsx';
import { type PlacedLineage, type PlacedNode, placeLineage } from './layout.ts';

type FactNode = Node<{ readonly fact: PlacedNode; readonly asked: boolean }, 'fact'>;

const NODE_TYPES = { fact: Fact };
/** Text is still read at this size. */
const LEAST_ZOOM = 0.6;

/** Facts and what was made from what, drawn with React Flow; every fact is a link to its page. */
export function LineageGraph({ lineage }: { readonly lineage: Lineage }) {
  const scheme = useComputedColorScheme('light');
  const element = useRef<HTMLElement>(null);
  const placed = useMemo(() => placeLineage(lineage), [lineage]);
  const nodes = placed.nodes.map(
    (fact): FactNode => ({
      id: fact.ref,
      type: 'fact',
      position: { x: fact.x, y: fact.y },
      data: { fact, asked: fact.ref === lineage.ref },
      // The link inside is what the keyboard reaches.
      focusable: false,
    }),
  );
  // Two facts may be related in several ways: they share a line, or their words would stand in each other.
  const lines = Map.groupBy(placed.edges, ({ from, to }) => `${from} ${to}`);
  const edges = [...lines].map(([id, [edge, ...others]]) => ({
    id,
    source: edge?.from ?? '',
    target: edge?.to ?? '',
    label: wordsOf([edge, ...others].map((one) => one?.relation ?? '')),
    markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14 },
    focusable: false,
  }));
  return (
    <>
      <section ref={element} className="lineage" style={{ height: placed.heightPx }} aria-label="Lineage graph">
        <ReactFlow
          key={lineage.ref + nodes.length}
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          colorMode={scheme}
          onInit={(flow) => void flow.fitView(fitOf(lineage, placed, element.current?.clientWidth ?? 0))}
          minZoom={0.2}
          nodesDraggable={false}
          nodesConnectable={false}
          elementsSelectable={false}
          // The page scrolls as everywhere; the graph is zoomed by its buttons or with two fingers.
          zoomOnScroll={false}
          preventScrolling={false}
          proOptions={{ hideAttribution: true }}
        >
          <Controls showInteractive={false} position="bottom-right" />
        </ReactFlow>
      </section>
      {placed.left > 0 && <p className="small dimmed">{counted(placed.left, 'fact')} more, not drawn.</p>}
    </>
  );
}

// What fits between two columns.
const LONGEST_LABEL = 16;

/** The relations that a line stands for; where they are too long, the first and how many more the table lists. */
function wordsOf(relations: readonly string[]): string {
  const all = relations.join(', ');
  return all.length <= LONGEST_LABEL
    ? all
    : `${relations[0]}${relations.length > 1 ? ` +${relations.length - 1}` : ''}`;
}

/** All of it where it can be read so; else the fact asked for, and the rest a drag away. */
function fitOf(lineage: Lineage, placed: PlacedLineage, widthPx: number): FitViewOptions<FactNode> {
  const fits = widthPx >= placed.widthPx * LEAST_ZOOM;
  return fits ? { padding: 0.05, maxZoom: 1 } : { nodes: [{ id: lineage.ref }], maxZoom: 0.8 };
}

function Fact({ data: { fact, asked } }: NodeProps<FactNode>) {
  return (
    <div className="fact" data-asked={asked || undefined}>
      <Handle type="target" position={Position.Left} />
      <div className="fact-kind">{fact.kind}</div>
      <div className="fact-label">
        <Reference to={fact.ref} />
      </div>
      <Handle type="source" position={Position.Right} />
    </div>
  );
}
