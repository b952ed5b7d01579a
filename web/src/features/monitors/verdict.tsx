import type { MonitorVerdict } from '#contract';
import { Status } from '../../parts/status.tsx';

/** A verdict of a monitor as a state; `–` until there is one. */
export function Verdict({ verdict }: { readonly verdict: MonitorVerdict | null }) {
  if (verdict === null) return <span className="dimmed">–</span>;
  return <Status tone={verdict}>{verdict}</Status>;
}
