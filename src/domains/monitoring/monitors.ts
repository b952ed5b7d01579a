import type { Monitor, MonitorChange, NewMonitor } from '#contract';
import type { Events } from '#platform/events';
import { assertName, type Clock, ref } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import type { Alerts } from './alerts.ts';
import { monitoringErrors } from './errors.ts';
import {
  DAY_MS,
  EMPTY_SEQUENCE,
  type FrozenColumn,
  type FrozenReference,
  type MonitorRules,
  PREDICTION,
} from './model.ts';
import type { PointerLog } from './ports.ts';
import type { MonitorSettings, MonitorStore, StoredMonitor } from './store/monitor-store.ts';
import type { ReferenceStore } from './store/reference-store.ts';
import type { WindowStore } from './store/window-store.ts';

const DEFAULT_RULES: MonitorRules = {
  driftAlpha: 0.01,
  driftPsi: 0.15,
  driftWindows: 1,
  driftOf: 1,
  missingIncrease: 0.05,
  unseenShare: 0.05,
  outOfRangeShare: 0.05,
  typeShare: 0.01,
  minRows: 50,
  latencyP99Ms: 250,
  errorShare: 0.01,
  falseAlarmDays: 365,
};

/** How far back the latest verdicts of a monitor are looked for; performance comes windows later than inputs. */
const LATEST_WINDOWS = 30;
const MOST_ATTEMPTS = 10;

export interface MonitorParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly timeline: Clock;
  readonly events: Events;
  readonly pointerLog: PointerLog;
  readonly monitors: MonitorStore;
  readonly references: ReferenceStore;
  readonly windows: WindowStore;
  readonly alerts: Alerts;
}

/** Monitors themselves: making, changing and telling of them. */
export function monitorVerbs(parts: MonitorParts) {
  const { database, clock, timeline, events, pointerLog, monitors, references, windows, alerts } = parts;

  async function findMonitor(name: string): Promise<StoredMonitor> {
    const monitor = await monitors.find(name);
    if (!monitor) throw monitoringErrors.MONITORING_MONITOR_NOT_FOUND({ monitor: name });
    return monitor;
  }

  async function findReference(id: string): Promise<FrozenReference> {
    const reference = await references.find(id);
    if (!reference) throw monitoringErrors.MONITORING_REFERENCE_NOT_FOUND({ reference: id });
    return reference;
  }

  async function create(request: NewMonitor, actor: string): Promise<Monitor> {
    assertName('monitor', request.name);
    assertName('endpoint', request.endpoint);
    const reference = await findReference(request.reference);
    const { windowMs = reference.windowMs, startMs = timeline.now() } = request;
    const firstMs = Math.floor(startMs / windowMs) * windowMs;
    const settings: MonitorSettings = {
      windowMs,
      startMs: firstMs,
      features: request.features,
      segments: request.segments ?? [],
      graceMs: request.graceMs ?? 0,
      labelDelayMs: request.labelDelayMs ?? DAY_MS,
      rules: { ...DEFAULT_RULES, ...request.rules },
      webhooks: request.webhooks ?? [],
    };
    assertSettings(settings, reference);
    const monitor: StoredMonitor = {
      name: request.name,
      endpoint: request.endpoint,
      reference: request.reference,
      referenceSinceMs: firstMs,
      settings,
      inputsNextMs: firstMs,
      performanceNextMs: firstMs,
      sequence: EMPTY_SEQUENCE,
      revision: 1,
      createdAtMs: clock.now(),
    };
    await database.transaction(async (tx) => {
      if (!(await monitors.create(tx, monitor))) return;
      await moved(tx, actor, monitor, { from: null, to: request.reference, reason: 'created' });
    });
    const stored = await findMonitor(request.name);
    const difference =
      stored.endpoint !== request.endpoint
        ? `endpoint, "${stored.endpoint}"`
        : stored.settings.windowMs !== windowMs
          ? `length of windows, ${stored.settings.windowMs} ms`
          : undefined;
    if (difference) throw monitoringErrors.MONITORING_MONITOR_EXISTS({ monitor: request.name, difference });
    return answer(stored);
  }

  /** Windows are evaluated all the while, which moves the monitor too; so a lost race is run again. */
  async function change(name: string, request: MonitorChange, actor: string): Promise<Monitor> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const stored = await findMonitor(name);
      const changes = await changesOf(stored, request);
      if (!changes || (await applied(stored, changes, request.reason, actor))) return answer(await findMonitor(name));
    }
    throw monitoringErrors.MONITORING_MONITOR_CONFLICT({ monitor: name });
  }

  /** What a request would change, or undefined when it is so already. */
  async function changesOf(stored: StoredMonitor, request: MonitorChange): Promise<Partial<StoredMonitor> | undefined> {
    const { reference = stored.reference, reason: _reason, rules, ...others } = request;
    const settings = { ...stored.settings, ...others, rules: { ...stored.settings.rules, ...rules } };
    assertSettings(settings, await findReference(reference));
    if (reference !== stored.reference) {
      return { settings, reference, referenceSinceMs: stored.inputsNextMs, sequence: EMPTY_SEQUENCE };
    }
    return JSON.stringify(settings) === JSON.stringify(stored.settings) ? undefined : { settings };
  }

  async function applied(
    stored: StoredMonitor,
    changes: Partial<StoredMonitor>,
    reason: string,
    actor: string,
  ): Promise<boolean> {
    const { reference = stored.reference } = changes;
    return database.transaction(async (tx) => {
      if (!(await monitors.update(tx, stored, changes))) return false;
      await moved(tx, actor, stored, { from: stored.reference, to: reference, reason });
      // They told of a difference to the former reference.
      if (changes.reference) await alerts.resolveAll(tx, stored, ['drift', 'performance'], timeline.now());
      return true;
    });
  }

  async function remove(name: string, actor: string, reason = 'deleted'): Promise<void> {
    const stored = await findMonitor(name);
    await database.transaction(async (tx) => {
      if (!(await monitors.delete(tx, stored))) throw monitoringErrors.MONITORING_MONITOR_CONFLICT({ monitor: name });
      await moved(tx, actor, stored, { from: stored.reference, to: null, reason });
    });
  }

  async function moved(
    tx: Sql,
    actor: string,
    monitor: StoredMonitor,
    { from, to, reason }: { readonly from: string | null; readonly to: string | null; readonly reason: string },
  ): Promise<void> {
    const pointer = ref('monitor', monitor.name);
    await pointerLog.record(tx, { actor, pointer, from, to, reason });
    const payload = { monitor: monitor.name, endpoint: monitor.endpoint, reference: to, reason };
    const topic =
      from === null
        ? 'monitoring.monitor.created'
        : to === null
          ? 'monitoring.monitor.deleted'
          : 'monitoring.monitor.changed';
    await events.publish(tx, { topic, subject: pointer, payload });
  }

  async function answer(stored: StoredMonitor, open?: number): Promise<Monitor> {
    const { settings, name, endpoint, reference, createdAtMs, referenceSinceMs } = stored;
    const recent = await windows.listSummaries(name, { limit: LATEST_WINDOWS });
    const last = recent.at(-1);
    const judged = recent.findLast((window) => window.performance !== null);
    const features = settings.features ?? defaultFeatures(await findReference(reference));
    return {
      ...settings,
      ...{ name, endpoint, reference, createdAtMs, referenceSinceMs },
      features: [...features],
      segments: [...settings.segments],
      webhooks: [...settings.webhooks],
      latest: last
        ? {
            startMs: last.startMs,
            integrity: last.integrity,
            drift: last.drift,
            latency: last.latency,
            performance: judged?.performance ?? null,
          }
        : null,
      openAlerts: open ?? (await alerts.countOpen()).get(name) ?? 0,
    };
  }

  return {
    find: findMonitor,
    create,
    change,
    remove,
    get: async (name: string): Promise<Monitor> => answer(await findMonitor(name)),
    list: async (): Promise<readonly Monitor[]> => {
      const open = await alerts.countOpen();
      return Promise.all((await monitors.list()).map((stored) => answer(stored, open.get(stored.name) ?? 0)));
    },
  };
}

