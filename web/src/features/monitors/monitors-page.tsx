import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Monitor } from '#contract';
import { client } from '../../app/client.ts';
import { count, counted } from '../../format/numbers.ts';
import { instant, span } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { AlertTable } from './alerts.tsx';
import { Verdict } from './verdict.tsx';

export function MonitorsPage() {
  const monitors = useQuery({
    queryKey: ['monitoring', 'monitors'],
    queryFn: () => client.monitoring.listMonitors(),
  });
  const alerts = useQuery({
    queryKey: ['monitoring', 'alerts'],
    queryFn: () => client.monitoring.listAlerts({ query: { limit: 50 } }),
  });
  return (
    <Page
      title="Monitors"
      lede="Hold each window of live traffic against a reference frozen at training time: integrity, drift, latency, and realised performance once the labels are in."
    >
      <Answer query={monitors}>
        {(answer) => (
          <Panel title="Monitors" note={counted(answer.monitors.length, 'monitor')} flush>
            {answer.monitors.length === 0 ? (
              <Empty title="No monitor yet" command="npx trimtab demo">
                A monitor watches an endpoint against a reference. Make one with trimtab monitor, or let the demo make
                one and replay four months of flights past it.
              </Empty>
            ) : (
              <Monitors monitors={answer.monitors} />
            )}
          </Panel>
        )}
      </Answer>
      {monitors.data && monitors.data.monitors.length > 0 && (
        <Panel title="Alerts" note="newest first, times in UTC" flush>
          <Answer query={alerts}>{(answer) => <AlertTable alerts={answer.alerts} />}</Answer>
        </Panel>
      )}
    </Page>
  );
}

const FAMILIES = ['integrity', 'drift', 'latency', 'performance'] as const;

function Monitors({ monitors }: { readonly monitors: readonly Monitor[] }) {
  return (
    <DataTable
      label="Monitors"
      rows={monitors}
      rowKey={(monitor) => monitor.name}
      columns={[
        {
          id: 'name',
          header: 'Monitor',
          sort: (monitor) => monitor.name,
          cell: (monitor) => (
            <>
              <Link to="/monitors/$monitor" params={{ monitor: monitor.name }}>
                {monitor.name}
              </Link>
              <div className="small dimmed">
                {monitor.latest ? `latest window ${instant(monitor.latest.startMs)}` : 'no window judged yet'}
              </div>
            </>
          ),
        },
        ...FAMILIES.map(
          (family): Column<Monitor> => ({
            id: family,
            header: family,
            cell: (monitor) => <Verdict verdict={monitor.latest?.[family] ?? null} />,
          }),
        ),
        {
          id: 'alerts',
          header: 'Open alerts',
          align: 'number',
          sort: (monitor) => monitor.openAlerts,
          cell: (monitor) =>
            monitor.openAlerts > 0 ? <Status tone="failed">{count(monitor.openAlerts)}</Status> : 'none',
        },
        {
          id: 'endpoint',
          header: 'Endpoint',
          wide: true,
          cell: (monitor) => (
            <Link to="/endpoints/$endpoint" params={{ endpoint: monitor.endpoint }}>
              {monitor.endpoint}
            </Link>
          ),
        },
        { id: 'window', header: 'Window', wide: true, cell: (monitor) => span(monitor.windowMs) },
      ]}
    />
  );
}
