import { Link } from '@tanstack/react-router';
import type { Alert } from '#contract';
import { count } from '../../format/numbers.ts';
import { instant } from '../../format/times.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Status } from '../../parts/status.tsx';

/** Alerts with what was found, how long it lasted and the window that raised each. */
export function AlertTable({ alerts }: { readonly alerts: readonly Alert[] }) {
  if (alerts.length === 0) {
    return (
      <p className="dimmed" style={{ padding: '4px 16px 16px' }}>
        None so far.
      </p>
    );
  }
  return (
    <DataTable
      label="Alerts"
      rows={alerts}
      rowKey={(alert) => alert.id}
      limit={10}
      columns={[
        {
          id: 'raised',
          header: 'Raised',
          tight: true,
          sort: (alert) => alert.raisedAtMs,
          cell: (alert) => instant(alert.raisedAtMs),
        },
        {
          id: 'state',
          header: 'State',
          cell: (alert) => (
            <Status tone={alert.state === 'open' ? alert.severity : 'neutral'}>
              {alert.state === 'open' ? `open, ${alert.severity}` : 'resolved'}
            </Status>
          ),
        },
        {
          id: 'words',
          header: 'What was found',
          long: true,
          sort: (alert) => alert.family,
          cell: (alert) => (
            <>
              <span className="dimmed">{alert.family}:</span> {alert.words}
            </>
          ),
        },
        {
          id: 'window',
          header: 'Window',
          tight: true,
          wide: true,
          cell: (alert) => (
            <Link
              to="/monitors/$monitor"
              params={{ monitor: alert.monitor }}
              search={{ window: String(alert.windowStartMs) }}
            >
              {instant(alert.windowStartMs)}
            </Link>
          ),
        },
        {
          id: 'windows',
          header: 'Windows',
          align: 'number',
          wide: true,
          cell: (alert) => count(alert.windows),
        },
        {
          id: 'resolved',
          header: 'Resolved',
          tight: true,
          wide: true,
          cell: (alert) => (alert.resolvedAtMs === null ? 'not yet' : instant(alert.resolvedAtMs)),
        },
      ]}
    />
  );
}
