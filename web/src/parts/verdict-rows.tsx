import { day } from '../format/times.ts';

type Verdict = 'ok' | 'warning' | 'failed' | null;

interface VerdictRowsProps {
  /** Start of each window, ms since the epoch. */
  readonly starts: readonly number[];
  readonly rows: readonly { readonly label: string; readonly verdicts: readonly Verdict[] }[];
}

const GLYPHS = { ok: '·', warning: '!', failed: '×' } as const;

/** One cell a window for each family of checks, and in words how many were not fine. */
export function VerdictRows({ starts, rows }: VerdictRowsProps) {
  return (
    <div className="verdicts">
      {rows.map(({ label, verdicts }) => (
        <div key={label} className="verdict-row">
          <span>{label}</span>
          <div className="verdict-cells" aria-hidden>
            {verdicts.map((verdict, index) => {
              const startMs = starts[index] ?? 0;
              return (
                <i
                  key={startMs}
                  data-tone={verdict ?? 'neutral'}
                  title={`${label} ${day(startMs)}: ${verdict ?? 'not judged yet'}`}
                >
                  {verdict ? GLYPHS[verdict] : ''}
                </i>
              );
            })}
          </div>
          <span className="verdict-sum">{summary(verdicts)}</span>
        </div>
      ))}
    </div>
  );
}

function summary(verdicts: readonly Verdict[]): string {
  const judged = verdicts.filter((verdict) => verdict !== null);
  const failed = judged.filter((verdict) => verdict === 'failed').length;
  const warned = judged.filter((verdict) => verdict === 'warning').length;
  const warnings = warned > 0 ? `, ${warned} warned` : '';
  return `${failed} of ${judged.length} ${judged.length === 1 ? 'window' : 'windows'} failed${warnings}`;
}
