import { readdirSync, readFileSync } from 'node:fs';

/** One line of the kernel's process table, as far as we need it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly state: string;
  readonly group: number;
  /** Clock ticks since boot at which it started, as text: with the pid it names a process for the life of a boot. */
  readonly started: string;
  /** Processor time used, in clock ticks of 1/100 s. */
  readonly cpuTicks: number;
}

/** The entry of a process from `/proc`; undefined when it is gone, or where there is no `/proc`. */
export function findProcess(pid: number): ProcessEntry | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // It ended between two looks, which is what undefined says.
    return undefined;
  }
}

/**
 * Reads `/proc/<pid>/stat` (proc(5)). The second field is the program's name in parentheses and may hold anything,
 * so what counts starts after the last parenthesis.
 */
function parseStat(text: string): ProcessEntry {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    pid: Number.parseInt(text, 10),
    state: fields[0] ?? '?',
    group: Number(fields[2]),
    started: fields[19] ?? '-',
    cpuTicks: Number(fields[11]) + Number(fields[12]),
  };
}

/** The living members of a process group. Ended ones that nobody waited for do not count. */
export function groupMembers(group: number): readonly ProcessEntry[] {
  return allProcesses().filter((entry) => entry.group === group && !isDead(entry));
}

export function isDead(entry: ProcessEntry): boolean {
  return entry.state === 'Z' || entry.state === 'X';
}

function allProcesses(): readonly ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => findProcess(Number(name)) ?? []);
}

/** Resident memory of a process in bytes, and the largest it has been; zeros when it is gone. */
export function memoryOf(pid: number): { readonly rssBytes: number; readonly peakRssBytes: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kib = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
    return { rssBytes: kib('VmRSS') * 1024, peakRssBytes: kib('VmHWM') * 1024 };
  } catch {
    return { rssBytes: 0, peakRssBytes: 0 };
  }
}

/** Identifies this boot of the machine; `-` where the kernel does not say. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '-';
  }
}

/** True where `/proc` tells about processes (Linux). Elsewhere only signals can be asked. */
export const hasProcessTable: () => boolean = () => findProcess(process.pid) !== undefined;
