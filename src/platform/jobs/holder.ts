import { hostname } from 'node:os';
import { bootId, findProcess, hasProcessTable, isDead } from './process-table.ts';

/** Names this very process among all processes of all machines: `<host>/<boot>/<pid>/<start time>`. */
export function thisHolder(): string {
  return [hostname(), bootId(), process.pid, findProcess(process.pid)?.started ?? '-'].join('/');
}

/** True when the process that a holder names is known to be gone; false when it lives or cannot be known. */
export function holderIsDead(holder: string): boolean {
  const [host, boot, pid, started] = holder.split('/');
  if (host !== hostname() || !hasProcessTable()) return false;
  if (boot !== bootId()) return true;
  const entry = findProcess(Number(pid));
  return !entry || isDead(entry) || entry.started !== started;
}
