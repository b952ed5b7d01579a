import type { Events, StoredEvent } from '#platform/events';
import type { Clock } from '#platform/kernel';
import { ALERT_TOPICS } from './alerts.ts';
import type { Alert } from './model.ts';
import type { AlertStore } from './store/alert-store.ts';
import type { MonitorStore } from './store/monitor-store.ts';

const TIMEOUT_MS = 5000;

/**
 * Sends each alert, as JSON, to the addresses of its monitor. Driven by the outbox: an alert that is stored is sent at
 * least once, and an address that got it is not called again because another failed.
 */
export function sendAlerts(options: {
  readonly events: Events;
  readonly clock: Clock;
  readonly monitors: MonitorStore;
  readonly store: AlertStore;
  readonly fetch: typeof globalThis.fetch;
  readonly onAlert?: (alert: Alert) => void;
}): void {
  const { events, clock, monitors, store, fetch } = options;

  events.subscribe('monitoring-webhooks', ALERT_TOPICS, async (event: StoredEvent) => {
    // Published by this domain, from an alert.
    const alert = event.payload as unknown as Alert;
    const addresses = (await monitors.find(alert.monitor))?.settings.webhooks ?? [];
    const done = await store.delivered(event.sequence);
    const failures: string[] = [];
    for (const url of addresses.filter((address) => !done.has(address))) {
      const problem = await post(url, event, alert);
      if (problem === undefined) await store.noteDelivered(event.sequence, url, clock.now());
      else failures.push(`${new URL(url).host}: ${problem}`);
    }
    if (failures.length > 0) throw new Error(`alert ${alert.id} did not reach ${failures.join(', ')}`);
  });
  if (options.onAlert) {
    const { onAlert } = options;
    events.subscribe('monitoring-alert-log', ALERT_TOPICS, async ({ payload }) => onAlert(payload as unknown as Alert));
  }

  /** What went wrong, or undefined when the address took it. */
  async function post(url: string, event: StoredEvent, alert: Alert): Promise<string | undefined> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'trimtab-event': String(event.sequence) },
        body: JSON.stringify({ event: event.topic, alert }),
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      return response.ok ? undefined : `it answered ${response.status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
