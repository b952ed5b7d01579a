import { systemClock } from '#platform/kernel';
import type { Client } from '#sdk';

const BATCH = 200;

interface LoggedMetric {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  readonly timestampMs: number;
}

/** Collects metrics by iteration and sends them together. */
export class MetricLog {
  readonly #client: Client;
  readonly #run: string;
  #waiting: LoggedMetric[] = [];

  constructor(client: Client, run: string) {
    this.#client = client;
    this.#run = run;
  }

  add(step: number, values: Readonly<Record<string, number | undefined>>): void {
    const timestampMs = systemClock.now();
    for (const [key, value] of Object.entries(values)) {
      if (value !== undefined) this.#waiting.push({ key, value, step, timestampMs });
    }
  }

  /** Sends what waits; sent again after a lost answer, it changes nothing. */
  async flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let start = 0; start < waiting.length; start += BATCH) {
      const metrics = waiting.slice(start, start + BATCH);
      await this.#client.tracking.logBatch({ params: { run: this.#run }, body: { metrics } });
    }
  }
}
