import { Worker } from 'node:worker_threads';
import { buildHistograms, type HistogramMemory, type HistogramTask } from './histogram.ts';

/** Cells of control shared by this thread and the workers. */
export const CONTROL = { round: 0, done: 1, begin: 2, end: 3, slot: 4, parentSlot: 5, stop: 6, length: 7 } as const;

/** What a worker is given: the features it is to sum, and all memory. */
export interface WorkerTask {
  readonly control: Int32Array;
  readonly memory: HistogramMemory;
  readonly first: number;
  readonly last: number;
}

export interface HistogramThreads {
  build(task: HistogramTask): void;
  stop(): Promise<void>;
}

/** Handing work to another thread takes about 20 µs: what is done in less is done here. */
const SMALLEST_SHARED_CELLS = 50_000;
const LONGEST_WAIT_MS = 120_000;

/**
 * Shares the features out among `threads` threads, this one included. Each feature is summed by one thread in the order
 * of the rows, so the sums are the same bit by bit for any number of threads.
 */
export async function histogramThreads(memory: HistogramMemory, threads: number): Promise<HistogramThreads> {
  const { featureCount } = memory;
  const worthwhile = Math.floor((memory.rows.length * featureCount) / SMALLEST_SHARED_CELLS);
  const count = Math.max(1, Math.min(threads, featureCount, worthwhile));
  if (count === 1) {
    return { build: (task) => buildHistograms(memory, task, 0, featureCount), stop: async () => {} };
  }
  const cut = (part: number) => Math.round((part * featureCount) / count);
  const control = new Int32Array(new SharedArrayBuffer(4 * CONTROL.length));
  const workers = await Promise.all(
    Array.from({ length: count - 1 }, (_, i) => startWorker({ control, memory, first: cut(i + 1), last: cut(i + 2) })),
  );
  return {
    build(task) {
      if ((task.end - task.begin) * featureCount < SMALLEST_SHARED_CELLS) {
        buildHistograms(memory, task, 0, featureCount);
        return;
      }
      control[CONTROL.begin] = task.begin;
      control[CONTROL.end] = task.end;
      control[CONTROL.slot] = task.slot;
      control[CONTROL.parentSlot] = task.parentSlot;
      Atomics.store(control, CONTROL.done, 0);
      Atomics.add(control, CONTROL.round, 1);
      Atomics.notify(control, CONTROL.round);
      buildHistograms(memory, task, 0, cut(1));
      for (let done = Atomics.load(control, CONTROL.done); done < workers.length; ) {
        if (Atomics.wait(control, CONTROL.done, done, LONGEST_WAIT_MS) === 'timed-out') {
          throw new Error('A thread that sums histograms does not answer.');
        }
        done = Atomics.load(control, CONTROL.done);
      }
    },
    async stop() {
      Atomics.store(control, CONTROL.stop, 1);
      Atomics.add(control, CONTROL.round, 1);
      Atomics.notify(control, CONTROL.round);
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

async function startWorker(workerData: WorkerTask): Promise<Worker> {
  // Source and built package differ in the ending of file names only.
  const ending = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
  const worker = new Worker(new URL(`./histogram-worker${ending}`, import.meta.url), { workerData });
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
  });
  return worker;
}
