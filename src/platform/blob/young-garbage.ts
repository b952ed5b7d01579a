import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** After so many bytes the young are looked through. */
const SWEEP_BYTES = 16 * 1024 * 1024;

let collect: ((options: { readonly type: 'minor' }) => void) | undefined;
let passedBytes = 0;

/**
 * Counts bytes of buffers that live for a moment while a file streams through. Their memory lies outside V8's heap, which
 * collects everything once 64 MiB of such memory wait, though a look at what is young would free it: for a file of 1 GiB
 * that is 50 whole collections, more than half of all the time it takes. So the young are collected here, in time.
 */
export function passedThrough(bytes: number): void {
  passedBytes += bytes;
  if (passedBytes < SWEEP_BYTES) return;
  passedBytes = 0;
  collect ??= exposedCollector();
  collect({ type: 'minor' });
}

function exposedCollector(): NonNullable<typeof collect> {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}
