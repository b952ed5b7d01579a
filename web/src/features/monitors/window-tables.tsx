import type { FeatureDrift, InputsReport, SegmentPerformance } from '#contract';
import { count, figure, percent, pValue } from '../../format/numbers.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Status } from '../../parts/status.tsx';
import { featureName } from './feature-name.ts';
import { Verdict } from './verdict.tsx';

const maybe = (value: number | null) => (value === null ? '–' : figure(value));

/** Drift of each feature in one window, with the figures of every statistic. */
export function DriftTable({ features }: { readonly features: readonly FeatureDrift[] }) {
  return (
    <DataTable
      label="Drift by feature"
      rows={features}
      rowKey={(one) => one.feature}
      order={{ column: 'effect', descending: true }}
      limit={15}
      columns={[
        {
          id: 'feature',
          header: 'Feature',
          sort: (one) => one.feature,
          cell: (one) => (
            <>
              {featureName(one.feature)}
              {one.topChanges.length > 0 && (
                <details className="disclosure small">
                  <summary>where</summary>
                  <ul className="list">
                    {one.topChanges.map((change) => (
                      <li key={change.bin}>
                        {change.bin}: {percent(change.reference)} → {percent(change.window)}
                      </li>
                    ))}
                  </ul>
                </details>
              )}
            </>
          ),
        },
        {
          id: 'verdict',
          header: 'Drifted',
          cell: (one) => (
            <Status tone={one.drifted ? 'failed' : one.significant ? 'warning' : 'ok'}>
              {one.drifted ? 'yes' : one.significant ? 'in this window' : 'no'}
            </Status>
          ),
        },
        {
          id: 'effect',
          header: 'PSI above usual',
          align: 'number',
          sort: (one) => one.effect,
          cell: (one) => figure(one.effect),
        },
        { id: 'psi', header: 'PSI', align: 'number', wide: true, cell: (one) => figure(one.psi) },
        { id: 'q', header: 'q-value', align: 'number', sort: (one) => one.qValue, cell: (one) => pValue(one.qValue) },
        { id: 'ks', header: 'KS, 0 to 1', align: 'number', wide: true, cell: (one) => maybe(one.ks) },
        {
          id: 'wasserstein',
          header: 'Wasserstein, sd',
          align: 'number',
          wide: true,
          cell: (one) => maybe(one.wasserstein),
        },
        {
          id: 'js',
          header: 'Jensen-Shannon, 0 to 1',
          align: 'number',
          wide: true,
          cell: (one) => figure(one.jensenShannon),
        },
        {
          id: 'mean',
          header: 'Mean, reference → window',
          align: 'number',
          wide: true,
          cell: (one) => (one.mean === null ? '–' : `${maybe(one.referenceMean)} → ${figure(one.mean)}`),
        },
      ]}
    />
  );
}

/** Missing, unseen, out-of-range and mistyped values of each column in one window. */
export function IntegrityTable({ columns }: { readonly columns: InputsReport['integrity']['columns'] }) {
  return (
    <DataTable
      label="Integrity by column"
      rows={columns}
      rowKey={(one) => one.feature}
      limit={15}
      columns={[
        { id: 'feature', header: 'Column', sort: (one) => one.feature, cell: (one) => featureName(one.feature) },
        { id: 'verdict', header: 'Verdict', cell: (one) => <Verdict verdict={one.verdict} /> },
        {
          id: 'missing',
          header: 'Missing',
          align: 'number',
          sort: (one) => one.missingRate,
          cell: (one) => percent(one.missingRate),
        },
        {
          id: 'reference',
          header: 'in the reference',
          align: 'number',
          wide: true,
          cell: (one) => percent(one.referenceMissingRate),
        },
        {
          id: 'unseen',
          header: 'Unseen category',
          align: 'number',
          sort: (one) => one.unseenRate,
          cell: (one) => `${percent(one.unseenRate)}${one.unseen.length > 0 ? ` (${one.unseen.join(', ')})` : ''}`,
        },
        {
          id: 'range',
          header: 'Out of range',
          align: 'number',
          sort: (one) => one.outOfRangeRate,
          cell: (one) => percent(one.outOfRangeRate),
        },
        {
          id: 'type',
          header: 'Wrong type',
          align: 'number',
          wide: true,
          cell: (one) => percent(one.wrongTypeRate),
        },
      ]}
    />
  );
}

/** Segments whose labels differ most from what was predicted. */
export function SegmentTable({ segments }: { readonly segments: readonly SegmentPerformance[] }) {
  return (
    <DataTable
      label="Segments"
      rows={segments}
      rowKey={(one) => `${one.column} ${one.value}`}
      limit={8}
      columns={[
        {
          id: 'segment',
          header: 'Segment',
          cell: (one) => (
            <>
              <span className="dimmed">{one.column}</span> {one.value}
            </>
          ),
        },
        { id: 'rows', header: 'Rows', align: 'number', sort: (one) => one.rows, cell: (one) => count(one.rows) },
        { id: 'observed', header: 'Observed', align: 'number', cell: (one) => percent(one.observed) },
        { id: 'expected', header: 'Predicted', align: 'number', cell: (one) => percent(one.expected) },
        {
          id: 'z',
          header: 'Excess, sd',
          align: 'number',
          sort: (one) => Math.abs(one.z),
          cell: (one) => figure(one.z),
        },
        { id: 'q', header: 'q-value', align: 'number', wide: true, cell: (one) => pValue(one.qValue) },
        {
          id: 'sequence',
          header: 'Gathered excess, sd',
          align: 'number',
          wide: true,
          sort: (one) => Math.abs(one.sequence),
          cell: (one) => figure(one.sequence),
        },
      ]}
    />
  );
}
