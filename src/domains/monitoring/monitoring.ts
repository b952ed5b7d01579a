import type {
  DriftSeries,
  NewLabel,
  PerformanceDay,
  PerformanceReport,
  ReferenceSummary,
  WindowReport,
} from '#contract';
import { digestOf } from '#platform/digest';
import type { Events } from '#platform/events';
import { assertName, type Clock, isTrimtabError, type Json, type Rng } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { alertBook } from './alerts.ts';
import { checkReference } from './core/check-reference.ts';
import { bandsOf } from './core/performance-report.ts';
import { monitoringErrors } from './errors.ts';
import { assertLabel, labelledTraffic } from './labelled-traffic.ts';
import type { Alert, FrozenReference } from './model.ts';
import { monitorVerbs } from './monitors.ts';
import { duePass, type Pass, passRunner } from './passes.ts';
import type { PointerLog, PredictionLog } from './ports.ts';
import { AlertStore } from './store/alert-store.ts';
import { LabelStore } from './store/label-store.ts';
import { MonitorStore } from './store/monitor-store.ts';
import { ReferenceStore } from './store/reference-store.ts';
import { type WindowRange, WindowStore } from './store/window-store.ts';
import { sendAlerts } from './webhooks.ts';

export interface MonitoringOptions {
  readonly database: Database;
  /** The machine's clock, for when things were written down. */
  readonly clock: Clock;
  /** The time of the world being watched. */
  readonly timeline: Clock;
  readonly rng: Rng;
  readonly events: Events;
  readonly pointerLog: PointerLog;
  readonly predictions: PredictionLog;
  /** Calls webhooks; the platform's own unless told. */
  readonly fetch?: typeof globalThis.fetch;
  /** Called for each alert that is raised or resolved, for the log. */
  readonly onAlert?: (alert: Alert) => void;
}

export type Monitoring = ReturnType<typeof createMonitoring>;

/** A tick does no more than this many passes of a monitor; the next one goes on. */
const MOST_PASSES = 1000;

