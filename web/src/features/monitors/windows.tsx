import { Link } from '@tanstack/react-router';
import type { WindowSummary } from '#contract';
import { count } from '../../format/numbers.ts';
import { day } from '../../format/times.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Verdict } from './verdict.tsx';

interface WindowsProps {
  readonly monitor: string;
  readonly windows: readonly WindowSummary[];
  readonly chosen: number | undefined;
}

/** Every window in short; its date opens the whole report below. */
export function Windows({ monitor, windows, chosen }: WindowsProps) {
  return (
    <Panel title="Windows" note="newest first" flush>
      <DataTable
        label="Windows"
        rows={windows}
        rowKey={(window) => window.startMs}
        order={{ column: 'start', descending: true }}
        limit={8}
        columns={[
          {
            id: 'start',
            header: 'Start, UTC',
            tight: true,
            sort: (window) => window.startMs,
            cell: (window) => (
              <Link
                to="/monitors/$monitor"
                params={{ monitor }}
                search={{ window: String(window.startMs) }}
                hash="window"
                aria-current={window.startMs === chosen ? 'true' : undefined}
              >
                {day(window.startMs)}
              </Link>
            ),
          },
          {
            id: 'rows',
            header: 'Predictions',
            align: 'number',
            sort: (window) => window.rows,
            cell: (window) => count(window.rows),
          },
          {
            id: 'labelled',
            header: 'Labelled',
            align: 'number',
            wide: true,
            cell: (window) => (window.labelled === null ? 'not yet' : count(window.labelled)),
          },
          { id: 'integrity', header: 'Integrity', cell: (window) => <Verdict verdict={window.integrity} /> },
          { id: 'drift', header: 'Drift', cell: (window) => <Verdict verdict={window.drift} /> },
          { id: 'latency', header: 'Latency', wide: true, cell: (window) => <Verdict verdict={window.latency} /> },
          { id: 'performance', header: 'Performance', cell: (window) => <Verdict verdict={window.performance} /> },
          {
            id: 'problems',
            header: 'What was found',
            long: true,
            wide: true,
            cell: (window) => <Found problems={window.problems} />,
          },
        ]}
      />
    </Panel>
  );
}

/** The first problem of a window; its report below names all. */
function Found({ problems }: { readonly problems: readonly string[] }) {
  const [first, ...others] = problems;
  if (first === undefined) return <span className="dimmed">nothing</span>;
  return (
    <>
      {first}
      {others.length > 0 && <span className="dimmed"> and {others.length} more</span>}
    </>
  );
}
