import type { TimelineDay } from '#contract';
import { day } from '../../format/times.ts';

const CHECKS = [
  { id: 'integrity', label: 'Integrity' },
  { id: 'drift', label: 'Drift' },
  { id: 'performance', label: 'Performance' },
] as const;

const GLYPHS = { ok: '·', warning: '!', failed: '×' } as const;

/** One cell a day for each verdict of the monitor, and in words how many were not fine. */
export function Verdicts({ days }: { readonly days: readonly TimelineDay[] }) {
  return (
    <div className="verdicts">
      {CHECKS.map(({ id, label }) => (
        <div key={id} className="verdict-row">
          <span>{label}</span>
          <div className="verdict-cells" aria-hidden>
            {days.map((one) => (
              <i
                key={one.startMs}
                data-tone={one[id] ?? 'neutral'}
                title={`${label} ${day(one.startMs)}: ${one[id] ?? 'not judged yet'}`}
              >
                {one[id] ? GLYPHS[one[id]] : ''}
              </i>
            ))}
          </div>
          <span className="verdict-sum">{summary(days.map((one) => one[id]))}</span>
        </div>
      ))}
    </div>
  );
}

function summary(verdicts: readonly TimelineDay['drift'][]): string {
  const judged = verdicts.filter((verdict) => verdict !== null);
  const failed = judged.filter((verdict) => verdict === 'failed').length;
  const warned = judged.filter((verdict) => verdict === 'warning').length;
  const warnings = warned > 0 ? `, ${warned} warned` : '';
  return `${failed} of ${judged.length} ${judged.length === 1 ? 'day' : 'days'} failed${warnings}`;
}
