import { Button } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import type { Lineage } from '#contract';
import { client } from '../../app/client.ts';
import { counted } from '../../format/numbers.ts';
import { Answer, Waiting } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Reference } from '../../parts/reference.tsx';

const HEIGHT_PX = 240;
/** Steps in each direction at first, and when more is asked for. */
const DEPTHS = { near: 3, far: 30 } as const;
const LineageGraph = lazy(() => import('./lineage-graph.tsx').then((module) => ({ default: module.LineageGraph })));

/** What a fact was made from and what was made from it, as a graph and as a table. */
export function LineagePanel({ of }: { readonly of: string }) {
  const [far, setFar] = useState(false);
  const depth = far ? DEPTHS.far : DEPTHS.near;
  const answer = useQuery({
    queryKey: ['governance', 'lineage', of, depth],
    queryFn: () => client.governance.lineage({ query: { ref: of, depth } }),
    placeholderData: keepPreviousData,
  });
  return (
    <Panel
      title="Lineage"
      note={
        <span className="row">
          made from, on the left; made of it, on the right
          {(answer.data?.truncated || far) && (
            <Button variant="default" size="compact-xs" onClick={() => setFar(!far)}>
              {far ? 'Show what is near' : 'Show all of it'}
            </Button>
          )}
        </span>
      }
    >
      <Answer query={answer} heightPx={HEIGHT_PX}>
        {(lineage) =>
          lineage.edges.length === 0 ? (
            <p className="dimmed">Nothing is noted of what it was made from, or what was made from it.</p>
          ) : (
            <>
              <Suspense fallback={<Waiting heightPx={HEIGHT_PX} />}>
                <LineageGraph lineage={lineage} />
              </Suspense>
              <Edges lineage={lineage} />
            </>
          )
        }
      </Answer>
    </Panel>
  );
}

function Edges({ lineage }: { readonly lineage: Lineage }) {
  return (
    <details className="disclosure small" style={{ marginTop: 8 }}>
      <summary>
        Show as a table ({counted(lineage.edges.length, 'edge')}
        {lineage.truncated && ', there are more'})
      </summary>
      <DataTable
        label="Edges of the lineage"
        rows={lineage.edges}
        rowKey={(edge) => `${edge.from} ${edge.to} ${edge.relation}`}
        limit={50}
        columns={[
          { id: 'from', header: 'From', cell: (edge) => <Reference to={edge.from} /> },
          { id: 'relation', header: 'How', cell: (edge) => edge.relation },
          { id: 'to', header: 'To', cell: (edge) => <Reference to={edge.to} /> },
        ]}
      />
    </details>
  );
}
