import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { buildHistograms } from './histogram.ts';
import { CONTROL, type WorkerTask } from './threads.ts';

/** The program of a thread that sums histograms. It sleeps between rounds and ends when told to stop. */
if (!isMainThread) {
  // Only `threads.ts` starts this file, and gives it this.
  const { control, memory, first, last } = workerData as WorkerTask;
  let round = Atomics.load(control, CONTROL.round);
  parentPort?.postMessage('ready');
  for (;;) {
    Atomics.wait(control, CONTROL.round, round);
    const next = Atomics.load(control, CONTROL.round);
    if (next === round) continue;
    round = next;
    if (Atomics.load(control, CONTROL.stop) === 1) break;
    const begin = control[CONTROL.begin] as number;
    const end = control[CONTROL.end] as number;
    const slot = control[CONTROL.slot] as number;
    const parentSlot = control[CONTROL.parentSlot] as number;
    buildHistograms(memory, { begin, end, slot, parentSlot }, first, last);
    Atomics.add(control, CONTROL.done, 1);
    Atomics.notify(control, CONTROL.done);
  }
}
