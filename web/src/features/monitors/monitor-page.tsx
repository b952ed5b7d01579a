import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Monitor, WindowSummary } from '#contract';
import { client } from '../../app/client.ts';
import { count, counted, percent } from '../../format/numbers.ts';
import { instant, span } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ShortId } from '../../parts/short-id.tsx';
import { VerdictRows } from '../../parts/verdict-rows.tsx';
import { AlertTable } from './alerts.tsx';
import { Drift } from './drift.tsx';
import { Performance } from './performance.tsx';
import { Verdict } from './verdict.tsx';
import { WindowPanel } from './window-panel.tsx';
import { Windows } from './windows.tsx';

const route = getRouteApi('/monitors/$monitor');
/** A year of days, so that the whole story of a replay is seen at once. */
const SHOWN = 366;

export function MonitorPage() {
  const { monitor: name } = route.useParams();
  const { window: wanted } = route.useSearch();
  const params = { monitor: name };
  const monitor = useQuery({
    queryKey: ['monitoring', 'monitor', name],
    queryFn: () => client.monitoring.getMonitor({ params }),
  });
  const windows = useQuery({
    queryKey: ['monitoring', 'windows', name],
    queryFn: () => client.monitoring.listWindows({ params, query: { limit: SHOWN } }),
  });
  const alerts = useQuery({
    queryKey: ['monitoring', 'alerts', name],
    queryFn: () => client.monitoring.listAlerts({ query: { monitor: name, limit: 100 } }),
  });
  const all = windows.data?.windows ?? [];
  const startMs = wanted === undefined ? all.at(-1)?.startMs : Number(wanted);
  return (
    <Page
      title={name}
      crumbs={<Link to="/monitors">Monitors</Link>}
      lede={
        monitor.data && `Watches the endpoint ${monitor.data.endpoint} in windows of ${span(monitor.data.windowMs)}.`
      }
    >
      <Answer query={monitor}>{(known) => <Summary monitor={known} />}</Answer>
      <Answer query={windows} heightPx={300}>
        {() =>
          all.length === 0 ? (
            <Panel title="Windows">
              <Empty title="No window has been judged yet">
                A window is judged once it has ended and its grace has passed. Send predictions to the endpoint
                {monitor.data ? ` ${monitor.data.endpoint}` : ''}, then their labels with trimtab monitor labels.
              </Empty>
            </Panel>
          ) : (
            <>
              <ByWindow windows={all} />
              <Panel title="Alerts" note="newest first, times in UTC" flush>
                <Answer query={alerts}>{(answer) => <AlertTable alerts={answer.alerts} />}</Answer>
              </Panel>
              <Performance monitor={name} limit={SHOWN} />
              {monitor.data && <Drift monitor={name} windowMs={monitor.data.windowMs} limit={SHOWN} />}
              <Windows monitor={name} windows={all} chosen={startMs} />
              {startMs !== undefined && <WindowPanel monitor={name} startMs={startMs} key={startMs} />}
            </>
          )
        }
      </Answer>
      {monitor.data && <Rules monitor={monitor.data} />}
    </Page>
  );
}

function Summary({ monitor }: { readonly monitor: Monitor }) {
  const { latest } = monitor;
  return (
    <section className="panel" aria-label="Summary">
      <div className="panel-body" style={{ paddingTop: 16 }}>
        <Facts
          facts={[
            {
              label: 'Endpoint',
              value: (
                <Link to="/endpoints/$endpoint" params={{ endpoint: monitor.endpoint }}>
                  {monitor.endpoint}
                </Link>
              ),
            },
            { label: 'Integrity', value: <Verdict verdict={latest?.integrity ?? null} /> },
            { label: 'Drift', value: <Verdict verdict={latest?.drift ?? null} /> },
            { label: 'Latency', value: <Verdict verdict={latest?.latency ?? null} /> },
            { label: 'Performance', value: <Verdict verdict={latest?.performance ?? null} /> },
            { label: 'Open alerts', value: count(monitor.openAlerts) },
            { label: 'Latest window', value: latest ? instant(latest.startMs) : 'none yet' },
            { label: 'Reference', value: <ShortId id={monitor.reference} /> },
            { label: 'Reference since', value: instant(monitor.referenceSinceMs) },
            { label: 'Labels are due after', value: span(monitor.labelDelayMs) },
          ]}
        />
      </div>
    </section>
  );
}

function ByWindow({ windows }: { readonly windows: readonly WindowSummary[] }) {
  const families = ['integrity', 'drift', 'latency', 'performance'] as const;
  return (
    <Panel title="Verdicts by window" note={counted(windows.length, 'window')}>
      <VerdictRows
        starts={windows.map((window) => window.startMs)}
        rows={families.map((family) => ({
          label: `${family[0]?.toUpperCase()}${family.slice(1)}`,
          verdicts: windows.map((window) => window[family]),
        }))}
      />
    </Panel>
  );
}

function Rules({ monitor: { rules, features, segments, webhooks } }: { readonly monitor: Monitor }) {
  return (
    <Panel title="Rules" note="what makes a window fail">
      <Facts
        facts={[
          { label: 'False discovery rate of drift', value: percent(rules.driftAlpha) },
          { label: 'Drift counts from', value: rules.driftPsi, unit: 'PSI above the usual' },
          {
            label: 'in at least',
            value: `${rules.driftWindows} of ${rules.driftOf}`,
            unit: rules.driftOf === 1 ? 'window' : 'windows',
          },
          { label: 'Rise of missing values', value: percent(rules.missingIncrease), unit: 'of rows' },
          { label: 'Unseen categories', value: percent(rules.unseenShare), unit: 'of rows' },
          { label: 'Far out of range', value: percent(rules.outOfRangeShare), unit: 'of rows' },
          { label: 'Wrong type', value: percent(rules.typeShare), unit: 'of rows' },
          { label: 'Latency, p99', value: span(rules.latencyP99Ms) },
          { label: 'Failed requests', value: percent(rules.errorShare), unit: 'of rows' },
          { label: 'Tested with at least', value: count(rules.minRows), unit: 'rows' },
          { label: 'False alarm of performance every', value: count(rules.falseAlarmDays), unit: 'windows' },
          { label: 'Features watched', value: features.map((feature) => feature.name).join(', ') || 'all' },
          { label: 'Segments', value: segments.join(', ') || 'none' },
          { label: 'Webhooks', value: webhooks.join(', ') || 'none' },
        ]}
      />
    </Panel>
  );
}
