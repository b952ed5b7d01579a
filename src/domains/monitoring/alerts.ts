import type { Events } from '#platform/events';
import { type Clock, newId, type Rng, ref } from '#platform/kernel';
import type { Sql } from '#platform/sql';
import type { Alert, MonitorVerdict } from './model.ts';
import type { AlertStore } from './store/alert-store.ts';
import type { StoredMonitor } from './store/monitor-store.ts';

export const ALERT_TOPICS = ['monitoring.alert.raised', 'monitoring.alert.resolved'] as const;

type Family = Alert['family'];

/** What a pass found of one family. */
export interface Finding {
  readonly family: Family;
  readonly verdict: MonitorVerdict;
  readonly words: string;
}

export type Alerts = ReturnType<typeof alertBook>;

/**
 * Alerts: one open alert at most a monitor and family. A failed window opens it, further ones confirm it, a window that
 * is ok ends it; a warning leaves it as it is. Each opening and ending is an event, from which webhooks are called.
 */
export function alertBook({
  store,
  events,
  clock,
  rng,
}: {
  readonly store: AlertStore;
  readonly events: Events;
  readonly clock: Clock;
  readonly rng: Rng;
}) {
  async function note(
    tx: Sql,
    monitor: StoredMonitor,
    window: { readonly startMs: number; readonly dueMs: number },
    findings: readonly Finding[],
  ): Promise<void> {
    const open = await store.listOpen(tx, monitor.name);
    for (const { family, verdict, words } of findings) {
      const present = open.find((alert) => alert.family === family);
      if (verdict === 'failed') {
        await (present ? confirm(tx, present, window.startMs) : raise(tx, monitor, window, family, words));
      } else if (verdict === 'ok' && present) {
        await resolve(tx, present, window.dueMs);
      }
    }
  }

  async function raise(
    tx: Sql,
    monitor: StoredMonitor,
    { startMs, dueMs }: { readonly startMs: number; readonly dueMs: number },
    family: Family,
    words: string,
  ): Promise<void> {
    const alert: Alert = {
      id: newId(clock, rng),
      monitor: monitor.name,
      endpoint: monitor.endpoint,
      family,
      state: 'open',
      severity: 'failed',
      words,
      windowStartMs: startMs,
      raisedAtMs: dueMs,
      lastSeenMs: startMs,
      windows: 1,
      resolvedAtMs: null,
    };
    await store.put(tx, alert);
    await tell(tx, 'monitoring.alert.raised', alert);
  }

  function confirm(tx: Sql, alert: Alert, startMs: number): Promise<void> {
    return store.put(tx, { ...alert, lastSeenMs: startMs, windows: alert.windows + 1 });
  }

  async function resolve(tx: Sql, alert: Alert, atMs: number): Promise<void> {
    const resolved: Alert = { ...alert, state: 'resolved', resolvedAtMs: atMs };
    await store.put(tx, resolved);
    await tell(tx, 'monitoring.alert.resolved', resolved);
  }

  function tell(tx: Sql, topic: (typeof ALERT_TOPICS)[number], alert: Alert): Promise<void> {
    return events.publish(tx, { topic, subject: ref('monitor', alert.monitor), payload: { ...alert } });
  }

  return {
    note,
    async resolveAll(tx: Sql, monitor: StoredMonitor, families: readonly Family[], atMs: number): Promise<void> {
      for (const alert of await store.listOpen(tx, monitor.name)) {
        if (families.includes(alert.family)) await resolve(tx, alert, atMs);
      }
    },
    countOpen: () => store.countOpen(),
    list: store.list.bind(store),
  };
}
