import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import type { Lineage } from '#contract';
import { client } from '../../app/client.ts';
import { counted } from '../../format/numbers.ts';
import { Answer, Waiting } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Reference } from '../../parts/reference.tsx';

const HEIGHT_PX = 240;
const LineageGraph = lazy(() => import('./lineage-graph.tsx').then((module) => ({ default: module.LineageGraph })));

/** What a fact was made from and what was made from it, as a graph and as a table. */
export function LineagePanel({ of }: { readonly of: string }) {
  const answer = useQuery({
    queryKey: ['governance', 'lineage', of],
    queryFn: () => client.governance.lineage({ query: { ref: of } }),
  });
  return (
    <Panel title="Lineage" note="made from, on the left; made of it, on the right">
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
