import { Worker } from 'node:worker_threads';

export interface DigestRequest {
  readonly stream: number;
  readonly bytes?: Uint8Array;
  readonly end?: 'digest' | 'drop';
}

export interface DigestAnswer {
  readonly stream: number;
  /** At the end. */
  readonly hex: string | undefined;
}

/** The SHA-256 of a long stream, computed on a thread of its own, so that the event loop has the time for it. */
export interface StreamDigest {
  /** @param bytes on a SharedArrayBuffer; not to be changed until the answer comes */
  update(bytes: Uint8Array): Promise<void>;
  /** 64 hex digits. */
  digest(): Promise<string>;
  /** Ends it before its time; nothing may be asked of it any more. */
  drop(): void;
}

interface Waiting {
  readonly stream: number;
  readonly resolve: (hex: string | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** One thread for all streams: it is as fast as a disk, and a second core is seldom free. */
let thread: { readonly worker: Worker; waiting: Waiting[] } | undefined;
let streams = 0;

export function openStreamDigest(): StreamDigest {
  const stream = streams++;
  const own = running();
  const ask = (request: Omit<DigestRequest, 'stream'>) =>
    new Promise<string | undefined>((resolve, reject) => {
      own.waiting.push({ stream, resolve, reject });
      own.worker.ref();
      own.worker.postMessage({ stream, ...request } satisfies DigestRequest);
    });
  return {
    update: async (bytes) => void (await ask({ bytes })),
    digest: async () => (await ask({ end: 'digest' })) ?? '',
    drop: () => own.worker.postMessage({ stream, end: 'drop' } satisfies DigestRequest),
  };
}

function running() {
  if (thread) return thread;
  const worker = new Worker(new URL('./digest-worker.ts', import.meta.url));
  const started = { worker, waiting: [] as Waiting[] };
  worker.on('message', ({ hex }: DigestAnswer) => {
    started.waiting.shift()?.resolve(hex);
    // It keeps the process alive only while something is asked of it.
    if (started.waiting.length === 0) worker.unref();
  });
  worker.on('error', (error) => {
    thread = undefined;
    for (const { reject } of started.waiting.splice(0)) reject(error);
  });
  worker.unref();
  thread = started;
  return started;
}
