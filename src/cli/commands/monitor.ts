import type { Command } from 'commander';
import type { Alert, Figure, Monitor, NewLabel, WindowReport } from '#contract';
import { positiveNumber, timeOf } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { readText } from '../files.ts';
import { parseLabels } from '../label-file.ts';
import { count, short, table, utc } from '../terminal.ts';
import { addMonitorSetup } from './monitor-setup.ts';

const LABELS_A_REQUEST = 10_000;

/** `trimtab monitor`: what the monitors found, and the labels they need. */
export function addMonitor(program: Command): void {
  const monitor = program
    .command('monitor')
    .description('Watch endpoints, and tell what really happened.')
    .addHelpText('after', '\nExample:\n  trimtab monitor list\n');
  addList(monitor);
  addMonitorSetup(monitor);
  addShow(monitor);
  addWindows(monitor);
  addDrift(monitor);
  addPerformance(monitor);
  addAlerts(monitor);
  addTick(monitor);
  addLabels(monitor);
}

function addList(monitor: Command): void {
  monitor
    .command('list')
    .description('List the monitors with their latest verdicts.')
    .addHelpText('after', '\nExample:\n  trimtab monitor list\n')
    .action(async (_, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.monitoring.listMonitors(), ({ monitors }) =>
        table(
          monitors.map(({ name, endpoint, latest, openAlerts }) => ({
            monitor: name,
            endpoint,
            window: latest ? utc(latest.startMs) : null,
            integrity: latest?.integrity ?? null,
            drift: latest?.drift ?? null,
            latency: latest?.latency ?? null,
            performance: latest?.performance ?? null,
            'open alerts': openAlerts,
          })),
          'There is no monitor yet. Watch an endpoint with: trimtab monitor create --help',
        ),
      );
    });
}

function addShow(monitor: Command): void {
  monitor
    .command('show')
    .description('Show a monitor, or the report of one of its windows.')
    .argument('<monitor>', 'name of the monitor')
    .option('--window <date>', 'start of a window, UTC, e.g. 2001-03-05', timeOf)
    .addHelpText('after', '\nExample:\n  trimtab monitor show delays --window 2001-03-05\n')
    .action(async (name: string, { window }: { window?: number }, command: Command) => {
      const { client, terminal } = contextOf(command);
      if (window === undefined) {
        terminal.result(await client.monitoring.getMonitor({ params: { monitor: name } }), monitorWords);
        return;
      }
      const params = { monitor: name, startMs: window };
      terminal.result(await client.monitoring.getWindow({ params }), windowWords);
    });
}

function monitorWords({ rules, latest, ...monitor }: Monitor): string {
  const verdicts = latest
    ? `integrity ${latest.integrity}, drift ${latest.drift}, latency ${latest.latency}, performance ${latest.performance ?? 'not yet known'}`
    : 'none yet';
  return [
    `${monitor.name} watches endpoint ${monitor.endpoint} in windows of ${monitor.windowMs / 3_600_000} hours.`,
    `reference    ${short(monitor.reference)}, since ${utc(monitor.referenceSinceMs)}`,
    `features     ${monitor.features.map(({ name }) => name).join(', ')}`,
    `segments     ${monitor.segments.join(', ') || 'none'}`,
    `latest       ${verdicts}`,
    `open alerts  ${monitor.openAlerts}`,
    '',
    table(
      Object.entries(rules).map(([rule, value]) => ({ rule, value })),
      '',
    ),
  ].join('\n');
}