/** The columns of a reference that a monitor watches, as the monitor wants them read; the prediction always. */
export function watchedColumns(
  settings: Pick<MonitorSettings, 'features'>,
  reference: FrozenReference,
): FrozenColumn[] {
  if (!settings.features) return [...reference.columns];
  const watched = settings.features.flatMap((feature) => {
    const column = reference.columns.find(({ name }) => name === feature.name);
    return column ? [{ ...column, from: feature.from ?? column.from, derive: feature.derive ?? column.derive }] : [];
  });
  return [...watched, ...reference.columns.filter(({ name }) => name === PREDICTION)];
}

function defaultFeatures(reference: FrozenReference) {
  return reference.columns
    .filter(({ name }) => name !== PREDICTION)
    .map(({ name, from, derive }) => ({ name, from, derive }));
}

function assertSettings(settings: MonitorSettings, reference: FrozenReference): void {
  const known = reference.columns.map(({ name }) => name);
  const watched = watchedColumns(settings, reference).map(({ name }) => name);
  for (const { name } of settings.features ?? []) {
    if (!known.includes(name)) throw monitoringErrors.MONITORING_FEATURE_UNKNOWN({ feature: name, known });
  }
  for (const segment of settings.segments) {
    if (!watched.includes(segment))
      throw monitoringErrors.MONITORING_FEATURE_UNKNOWN({ feature: segment, known: watched });
  }
  const { driftWindows, driftOf } = settings.rules;
  if (driftWindows > driftOf) {
    throw monitoringErrors.MONITORING_RULES_INVALID({
      problem: `driftWindows is ${driftWindows} of only ${driftOf} windows (driftOf)`,
    });
  }
}
