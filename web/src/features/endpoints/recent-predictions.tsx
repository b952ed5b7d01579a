import { useQuery } from '@tanstack/react-query';
import type { SignatureColumn } from '#contract';
import { client } from '../../app/client.ts';
import { figure } from '../../format/numbers.ts';
import { instant } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';

const SHOWN = 25;

/** The latest logged predictions by event time. */
export function RecentPredictions({ endpoint }: { readonly endpoint: string }) {
  const answer = useQuery({
    queryKey: ['serving', 'predictions', endpoint],
    queryFn: () => client.serving.listPredictions({ params: { endpoint }, query: { limit: SHOWN } }),
  });
  const signature = useQuery({
    queryKey: ['serving', 'signature', endpoint],
    queryFn: () => client.serving.getSignature({ params: { endpoint } }),
  });
  const types = new Map(signature.data?.inputs.map(({ name, type }) => [name, type]));
  return (
    <Panel title="Latest predictions" note="newest event time first" flush>
      <Answer query={answer}>
        {({ predictions }) =>
          predictions.length === 0 ? (
            <p className="dimmed" style={{ padding: '4px 16px 16px' }}>
              None logged yet.
            </p>
          ) : (
            <DataTable
              label="Latest predictions"
              rows={predictions}
              rowKey={(one) => one.inferenceId}
              limit={10}
              columns={[
                { id: 'at', header: 'Event time', tight: true, cell: (one) => instant(one.atMs) },
                { id: 'prediction', header: 'Answer', align: 'number', cell: (one) => figure(one.prediction) },
                {
                  id: 'version',
                  header: 'By',
                  tight: true,
                  cell: (one) => (
                    <>
                      {one.variant} <span className="dimmed">{one.version.replace(/^version:/, '')}</span>
                      {one.flagged && (
                        <>
                          {' '}
                          <Status tone="warning">flagged</Status>
                        </>
                      )}
                    </>
                  ),
                },
                {
                  id: 'features',
                  header: 'Row',
                  long: true,
                  wide: true,
                  cell: (one) => (
                    <span className="small dimmed">
                      {Object.entries(one.features)
                        .map(([name, value]) => `${name} ${featureText(value, types.get(name))}`)
                        .join(', ')}
                    </span>
                  ),
                },
              ]}
            />
          )
        }
      </Answer>
    </Panel>
  );
}

function featureText(value: string | number | null, type: SignatureColumn['type'] | undefined): string {
  if (typeof value !== 'number') return value ?? 'none';
  return type === 'timestamp' ? instant(value) : figure(value);
}
