import type { Events } from '#platform/events';
import { type Clock, type Json, ref } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import type { Alerts, Finding } from './alerts.ts';
import { inputsReport } from './core/inputs-report.ts';
import { performanceReport } from './core/performance-report.ts';
import { binsOf, WindowSample } from './core/sample.ts';
import { monitoringErrors } from './errors.ts';
import type { FrozenReference, InputsReport, PerformanceReport } from './model.ts';
import { watchedColumns } from './monitors.ts';
import type { PredictionLog } from './ports.ts';
import type { LabelStore } from './store/label-store.ts';
import type { MonitorStore, StoredMonitor } from './store/monitor-store.ts';
import type { ReferenceStore } from './store/reference-store.ts';
import type { StoredWindow, WindowStore } from './store/window-store.ts';

/** A pass over one window: its inputs once it has ended, its performance once the labels are in. */
export interface Pass {
  readonly kind: 'inputs' | 'performance';
  readonly startMs: number;
  readonly endMs: number;
  /** When it became due, on the timeline. Told instead of the time it was really done, so that a replay tells the same. */
  readonly dueMs: number;
}

export interface PassParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly events: Events;
  readonly predictions: PredictionLog;
  readonly monitors: MonitorStore;
  readonly references: ReferenceStore;
  readonly windows: WindowStore;
  readonly labels: LabelStore;
  readonly alerts: Alerts;
}

/** The next pass of a monitor that is due at a time, or undefined. Inputs come before performance when both are. */
export function duePass({ settings, inputsNextMs, performanceNextMs }: StoredMonitor, nowMs: number): Pass | undefined {
  const { windowMs, graceMs, labelDelayMs } = settings;
  const inputs = passAt('inputs', inputsNextMs, windowMs, graceMs);
  const performance = passAt('performance', performanceNextMs, windowMs, Math.max(graceMs, labelDelayMs));
  // Performance is judged in the light of the window's inputs, so it never comes first.
  const first = performance.dueMs < inputs.dueMs && performanceNextMs < inputsNextMs ? performance : inputs;
  return first.dueMs <= nowMs ? first : undefined;
}

function passAt(kind: Pass['kind'], startMs: number, windowMs: number, delayMs: number): Pass {
  const endMs = startMs + windowMs;
  return { kind, startMs, endMs, dueMs: endMs + delayMs };
}

/**
 * Carries passes out. Whatever a pass finds — the report, alerts, where the rules stand, the event, the pointer to the
 * next window — is stored in one transaction by compare-and-set, so after a crash it is done again or not at all, and of
 * two processes one does it. A window without predictions leaves no trace.
 */
