import type { GatePolicy, SegmentComparison } from '#contract';
import { counted, figure } from '../../format/numbers.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Interval } from '../../parts/interval.tsx';

interface SegmentsProps {
  readonly segments: readonly SegmentComparison[];
  readonly policy: GatePolicy;
}

/** Candidate against opponent, segment by segment, the worst first. */
export function Segments({ segments, policy }: SegmentsProps) {
  const judged = segments.filter((segment) => segment.rows >= policy.minSegmentRows);
  const reach = Math.max(
    policy.maxSegmentLoss,
    ...judged.map(({ low, high }) => Math.max(Math.abs(low), Math.abs(high))),
  );
  return (
    <details className="disclosure small">
      <summary>
        {counted(judged.length, 'segment')} judged, {segments.length - judged.length} with fewer than{' '}
        {policy.minSegmentRows} rows left out
      </summary>
      <div style={{ marginTop: 8 }}>
        <DataTable
          label="Segments"
          rows={judged}
          rowKey={(segment) => `${segment.column} ${segment.value}`}
          order={{ column: 'difference', descending: true }}
          limit={15}
          columns={[
            {
              id: 'segment',
              header: 'Segment',
              sort: (segment) => `${segment.column} ${segment.value}`,
              cell: (segment) => (
                <>
                  <span className="dimmed">{segment.column}</span> {segment.value}
                </>
              ),
            },
            {
              id: 'rows',
              header: 'Rows',
              align: 'number',
              sort: (segment) => segment.rows,
              cell: (segment) => figure(segment.rows),
            },
            {
              id: 'difference',
              header: 'Difference, nats',
              align: 'number',
              sort: (segment) => segment.difference,
              cell: (segment) =>
                segment.difference > 0 ? `+${figure(segment.difference)}` : figure(segment.difference),
            },
            {
              id: 'interval',
              header: `95 % interval, ±${figure(reach)} nats`,
              wide: true,
              long: true,
              cell: (segment) => (
                <Interval
                  value={segment.difference}
                  low={segment.low}
                  high={segment.high}
                  reach={reach}
                  limit={policy.maxSegmentLoss}
                />
              ),
            },
            {
              id: 'losses',
              header: 'Log loss, of both, nats',
              align: 'number',
              wide: true,
              cell: (segment) => `${figure(segment.candidateLogLoss)}, ${figure(segment.opponentLogLoss)}`,
            },
          ]}
        />
        <p className="dimmed" style={{ padding: '6px 16px' }}>
          Below zero the candidate is better. The upright mark is the limit, {figure(policy.maxSegmentLoss)} nats worse.
        </p>
      </div>
    </details>
  );
}
