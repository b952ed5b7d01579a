import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootId, findProcess, groupMembers, hasProcessTable, isDead } from './process-table.ts';

/** Who holds a job: its wrapper process, which leads a session and process group of its own. */
export interface Claim {
  readonly pid: number;
  readonly started: string;
  readonly boot: string;
  /** When the claim was made, ms since the epoch. */
  readonly atMs: number;
}

/** A pid no process has: who claims with it keeps every wrapper from ever starting. */
const NOBODY = 0;

/** The claim in a job's folder; undefined before a wrapper made one. */
export function readClaim(folder: string): Claim | undefined {
  const file = join(folder, 'claim');
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  const [pid, started, boot] = text.trim().split(' ');
  return { pid: Number(pid), started: started ?? '-', boot: boot ?? '-', atMs: statSync(file).mtimeMs };
}

/** Claims a job for nobody, so that it never starts; false when a wrapper was first. */
export function claimForNobody(folder: string): boolean {
  const draft = join(folder, `claim.nobody-${process.pid}`);
  writeFileSync(draft, `${NOBODY} - -\n`);
  try {
    linkSync(draft, join(folder, 'claim'));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

export function isForNobody(claim: Claim): boolean {
  return claim.pid === NOBODY;
}

/** True while the wrapper itself lives. A process id given to somebody else since does not count. */
export function wrapperLives(claim: Claim): boolean {
  if (isForNobody(claim) || claim.boot !== bootId()) return false;
  if (!hasProcessTable()) return answersSignals(claim.pid);
  const entry = findProcess(claim.pid);
  return entry !== undefined && entry.started === claim.started && !isDead(entry);
}

/**
 * True while anything of the job runs: the wrapper, or what it left behind when it was killed. The kernel gives a
 * process id to nobody while a group has its number, so a stranger leading a group of that number means ours is gone.
 */
export function groupLives(claim: Claim): boolean {
  if (isForNobody(claim) || claim.boot !== bootId()) return false;
  if (wrapperLives(claim)) return true;
  if (!hasProcessTable()) return answersSignals(-claim.pid);
  const leader = findProcess(claim.pid);
  if (leader && leader.started !== claim.started) return false;
  return groupMembers(claim.pid).length > 0;
}

/** Sends a signal to every process of the job that is still ours. */
export function signalGroup(claim: Claim, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (!groupLives(claim)) return;
  try {
    process.kill(-claim.pid, signal);
  } catch (error) {
    // Gone between the look and the signal: what the signal was for.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function answersSignals(target: number): boolean {
  try {
    process.kill(target, 0);
    return true;
  } catch {
    return false;
  }
}
