import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalProcesses } from '#platform/jobs';
import type { StepExecutor, StepProcessStatus } from './step-executor.ts';

/** Runs attempts as processes of this machine that outlive the server. `folder` holds a folder for each attempt. */
export function createLocalExecutor(options: {
  readonly processes: LocalProcesses;
  readonly folder: string;
}): StepExecutor {
  const { processes, folder } = options;

  function told(id: string, status: ReturnType<LocalProcesses['status']>): StepProcessStatus {
    if (status.state !== 'exited') return status;
    const outOfMemory = status.signal === 'SIGKILL' && !status.stopped && memoryKills() > killsBefore(id);
    return { ...status, outOfMemory };
  }

  /** How often the kernel had killed for lack of memory when the attempt was started. */
  function killsBefore(id: string): number {
    const file = noteIn(join(folder, id));
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    return text === '' ? Number.POSITIVE_INFINITY : Number(text);
  }

  return {
    start: async (attempt) => {
      const file = noteIn(attempt.folder);
      if (!existsSync(file)) writeFileSync(file, String(memoryKills()));
      await processes.start({ id: attempt.id, argv: attempt.argv, cwd: attempt.cwd, env: attempt.env });
    },
    status: async (id) => told(id, processes.status(id)),
    wait: async (id, signal) => told(id, await processes.wait(id, signal)),
    stop: (id) => processes.stop(id),
    logs: async (id, offset) => processes.logs(id, offset),
    usage: async (id) => processes.usage(id),
    list: async () => processes.list(),
    remove: async (id) => processes.remove(id),
  };
}

function noteIn(folder: string): string {
  return join(folder, 'executor-memory-kills');
}

/** How often the kernel has killed a process for lack of memory: on this machine, and in our control group. */
function memoryKills(): number {
  return counter('/proc/vmstat') + counter('/sys/fs/cgroup/memory.events');
}

function counter(file: string): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
  } catch {
    // Not every kernel counts; then a kill by the kernel is told from others by what the process wrote, or not at all.
    return 0;
  }
}