function windowWords({ startMs, inputs, performance }: WindowReport): string {
  const lines = [`Window from ${utc(startMs)} UTC, ${inputs?.rows ?? 0} predictions.`];
  if (inputs) {
    const { integrity, drift, latency } = inputs;
    lines.push(
      `integrity ${integrity.verdict}, drift ${drift.verdict}, latency ${latency.verdict} (p99 ${latency.p99Ms?.toFixed(1) ?? '-'} ms)`,
    );
    const rows = drift.features.map(({ feature, psi, usualPsi, qValue, drifted }) => ({
      feature,
      psi: psi.toFixed(3),
      'usual psi': usualPsi.toFixed(3),
      q: qValue.toPrecision(2),
      drifted: drifted ? 'yes' : '',
    }));
    lines.push('', table(rows, 'No feature was compared.'));
  }
  if (performance) {
    const { verdict, labelled, auc, logLoss, evidence } = performance;
    const sums = evidence.map(({ rule, value, limit }) => ({
      rule,
      sum: value.toFixed(2),
      'fails at': limit.toFixed(2),
    }));
    lines.push(
      '',
      `performance ${verdict}: ${labelled} labels, AUC ${interval(auc)}, log loss ${interval(logLoss)} nats`,
      table(sums, 'No rule was applied.'),
    );
  }
  const problems = [...(inputs?.problems ?? []), ...(performance?.problems ?? [])];
  return [...lines, ...(problems.length > 0 ? ['', ...problems] : [])].join('\n');
}

function addWindows(monitor: Command): void {
  monitor
    .command('windows')
    .description('List the evaluated windows.')
    .argument('<monitor>', 'name of the monitor')
    .option('--limit <count>', 'newest windows at most', positiveNumber, 30)
    .addHelpText('after', '\nExample:\n  trimtab monitor windows delays --limit 60\n')
    .action(async (name: string, { limit }: { limit: number }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const found = await client.monitoring.listWindows({ params: { monitor: name }, query: { limit } });
      terminal.result(found, ({ windows }) =>
        table(
          windows.map((window) => ({
            window: utc(window.startMs),
            rows: window.rows,
            integrity: window.integrity,
            drift: window.drift,
            latency: window.latency,
            labels: window.labelled,
            performance: window.performance,
            problems: window.problems.join('; '),
          })),
          `No window of ${name} was evaluated yet: one is due when it has ended. See: trimtab monitor tick --help`,
        ),
      );
    });
}

function addDrift(monitor: Command): void {
  monitor
    .command('drift')
    .description('Show the drift of each feature over time, as PSI by window.')
    .argument('<monitor>', 'name of the monitor')
    .option('--limit <count>', 'newest windows at most', positiveNumber, 14)
    .addHelpText('after', '\nExample:\n  trimtab monitor drift delays --limit 7\n')
    .action(async (name: string, { limit }: { limit: number }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const found = await client.monitoring.listDrift({ params: { monitor: name }, query: { limit } });
      terminal.result(found, ({ features }) => {
        const starts = [...new Set(features.flatMap(({ points }) => points.map(({ startMs }) => startMs)))].sort(
          (a, b) => a - b,
        );
        const rows = starts.map((startMs) => {
          const cells = features.map(({ feature, points }) => {
            const point = points.find((candidate) => candidate.startMs === startMs);
            return [feature, point ? `${point.psi.toFixed(3)}${point.drifted ? ' drifted' : ''}` : null] as const;
          });
          return { window: utc(startMs), ...Object.fromEntries(cells) };
        });
        return table(rows, `No window of ${name} was compared yet.`);
      });
    });
}

function addPerformance(monitor: Command): void {
  monitor
    .command('performance')
    .description('Show realised performance over time.')
    .argument('<monitor>', 'name of the monitor')
    .option('--limit <count>', 'newest windows at most', positiveNumber, 30)
    .addHelpText('after', '\nExample:\n  trimtab monitor performance delays\n')
    .action(async (name: string, { limit }: { limit: number }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const found = await client.monitoring.listPerformance({ params: { monitor: name }, query: { limit } });
      terminal.result(found, ({ reference, days }) => {
        const rows = days.map(({ startMs, labelled, auc, logLoss, rate, expectedRate, sequence, verdict }) => ({
          window: utc(startMs),
          labels: labelled,
          auc: interval(auc),
          'log loss, nats': interval(logLoss),
          rate: rate.value?.toFixed(3) ?? null,
          predicted: expectedRate?.toFixed(3) ?? null,
          'lost (fails at 1)': sequence?.toFixed(2) ?? null,
          verdict,
        }));
        const usual = reference
          ? `\nUsual: AUC ${reference.auc.mean.toFixed(3)}, log loss ${reference.logLoss.mean.toFixed(3)} nats, over ${reference.windows} windows of the reference.`
          : '';
        return (
          table(rows, `No labels of ${name} are in yet. Record them with: trimtab monitor labels import --help`) + usual
        );
      });
    });
}