/** References, monitors, their windows, labels and alerts. Make it before events start: it subscribes. */
export function createMonitoring(options: MonitoringOptions) {
  const { database, clock, timeline, events, predictions, rng } = options;
  const monitors = new MonitorStore(database);
  const references = new ReferenceStore(database);
  const windows = new WindowStore(database);
  const labels = new LabelStore(database);
  const alertStore = new AlertStore(database);
  const alerts = alertBook({ store: alertStore, events, clock, rng });
  const verbs = monitorVerbs({ ...options, monitors, references, windows, alerts });
  const passes = passRunner({ ...options, monitors, references, windows, labels, alerts });
  const traffic = labelledTraffic({ predictions, labels });
  sendAlerts({
    events,
    clock,
    monitors,
    store: alertStore,
    fetch: options.fetch ?? globalThis.fetch,
    onAlert: options.onAlert,
  });
  const working = new Map<string, Promise<unknown>>();

  /** Evaluates what is due of one monitor. Calls for the same monitor wait for one another. */
  function tickMonitor(name: string, nowMs = timeline.now()): Promise<readonly Pass[]> {
    const before = working.get(name) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(() => evaluateDue(name, nowMs));
    const settled = mine
      .catch(() => undefined)
      .finally(() => {
        if (working.get(name) === settled) working.delete(name);
      });
    working.set(name, settled);
    return mine;
  }

  async function evaluateDue(name: string, nowMs: number): Promise<readonly Pass[]> {
    const done: Pass[] = [];
    for (let step = 0; step < MOST_PASSES; step++) {
      const monitor = await verbs.find(name);
      const pass = duePass(monitor, nowMs);
      if (!pass) break;
      // When another process was faster, look again at what is left.
      if (await passes.run(monitor, pass)) done.push(pass);
    }
    return done;
  }

  async function addReference(value: unknown): Promise<ReferenceSummary> {
    const reference = checkReference(value);
    const summary = summaryOf(reference);
    await references.add(reference, summary, clock.now());
    return summary;
  }

  async function recordLabels(endpoint: string, given: readonly NewLabel[]) {
    assertName('endpoint', endpoint);
    const first = new Map<string, NewLabel>();
    for (const label of given) {
      assertLabel(label.inferenceId, label.value);
      if (!first.has(label.inferenceId)) first.set(label.inferenceId, label);
    }
    const predicted = await predictions.predicted(endpoint, [...first.keys()]);
    const rows = [...first.values()].map(({ inferenceId, value, atMs = timeline.now() }) => {
      return { inferenceId, value, atMs, predicted: predicted.has(inferenceId) };
    });
    const recorded = await database.transaction((tx) => labels.add(tx, endpoint, rows, clock.now()));
    return { recorded, known: given.length - recorded };
  }

  async function getWindow(name: string, startMs: number): Promise<WindowReport> {
    const { endpoint } = await verbs.find(name);
    const window = await windows.find(name, startMs);
    if (!window) {
      const start = Number.isNaN(new Date(startMs).valueOf()) ? String(startMs) : new Date(startMs).toISOString();
      throw monitoringErrors.MONITORING_WINDOW_NOT_FOUND({ monitor: name, start });
    }
    return { monitor: name, endpoint, ...window };
  }

  async function listDrift(name: string, range: WindowRange): Promise<readonly DriftSeries[]> {
    const { settings } = await verbs.find(name);
    const series = new Map<string, DriftSeries>();
    for (const { startMs, inputs } of await windows.list(name, range)) {
      for (const found of inputs.drift.features) {
        const { feature, kind } = found;
        const of = series.get(feature) ?? { feature, kind, psiThreshold: settings.rules.driftPsi, points: [] };
        series.set(feature, of);
        of.points.push({
          startMs,
          rows: inputs.rows,
          psi: found.psi,
          usualPsi: found.usualPsi,
          distance: found.wasserstein ?? found.jensenShannon,
          qValue: found.qValue,
          missingRate: inputs.integrity.columns.find((column) => column.feature === feature)?.missingRate ?? 0,
          drifted: found.drifted,
        });
      }
    }
    return [...series.values()];
  }

  async function listPerformance(name: string, range: WindowRange) {
    const { reference } = await verbs.find(name);
    const frozen = (await references.find(reference))?.performance ?? null;
    const days = (await windows.list(name, range)).flatMap(({ startMs, endMs, performance }): PerformanceDay[] => {
      return performance ? [{ startMs, endMs, ...shownOf(performance) }] : [];
    });
    return { reference: frozen ? bandsOf(frozen) : null, days };
  }

  return {
    createMonitor: verbs.create,
    changeMonitor: verbs.change,
    deleteMonitor: verbs.remove,
    getMonitor: verbs.get,
    listMonitors: verbs.list,
    addReference,
    async getReference(id: string): Promise<ReferenceSummary> {
      const summary = await references.findSummary(id);
      if (!summary) throw monitoringErrors.MONITORING_REFERENCE_NOT_FOUND({ reference: id });
      return summary;
    },
    recordLabels,
    tickMonitor,
    /** Evaluates what is due of all monitors. One that fails does not keep the others from it; the first error is thrown. */
    async tick(nowMs: number = timeline.now()): Promise<void> {
      const names = (await monitors.list()).map(({ name }) => name);
      const outcomes = await Promise.allSettled(names.map((name) => tickMonitor(name, nowMs)));
      for (const outcome of outcomes) {
        // A monitor may be deleted while it waits for its turn.
        if (outcome.status === 'rejected' && !isTrimtabError(outcome.reason, 'MONITORING_MONITOR_NOT_FOUND')) {
          throw outcome.reason;
        }
      }
    },
    async listWindows(name: string, range: WindowRange) {
      await verbs.find(name);
      return windows.listSummaries(name, range);
    },
    getWindow,
    listDrift,
    listPerformance,
    listAlerts: alerts.list,
    ...traffic,
  };
}

function summaryOf(reference: FrozenReference): ReferenceSummary {
  return {
    // Checked, so it is plain JSON.
    id: digestOf(reference as unknown as Json),
    rows: reference.rows,
    windows: reference.windows.length,
    columns: reference.columns.map(({ name, kind, counts, rows, missing }) => ({
      name,
      kind,
      bins: counts.length,
      missingRate: missing / Math.max(1, rows + missing),
    })),
    labelled: reference.performance !== null,
  };
}

function shownOf(report: PerformanceReport): Omit<PerformanceDay, 'startMs' | 'endMs'> {
  const { predictions, labelled, auc, logLoss, brier, rate, expectedRate, sequence, verdict } = report;
  return { predictions, labelled, auc, logLoss, brier, rate, expectedRate, sequence, verdict };
}