export function passRunner(parts: PassParts) {
  const { database, events, predictions, monitors, references, windows, labels, alerts } = parts;

  async function run(monitor: StoredMonitor, pass: Pass): Promise<boolean> {
    return pass.kind === 'inputs' ? runInputs(monitor, pass) : runPerformance(monitor, pass);
  }

  async function runInputs(monitor: StoredMonitor, pass: Pass): Promise<boolean> {
    const { startMs, endMs } = pass;
    const reference = await referenceOf(monitor.reference);
    const sample = new WindowSample(watchedColumns(monitor.settings, reference));
    const answers = new Map<string, InputsReport['versions'][number]>();
    const latencies: number[] = [];
    for await (const rows of predictions.rows(monitor.endpoint, startMs, endMs)) {
      sample.add(rows);
      for (const { version, variant, latencyMs } of rows) {
        latencies.push(latencyMs);
        const key = `${version} ${variant}`;
        answers.set(key, { version, variant, rows: (answers.get(key)?.rows ?? 0) + 1 });
      }
    }
    const next = { inputsNextMs: endMs };
    if (sample.rows === 0) return store(monitor, next, async () => undefined);
    const { rules } = monitor.settings;
    const report = inputsReport({
      sample,
      referenceId: monitor.reference,
      rules,
      latenciesMs: latencies,
      errors: await predictions.errors(monitor.endpoint, startMs, endMs),
      versions: [...answers.values()],
      earlier: await earlierSignificant(monitor, startMs),
    });
    return store(monitor, next, async (tx) => {
      await windows.addInputs(tx, monitor.name, startMs, endMs, report);
      await alerts.note(tx, monitor, pass, inputsFindings(report));
      await publish(tx, monitor, pass, inputsSignal(pass, report));
    });
  }

  /** Features that were significant in the windows before, newest first, as many as the rules look back. */
  async function earlierSignificant(monitor: StoredMonitor, startMs: number): Promise<readonly ReadonlySet<string>[]> {
    const { rules, windowMs } = monitor.settings;
    if (rules.driftOf === 1) return [];
    const range = { fromMs: startMs - (rules.driftOf - 1) * windowMs, toMs: startMs, limit: rules.driftOf };
    const before = await windows.list(monitor.name, range);
    return before
      .filter(({ inputs }) => inputs.reference === monitor.reference)
      .map(({ inputs }) => new Set(inputs.drift.features.filter((f) => f.significant).map((f) => f.feature)));
  }

  async function runPerformance(monitor: StoredMonitor, pass: Pass): Promise<boolean> {
    const { startMs, endMs } = pass;
    const next = { performanceNextMs: endMs };
    const window = await windows.find(monitor.name, startMs);
    if (!window) return store(monitor, next, async () => undefined);
    // A window is judged by the reference that its model was deployed with.
    const reference = await referenceOf(window.inputs.reference);
    const aside = setAside(monitor, window);
    const { report, sequence } = performanceReport({
      window: await labelledWindow(monitor, pass, reference),
      reference,
      referenceId: window.inputs.reference,
      rules: monitor.settings.rules,
      unknownLabels: await labels.countUnknown(monitor.endpoint),
      before: monitor.sequence,
      ...aside,
    });
    return store(monitor, { ...next, sequence }, async (tx) => {
      await windows.addPerformance(tx, monitor.name, window, report);
      // A window that could not be judged neither raises an alert nor ends one.
      if (report.evidence.length > 0 && aside.setAside === undefined) {
        const words = report.problems.join('; ');
        await alerts.note(tx, monitor, pass, [{ family: 'performance', verdict: report.verdict, words }]);
      }
      await publish(tx, monitor, pass, performanceSignal(pass, report));
    });
  }

  async function labelledWindow(monitor: StoredMonitor, { startMs, endMs }: Pass, reference: FrozenReference) {
    const columns = watchedColumns(monitor.settings, reference).filter(({ name }) =>
      monitor.settings.segments.includes(name),
    );
    const segments = columns.map((column) => ({ column, binOf: binsOf(column), bins: [] as number[] }));
    const [values, scores]: [number[], number[]] = [[], []];
    let predicted = 0;
    for await (const rows of predictions.rows(monitor.endpoint, startMs, endMs)) {
      predicted += rows.length;
      const known = await labels.find(
        monitor.endpoint,
        rows.map(({ inferenceId }) => inferenceId),
      );
      for (const { inferenceId, prediction, features } of rows) {
        const label = known.get(inferenceId);
        if (label === undefined) continue;
        values.push(label);
        scores.push(prediction);
        for (const { column, binOf, bins } of segments) bins.push(binOf(features[column.from]));
      }
    }
    const bins = Object.fromEntries(segments.map(({ column, bins: of }) => [column.name, of]));
    return { startMs, predictions: predicted, labels: values, scores, bins };
  }

  async function referenceOf(id: string): Promise<FrozenReference> {
    const reference = await references.find(id);
    if (!reference) throw monitoringErrors.MONITORING_REFERENCE_NOT_FOUND({ reference: id });
    return reference;
  }

  /** False when the monitor changed since it was read; then nothing is kept. */
  function store(
    monitor: StoredMonitor,
    changes: Partial<StoredMonitor>,
    write: (tx: Sql) => Promise<void>,
  ): Promise<boolean> {
    return database
      .transaction(async (tx) => {
        if (!(await monitors.update(tx, monitor, changes))) throw new LostRace();
        await write(tx);
        return true;
      })
      .catch((error: unknown) => {
        if (error instanceof LostRace) return false;
        throw error;
      });
  }

  function publish(tx: Sql, monitor: StoredMonitor, pass: Pass, signal: Json): Promise<void> {
    return events.publish(tx, {
      topic: 'monitoring.window.evaluated',
      subject: ref('monitor', monitor.name),
      payload: {
        monitor: monitor.name,
        endpoint: monitor.endpoint,
        pass: pass.kind,
        id: `${monitor.name}/${pass.startMs}/${pass.kind}`,
        signal,
      },
    });
  }

  return { run };
}

class LostRace extends Error {}

function setAside(monitor: StoredMonitor, { startMs, inputs }: StoredWindow): { setAside?: string } {
  if (startMs < monitor.referenceSinceMs || inputs.reference !== monitor.reference) {
    return { setAside: 'The window began before the present reference, so it does not count towards the rules' };
  }
  if (inputs.integrity.verdict === 'failed' || inputs.drift.verdict === 'failed') {
    return { setAside: 'The inputs of the window failed, so it does not count towards the rules' };
  }
  return {};
}

function inputsFindings({ integrity, drift, latency, problems }: InputsReport): Finding[] {
  const words = problems.join('; ');
  return [
    { family: 'integrity', verdict: integrity.verdict, words },
    { family: 'drift', verdict: drift.verdict, words },
    { family: 'latency', verdict: latency.verdict, words },
  ];
}

/** The shape a loop takes in. */
function inputsSignal({ startMs, endMs }: Pass, report: InputsReport): Json {
  const drifted = report.drift.features
    .filter((feature) => feature.drifted)
    .map(({ feature, psi, qValue, quantiles }) => ({
      feature,
      psi,
      qValue,
      ...(quantiles ? { quantiles: { reference: quantiles.reference, window: quantiles.window } } : {}),
    }));
  return {
    kind: 'window',
    span: { startMs, endMs },
    integrity: report.integrity.verdict,
    drift: report.drift.verdict,
    drifted,
    problems: report.problems,
  };
}

function performanceSignal({ startMs, endMs }: Pass, report: PerformanceReport): Json {
  const { verdict, labelled, problems, evidence, logLoss, auc, segments } = report;
  return {
    kind: 'performance',
    span: { startMs, endMs },
    verdict,
    labelled,
    problems,
    evidence: { logLoss: logLoss.value, auc: auc.value, rules: evidence, segments: segments.slice(0, 10) },
  };
}