function interval({ value, low, high }: Figure): string {
  return value === null ? '-' : `${value.toFixed(3)} (${low?.toFixed(3) ?? '-'} to ${high?.toFixed(3) ?? '-'})`;
}

function addAlerts(monitor: Command): void {
  monitor
    .command('alerts')
    .description('List alerts, newest first.')
    .option('--monitor <name>', 'only of this monitor')
    .option('--open', 'only those that are open')
    .addHelpText('after', '\nExample:\n  trimtab monitor alerts --open\n')
    .action(async ({ monitor: name, open }: { monitor?: string; open?: boolean }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const query = { ...(name ? { monitor: name } : {}), ...(open ? { state: 'open' as const } : {}) };
      terminal.result(await client.monitoring.listAlerts({ query }), ({ alerts }) =>
        table(alerts.map(alertRow), open ? 'No alert is open.' : 'There were no alerts.'),
      );
    });
}

function alertRow({ monitor, family, state, windowStartMs, windows, resolvedAtMs, words }: Alert) {
  return {
    monitor,
    family,
    state,
    'first window': utc(windowStartMs),
    windows,
    resolved: resolvedAtMs === null ? null : utc(resolvedAtMs),
    words,
  };
}

function addTick(monitor: Command): void {
  monitor
    .command('tick')
    .description('Evaluate every window of a monitor that is due.')
    .argument('<monitor>', 'name of the monitor')
    .addHelpText(
      'after',
      '\nThe server does this by itself twice a minute.\n\nExample:\n  trimtab monitor tick delays\n',
    )
    .action(async (name: string, _: unknown, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.monitoring.tick({ params: { monitor: name }, body: {} }), ({ evaluated }) =>
        table(
          evaluated.map(({ startMs, pass }) => ({ window: utc(startMs), pass })),
          'Nothing was due.',
        ),
      );
    });
}

function addLabels(monitor: Command): void {
  const labels = monitor
    .command('labels')
    .description('Record what really happened.')
    .addHelpText('after', '\nExample:\n  trimtab monitor labels import delays labels.csv\n');
  labels
    .command('import')
    .description('Record labels from a file: CSV with a header, or one JSON object a line.')
    .argument('<endpoint>', 'the endpoint that predicted')
    .argument('<file>', 'with inferenceId, value (0 or 1) and, if wanted, atMs')
    .addHelpText(
      'after',
      '\nSending a label again is harmless: the first one stays.\n\nExample:\n  trimtab monitor labels import delays labels.csv\n',
    )
    .action(async (endpoint: string, file: string, _: unknown, command: Command) => {
      const { client, terminal } = contextOf(command);
      const fail = (problem: string) => command.error(`error: ${problem}`);
      const all = parseLabels(readText(file, command), file, fail);
      const sum = { recorded: 0, known: 0 };
      for (let start = 0; start < all.length; start += LABELS_A_REQUEST) {
        const part: NewLabel[] = all.slice(start, start + LABELS_A_REQUEST);
        const { recorded, known } = await client.monitoring.recordLabels({
          params: { endpoint },
          body: { labels: part },
        });
        sum.recorded += recorded;
        sum.known += known;
        if (all.length > LABELS_A_REQUEST) terminal.progress(`${start + part.length} of ${all.length} labels sent`);
      }
      terminal.result(sum, ({ recorded, known }) => `${count(recorded, 'label')} recorded, ${known} known already.`);
    });
}
