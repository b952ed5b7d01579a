import { execFile } from 'node:child_process';
import { readdir, readFile, statfs } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MB = 1e6;
/** Clock ticks a second in /proc, which is 100 on every Linux that Node runs on. */
const TICKS = 100;

interface Counters {
  readonly atMs: number;
  readonly busyMs: number;
  readonly totalMs: number;
  readonly received: number | undefined;
  readonly sent: number | undefined;
  /** CPU time of the process and all that descend from it. */
  readonly processMs: number | undefined;
}

/**
 * Measures the machine and the tree of processes below a command. Names and units are those of MLflow's system metrics,
 * so that runs of both stand in one chart; `system/process_…` are ours. CPU and network are means since the last look.
 */
export class ResourceMeter {
  readonly #pid: number;
  readonly #folder: string;
  #last: Counters | undefined;
  #firstReceived: number | undefined;
  #firstSent: number | undefined;

  /** @param folder whose disk to measure */
  constructor(pid: number, folder: string) {
    this.#pid = pid;
    this.#folder = folder;
  }

  async measure(): Promise<Readonly<Record<string, number>>> {
    const tree = await processTree(this.#pid);
    const network = await networkBytes();
    const now = countersOf(tree?.cpuMs, network);
    const last = this.#last;
    this.#last = now;
    this.#firstReceived ??= now.received;
    this.#firstSent ??= now.sent;
    const values: Record<string, number | undefined> = {
      ...memoryValues(),
      ...(await diskValues(this.#folder)),
      ...(await gpuValues()),
      'system/process_memory_megabytes': tree && tree.residentBytes / MB,
      'system/network_receive_megabytes': since(now.received, this.#firstReceived),
      'system/network_transmit_megabytes': since(now.sent, this.#firstSent),
    };
    if (last) {
      const total = now.totalMs - last.totalMs;
      if (total > 0) values['system/cpu_utilization_percentage'] = (100 * (now.busyMs - last.busyMs)) / total;
      if (now.processMs !== undefined && last.processMs !== undefined && now.atMs > last.atMs) {
        // A process that ended takes its time with it.
        const spent = Math.max(0, now.processMs - last.processMs);
        values['system/process_cpu_percentage'] = (100 * spent) / (now.atMs - last.atMs);
      }
    }
    return Object.fromEntries(
      Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    );
  }
}

function countersOf(processMs: number | undefined, network: Awaited<ReturnType<typeof networkBytes>>): Counters {
  let busyMs = 0;
  let totalMs = 0;
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq;
    totalMs += all;
    busyMs += all - times.idle;
  }
  return { atMs: performance.now(), busyMs, totalMs, received: network?.received, sent: network?.sent, processMs };
}

function since(now: number | undefined, first: number | undefined): number | undefined {
  return now === undefined || first === undefined ? undefined : (now - first) / MB;
}

function memoryValues() {
  const used = totalmem() - freemem();
  return {
    'system/system_memory_usage_megabytes': used / MB,
    'system/system_memory_usage_percentage': (100 * used) / totalmem(),
  };
}

async function diskValues(folder: string) {
  try {
    const { blocks, bavail, bfree, bsize } = await statfs(folder);
    return {
      'system/disk_usage_megabytes': ((blocks - bfree) * bsize) / MB,
      'system/disk_usage_percentage': (100 * (blocks - bfree)) / blocks,
      'system/disk_available_megabytes': (bavail * bsize) / MB,
    };
  } catch {
    return {};
  }
}

/** Bytes over all interfaces but the loopback, where /proc tells them. */
async function networkBytes(): Promise<{ received: number; sent: number } | undefined> {
  const text = await readFile('/proc/net/dev', 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  let received = 0;
  let sent = 0;
  for (const line of text.split('\n').slice(2)) {
    const [name, counts] = line.split(':');
    if (counts === undefined || name?.trim() === 'lo') continue;
    const numbers = counts.trim().split(/\s+/).map(Number);
    received += numbers[0] ?? 0;
    sent += numbers[8] ?? 0;
  }
  return { received, sent };
}

interface Tree {
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** CPU time and memory of a process and its descendants: from /proc where there is one, else from `ps`. */
async function processTree(root: number): Promise<Tree | undefined> {
  const known = (await processesOfProc()) ?? (await processesOfPs());
  if (!known?.has(root)) return undefined;
  const children = Map.groupBy(known.values(), ({ parent }) => parent);
  let cpuMs = 0;
  let residentBytes = 0;
  const waiting = [root];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    const process = known.get(pid);
    cpuMs += process?.cpuMs ?? 0;
    residentBytes += process?.residentBytes ?? 0;
    waiting.push(...(children.get(pid) ?? []).map((child) => child.pid));
  }
  return { cpuMs, residentBytes };
}

interface ProcessFacts extends Tree {
  readonly pid: number;
  readonly parent: number;
}

async function processesOfProc(): Promise<ReadonlyMap<number, ProcessFacts> | undefined> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name));
  if (pids.length === 0) return undefined;
  const found = new Map<number, ProcessFacts>();
  for (const name of pids) {
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => undefined);
    // The name of the program, in brackets, may hold anything.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (!fields) continue;
    const [parent = 0, user = 0, system = 0, pages = 0] = [1, 11, 12, 21].map((at) => Number(fields[at]));
    const pid = Number(name);
    found.set(pid, { pid, parent, cpuMs: ((user + system) * 1000) / TICKS, residentBytes: pages * 4096 });
  }
  return found;
}

async function processesOfPs(): Promise<ReadonlyMap<number, ProcessFacts> | undefined> {
  try {
    const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,rss=,time=']);
    const found = new Map<number, ProcessFacts>();
    for (const line of stdout.trim().split('\n')) {
      const [pid = '', parent = '', kb = '', time = ''] = line.trim().split(/\s+/);
      const seconds = time.split(/[-:]/).reduce((sum, part) => sum * 60 + Number(part), 0);
      const facts = { parent: Number(parent), cpuMs: seconds * 1000, residentBytes: Number(kb) * 1024 };
      found.set(Number(pid), { pid: Number(pid), ...facts });
    }
    return found;
  } catch {
    return undefined;
  }
}

let hasGpu: boolean | undefined;

async function gpuValues(): Promise<Readonly<Record<string, number>>> {
  if (hasGpu === false) return {};
  try {
    const query = '--query-gpu=index,utilization.gpu,memory.used,memory.total,power.draw';
    const { stdout } = await run('nvidia-smi', [query, '--format=csv,noheader,nounits']);
    hasGpu = true;
    const values: Record<string, number> = {};
    for (const line of stdout.trim().split('\n')) {
      const [index = 0, utilization, usedMib = Number.NaN, totalMib = 0, watts] = line.split(',').map(Number);
      const told = {
        utilization_percentage: utilization,
        memory_usage_megabytes: (usedMib * 1024 ** 2) / MB,
        memory_usage_percentage: totalMib > 0 ? (100 * usedMib) / totalMib : undefined,
        power_usage_watts: watts,
      };
      for (const [name, value] of Object.entries(told)) {
        // What a card cannot tell stands there as a word.
        if (Number.isFinite(value)) values[`system/gpu_${index}_${name}`] = value as number;
      }
    }
    return values;
  } catch {
    hasGpu = false;
    return {};
  }
}
