import { readFile } from 'node:fs/promises';
import type { InputOfRun, LoggedMetric, MetricNumber } from '#contract';
import { newId, systemClock, systemRng } from '#platform/kernel';
import { createClient } from '../client.ts';
import { UnreachableError } from '../errors.ts';
import type { Entry, RunHead, Sink } from './entries.ts';
import { offlineSink } from './offline.ts';
import { onlineSink } from './online.ts';

export type Value = string | number | boolean;

export interface StartRun {
  readonly experiment: string;
  readonly name?: string;
  /** Id of the run it is part of. */
  readonly parent?: string;
  readonly params?: Readonly<Record<string, Value>>;
  readonly tags?: Readonly<Record<string, Value>>;
  readonly codeCommit?: string;
  readonly inputs?: readonly InputOfRun[];
  /** Server; TRIMTAB_URL or http://127.0.0.1:5000 if left out. */
  readonly url?: string;
  /** TRIMTAB_TOKEN if left out. */
  readonly token?: string;
  /** Writes to this folder and asks no server; upload it later with `trimtab sync <folder>`. */
  readonly offline?: string;
  /**
   * Where the run goes on when the server cannot be reached any more; `.trimtab/offline` if left out. Uploading the
   * folder joins it to what the server has.
   */
  readonly spool?: string;
}

export interface StartedRun {
  readonly id: string;
  /** The folder it is written to, when it is; undefined while a server takes it. */
  readonly folder: string | undefined;
  /** Logs numbers at a step. They are sent within a second; a loop need not wait. */
  log(values: Readonly<Record<string, number>>, step?: number, timestampMs?: number): void;
  /** Logs what the run was told. A param never changes. */
  params(values: Readonly<Record<string, Value>>): void;
  tags(values: Readonly<Record<string, Value>>): void;
  /** Stores bytes, text, or the file at a `file:` URL under a path of the run. */
  file(path: string, content: Uint8Array | string | URL): Promise<void>;
  /** Sends what waits. */
  flush(): Promise<void>;
  /** Ends the run; nothing can be logged through this object afterwards. */
  end(status?: 'finished' | 'failed' | 'killed'): Promise<void>;
}

const FLUSH_MS = 1000;
const MAX_METRICS = 1000;
const MAX_TEXTS = 100;
/** How long a server may be away before the run goes on in the spool folder; when it begins, somebody waits. */
const PATIENCE_MS = 10_000;
const BEGIN_PATIENCE_MS = 1000;

/**
 * Starts a run and gives a handle to log to it. Logging never throws for a server that went away: the run then goes on in
 * a folder (see {@link StartRun.spool}). A server that refuses what is logged makes `flush` and `end` throw.
 *
 * @throws ApiError when the server refuses the run
 * @example
 * const run = await startRun({ experiment: 'delays', params: { depth: 6 } });
 * for (let step = 0; step < 100; step++) run.log({ loss: 1 / (step + 1) }, step);
 * await run.end();
 */
export async function startRun(request: StartRun): Promise<StartedRun> {
  const head = headOf(request);
  const spool = request.offline ?? request.spool ?? '.trimtab/offline';
  const log: Entry[] = [];
  let folder: string | undefined;
  let sink: Sink;

  async function goOffline(): Promise<Sink> {
    const offline = offlineSink(spool);
    await offline.begin(head);
    folder = spool;
    return offline;
  }

  if (request.offline !== undefined) sink = await goOffline();
  else {
    const baseUrl = (request.url ?? process.env.TRIMTAB_URL ?? 'http://127.0.0.1:5000').replace(/\/$/, '');
    const token = request.token ?? process.env.TRIMTAB_TOKEN;
    const sinkOf = (patienceMs: number) =>
      onlineSink(createClient({ baseUrl, patienceMs, ...(token ? { token } : {}) }), head.id);
    sink = sinkOf(PATIENCE_MS);
    try {
      await sinkOf(BEGIN_PATIENCE_MS).begin(head);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      sink = await goOffline();
    }
  }

  async function write(entry: Entry): Promise<void> {
    try {
      await sink.write(entry);
    } catch (error) {
      if (!(error instanceof UnreachableError) || folder !== undefined) throw error;
      sink = await goOffline();
      await sink.write(entry);
    }
  }

  let metrics: LoggedMetric[] = [];
  let params: Record<string, string> = {};
  let tags: Record<string, string> = {};
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let failure: unknown;

  function queueBatch(): void {
    clearTimeout(timer);
    timer = undefined;
    if (metrics.length === 0 && Object.keys(params).length === 0 && Object.keys(tags).length === 0) return;
    log.push({ kind: 'batch', metrics, params, tags });
    [metrics, params, tags] = [[], {}, {}];
  }

  /** One after another, in the order in which they were logged. */
  function send(): Promise<void> {
    queueBatch();
    writing = writing.then(async () => {
      for (let entry = log.shift(); entry; entry = log.shift()) {
        try {
          await write(entry);
        } catch (error) {
          // What is refused is told at the next flush; what follows may still be good.
          failure ??= error;
        }
      }
    });
    return writing;
  }

  function soon(): void {
    const full =
      metrics.length >= MAX_METRICS || Object.keys(params).length >= MAX_TEXTS || Object.keys(tags).length >= MAX_TEXTS;
    if (full) void send();
    else timer ??= setTimeout(() => void send(), FLUSH_MS).unref();
  }

  async function flush(): Promise<void> {
    await send();
    if (failure === undefined) return;
    const error = failure;
    failure = undefined;
    throw error;
  }

  return {
    id: head.id,
    get folder() {
      return folder;
    },
    log(values, step = 0, timestampMs = systemClock.now()) {
      for (const [key, value] of Object.entries(values)) {
        if (metrics.length >= MAX_METRICS) void send();
        metrics.push({ key, value: wireNumber(value), step, timestampMs });
      }
      soon();
    },
    params(values) {
      for (const [key, text] of Object.entries(textsOf(values))) {
        if (Object.keys(params).length >= MAX_TEXTS) void send();
        params[key] = text;
      }
      soon();
    },
    tags(values) {
      for (const [key, text] of Object.entries(textsOf(values))) {
        if (Object.keys(tags).length >= MAX_TEXTS) void send();
        tags[key] = text;
      }
      soon();
    },
    async file(path, content) {
      queueBatch();
      log.push({ kind: 'file', path, bytes: await bytesOf(content) });
      await flush();
    },
    flush,
    async end(status = 'finished') {
      queueBatch();
      log.push({ kind: 'end', status, endedAtMs: systemClock.now() });
      await flush();
    },
  };
}

function headOf(request: StartRun): RunHead {
  const { experiment, name, parent, codeCommit, params = {}, tags = {}, inputs = [] } = request;
  return {
    id: newId(systemClock, systemRng()),
    experiment,
    ...(name === undefined ? {} : { name }),
    ...(parent === undefined ? {} : { parent }),
    ...(codeCommit === undefined ? {} : { codeCommit }),
    startedAtMs: systemClock.now(),
    params: textsOf(params),
    tags: textsOf(tags),
    inputs,
  };
}

function textsOf(values: Readonly<Record<string, Value>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}

function wireNumber(value: number): MetricNumber {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

async function bytesOf(content: Uint8Array | string | URL): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  if (content instanceof URL) return readFile(content);
  return new Uint8Array(content);
}
