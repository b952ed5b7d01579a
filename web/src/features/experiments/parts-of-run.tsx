import { useQuery } from '@tanstack/react-query';
import { client } from '../../app/client.ts';
import { counted } from '../../format/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { RunsTable } from './runs-table.tsx';

const SHOWN = 200;

/** The runs that are part of a run, such as the trials of a tuning; nothing when there are none. */
export function Parts({ run }: { readonly run: string }) {
  const answer = useQuery({
    queryKey: ['tracking', 'runs', 'of', run],
    queryFn: () => client.tracking.searchRuns({ body: { filter: `parent = '${run}'`, limit: SHOWN } }),
  });
  const runs = answer.data?.runs ?? [];
  if (runs.length === 0) return null;
  const metrics = [...new Set(runs.flatMap((one) => one.metrics.map(({ key }) => `metrics.${key}`)))].slice(0, 4);
  return (
    <Panel title="Its parts" note={counted(runs.length, 'run')} flush>
      <RunsTable runs={runs} columns={metrics} limit={15} />
    </Panel>
  );
}
