import type { TimelineDay } from '#contract';
import { VerdictRows } from '../../parts/verdict-rows.tsx';

const CHECKS = [
  { id: 'integrity', label: 'Integrity' },
  { id: 'drift', label: 'Drift' },
  { id: 'performance', label: 'Performance' },
] as const;

/** The verdicts of the monitor, under the line of quality and by the same days. */
export function Verdicts({ days }: { readonly days: readonly TimelineDay[] }) {
  return (
    <div style={{ marginTop: 12, paddingTop: 12, borderTop: '1px solid var(--line)' }}>
      <VerdictRows
        starts={days.map((one) => one.startMs)}
        rows={CHECKS.map(({ id, label }) => ({ label, verdicts: days.map((one) => one[id]) }))}
      />
    </div>
  );
}
