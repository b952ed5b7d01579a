import type { QueryClient } from '@tanstack/react-query';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { client } from './client.ts';
import { readEvents } from './event-stream.ts';

export type Connection = 'connecting' | 'live' | 'lost';

const REFRESH_EVERY_MS = 1_500;
const RETRY_AFTER_MS = 3_000;

/** Which answers can change when something happens in a domain; a domain always concerns its own. */
const CONCERNS: Readonly<Record<string, readonly string[]>> = {
  data: ['governance'],
  tracking: ['tuning'],
  registry: ['governance', 'loop'],
  serving: ['governance', 'loop'],
  monitoring: ['loop'],
  pipelines: ['tracking', 'server'],
  loop: ['governance', 'server'],
};

/** Keeps one event stream open and marks answers as old when their domain reports a change. */
export function useLiveUpdates(): Connection {
  const queries = useQueryClient();
  const [connection, setConnection] = useState<Connection>('connecting');
  useEffect(() => {
    const refresher = new Refresher(queries);
    const stop = new AbortController();
    void follow(refresher, setConnection, stop.signal);
    return () => {
      stop.abort();
      refresher.stop();
    };
  }, [queries]);
  return connection;
}

async function follow(refresher: Refresher, report: (state: Connection) => void, stop: AbortSignal): Promise<void> {
  let first = true;
  while (!stop.aborted) {
    try {
      const response = await client.server.events();
      if (!response.body) return;
      if (stop.aborted) return void response.body.cancel();
      report('live');
      // What happened while the stream was down is unknown: everything is asked for again.
      if (!first) refresher.everything();
      first = false;
      for await (const { event } of readEvents(response.body, stop)) {
        refresher.changed(event.split('.')[0] ?? event);
      }
    } catch {
      // The server is gone or restarting: the shell says so, and the loop tries again.
    }
    if (stop.aborted) return;
    report('lost');
    await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
  }
}

/** Collects changed domains and refreshes them together, so a burst of events is one round of requests. */
class Refresher {
  readonly #queries: QueryClient;
  readonly #changed = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(queries: QueryClient) {
    this.#queries = queries;
  }

  changed(domain: string): void {
    this.#changed.add(domain);
    for (const other of CONCERNS[domain] ?? []) this.#changed.add(other);
    this.#timer ??= setTimeout(() => this.#refresh(), REFRESH_EVERY_MS);
  }

  everything(): void {
    void this.#queries.invalidateQueries();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #refresh(): void {
    this.#timer = undefined;
    for (const domain of this.#changed) void this.#queries.invalidateQueries({ queryKey: [domain] });
    this.#changed.clear();
  }
}
