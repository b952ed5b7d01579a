import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import type { Command } from 'commander';
import type { MetricHistory, MetricNumber, Run, RunComparison } from '#contract';
import { type Context, contextOf } from '../context.ts';
import { short, shortActor, table, utc } from '../terminal.ts';
import { addRunCommand } from './run-command.ts';
import { addRunOrganizing } from './run-organizing.ts';

const MAX_EXPORTED_POINTS = 100_000;
const METRICS_OF_A_LINE = 3;

/** `trimtab run`: experiments and their runs. */
export function addRun(program: Command): void {
  const run = program
    .command('run')
    .description('Run a command and track it; look at runs.')
    .addHelpText('after', '\nExample:\n  trimtab run -- python train.py --rate 0.1\n  trimtab run list\n');
  addRunCommand(run);
  addExperiments(run);
  addList(run);
  addShow(run);
  addCompare(run);
  addMetrics(run);
  addExport(run);
  addRunOrganizing(run);
}

function addExperiments(run: Command): void {
  run
    .command('experiments')
    .description('List experiments, the one with the latest activity first.')
    .addHelpText('after', '\nExample:\n  trimtab run experiments\n')
    .action(async (_: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.tracking.listExperiments(), ({ experiments }) =>
        table(
          experiments.map((experiment) => ({
            experiment: experiment.name,
            runs: experiment.runs,
            running: experiment.runningRuns,
            'last activity (UTC)': utc(experiment.lastActivityAtMs),
          })),
          'There is no experiment yet. A run of the demo makes some: trimtab demo',
        ),
      );
    });
}

interface ListOptions {
  readonly filter?: string;
  readonly order?: string[];
  readonly columns?: string[];
  readonly limit: number;
  readonly deleted?: boolean;
}

function addList(run: Command): void {
  run
    .command('list')
    .description('Find runs, newest first.')
    .argument('[experiments...]', 'only in these experiments')
    .option('--filter <condition>', "e.g. \"metrics.auc > 0.7 and (params.depth = '6' or tags.stage like 'prod%')\"")
    .option('--order <names...>', "what to sort by, e.g. 'metrics.auc desc'")
    .option('--columns <names...>', 'what to show, e.g. metrics.auc params.depth (default: what most of them measured)')
    .option('--limit <number>', 'runs at most', Number, 50)
    .option('--deleted', 'deleted runs instead of active ones')
    .addHelpText(
      'after',
      "\nExample:\n  trimtab run list delays --filter 'metrics.auc > 0.65' --order 'metrics.auc desc'\n",
    )
    .action(async (experiments: string[], options: ListOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const { filter, order, columns, limit, deleted } = options;
      const body = {
        ...(experiments.length > 0 ? { experiments } : {}),
        ...(filter === undefined ? {} : { filter }),
        ...(order ? { orderBy: order } : {}),
        ...(columns ? { columns } : {}),
        ...(deleted ? { lifecycle: 'deleted' as const } : {}),
        limit,
      };
      terminal.result(await client.tracking.searchRuns({ body }), ({ runs, nextPageToken }) => {
        const more = nextPageToken === null ? '' : `\nThere are more than ${limit}: raise --limit, or narrow --filter.`;
        const shown = columns ?? commonMetrics(runs);
        return table(runLines(runs, shown), 'No run matches.') + more;
      });
    });
}

/** The metrics that most of the runs have, as many as a line has room for. */
function commonMetrics(runs: readonly Run[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { key } of runs.flatMap(({ metrics }) => metrics)) {
    // Those of the machine say nothing of the model.
    if (!key.startsWith(MACHINE_METRICS)) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const keys = [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || (a < b ? -1 : 1));
  return keys.slice(0, METRICS_OF_A_LINE).map((key) => `metrics.${key}`);
}

function runLines(runs: readonly Run[], shown: readonly string[]) {
  return runs.map((run) => ({
    run: run.id,
    name: run.name,
    experiment: run.experiment,
    status: run.status,
    'started (UTC)': utc(run.startedAtMs),
    ...Object.fromEntries(shown.map((column) => [column, cellOf(run, column)])),
  }));
}

function cellOf(run: Run, column: string): string | number | null {
  const dot = column.indexOf('.');
  const key = column.slice(dot + 1).replaceAll('`', '');
  switch (column.slice(0, Math.max(dot, 0))) {
    case 'metrics':
      return numberCell(run.metrics.find((metric) => metric.key === key)?.value ?? null);
    case 'params':
      return run.params[key] ?? null;
    case 'tags':
      return run.tags[key] ?? null;
    default:
      return run.inputs.map(({ ref }) => short(ref)).join(' ') || null;
  }
}

function numberCell(value: MetricNumber | null): string | number | null {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}

function addShow(run: Command): void {
  run
    .command('show')
    .description('Show a run: its params, metrics, tags, inputs and files.')
    .argument('<run>', 'id of the run')
    .addHelpText('after', '\nExample:\n  trimtab run show 019a7c2b4d5e7f60a1b2c3d4e5f60718\n')
    .action(async (id: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      const params = { run: id };
      const shown = await client.tracking.getRun({ params });
      const { artifacts } = await client.tracking.listArtifacts({ params });
      terminal.result({ ...shown, artifacts }, (value) => {
        const { metrics, params: told, tags, inputs, artifacts: files } = value;
        const section = (title: string, lines: readonly Readonly<Record<string, string | number | null>>[]) =>
          lines.length === 0 ? [] : [`\n${title}`, table(lines, '')];
        const pairs = (texts: Readonly<Record<string, string>>) =>
          Object.entries(texts).map(([key, text]) => ({ key, value: text }));
        return [
          headOf(value),
          ...section('Params', pairs(told)),
          ...section(
            'Metrics (latest)',
            metrics.map(({ key, value: latest, step, min, max }) => ({
              key,
              value: numberCell(latest),
              step,
              least: numberCell(min),
              greatest: numberCell(max),
            })),
          ),
          ...section('Tags', pairs(tags)),
          ...section(
            'Inputs',
            inputs.map(({ role, ref, path }) => ({ role, reference: short(ref), file: path ?? null })),
          ),
          ...section(
            'Files',
            files.map(({ path, sizeBytes, digest }) => ({
              path,
              bytes: sizeBytes,
              sha256: digest?.slice(0, 12) ?? null,
            })),
          ),
        ].join('\n');
      });
    });
}

function headOf(run: Run): string {
  const ended = run.endedAtMs === null ? '' : `, ended ${utc(run.endedAtMs)}`;
  const code = run.codeCommit === null ? '' : `\ncode ${run.codeCommit}`;
  const parent = run.parent === null ? '' : `\npart of run ${run.parent}`;
  const deleted = run.lifecycle === 'deleted' ? ' (deleted)' : '';
  return `${run.name}, run ${run.id}${deleted} of experiment ${run.experiment}: ${run.status}
started ${utc(run.startedAtMs)}${ended} (UTC) by ${shortActor(run.createdBy)}${code}${parent}`;
}

function addCompare(run: Command): void {
  run
    .command('compare')
    .description('Show runs side by side: what differs, or everything with --all.')
    .argument('<runs...>', 'ids of the runs')
    .option('--all', 'also what is the same in all, and what the machines measured of themselves')
    .addHelpText(
      'after',
      '\nExample:\n  trimtab run compare 019a7c2b4d5e7f60a1b2c3d4e5f60718 019a7c2b5f607f60a1b2c3d4e5f60718\n',
    )
    .action(async (runs: string[], { all }: { all?: boolean }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const compared = await client.tracking.compareRuns({ body: { runs } });
      terminal.result(compared, () => comparisonTable(compared, all ?? false));
    });
}

/** Keys of what machines measure of themselves, which always differs. */
const MACHINE_METRICS = 'system/';

function comparisonTable(compared: RunComparison, all: boolean): string {
  const { runs } = compared;
  const names = runs.map(({ name }, index) => `${index + 1}: ${name}`);
  const lines = (['params', 'metrics', 'tags'] as const).flatMap((kind) =>
    compared[kind]
      .filter(({ key, differs }) => all || (differs && !(kind === 'metrics' && key.startsWith(MACHINE_METRICS))))
      .map(({ key, values }) => ({
        what: `${kind}.${key}`,
        ...Object.fromEntries(values.map((value, index) => [names[index] ?? '', numberOrText(value)])),
      })),
  );
  return table(lines, 'The runs have the same params, metrics and tags. See them with --all.');
}

function numberOrText(value: MetricNumber | string | null): string | number | null {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}

function addMetrics(run: Command): void {
  run
    .command('metrics')
    .description('Show the values of a metric by step, thinned with its extremes kept.')
    .argument('<run>', 'id of the run')
    .argument('<key>', 'key of the metric')
    .option('--points <number>', 'points at most', Number, 50)
    .addHelpText('after', '\nExample:\n  trimtab run metrics 019a7c2b4d5e7f60a1b2c3d4e5f60718 validation.logloss\n')
    .action(async (id: string, key: string, { points }: { points: number }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const query = { key, maxPoints: points };
      terminal.result(await client.tracking.getMetricHistory({ params: { run: id }, query }), (history) => {
        const lines = history.points.map(({ step, timestampMs, value }) => ({
          step,
          'when (UTC)': utc(timestampMs),
          value: numberCell(value),
        }));
        const thinned = history.sampled ? `\n${history.points.length} of ${history.total} points.` : '';
        return table(lines, 'No points.') + thinned;
      });
    });
}

function addExport(run: Command): void {
  run
    .command('export')
    .description('Write a run to a folder: run.json, metrics.csv with every point, and its files under artifacts/.')
    .argument('<run>', 'id of the run')
    .requiredOption('--to <folder>', 'where to write; made if missing')
    .addHelpText('after', '\nExample:\n  trimtab run export 019a7c2b4d5e7f60a1b2c3d4e5f60718 --to ./run\n')
    .action(async (id: string, { to }: { to: string }, command: Command) => {
      const context = contextOf(command);
      const folder = resolve(to);
      context.terminal.result(await exportRun(context, id, folder), ({ points, files }) =>
        [`Written to ${folder}: run.json, metrics.csv with ${points} points, ${files.length} files.`].join('\n'),
      );
    });
}

async function exportRun({ client, terminal }: Context, id: string, folder: string) {
  const params = { run: id };
  const run = await client.tracking.getRun({ params });
  const { artifacts } = await client.tracking.listArtifacts({ params });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'run.json'), `${JSON.stringify(run, null, 2)}\n`);
  const lines = ['key,step,timestamp_ms,value'];
  for (const { key } of run.metrics) {
    const query = { key, maxPoints: MAX_EXPORTED_POINTS };
    const history = await client.tracking.getMetricHistory({ params, query });
    if (history.sampled) terminal.progress(`${key} has ${history.total} points; ${MAX_EXPORTED_POINTS} are written.`);
    lines.push(...csvLines(history));
  }
  await writeFile(join(folder, 'metrics.csv'), `${lines.join('\n')}\n`);
  for (const { path, sizeBytes } of artifacts) {
    terminal.progress(`${path} (${sizeBytes} bytes)`);
    // The server allows no path that leads out of the run; a folder of ours must not rely on it.
    const root = resolve(folder, 'artifacts');
    const target = resolve(root, path);
    if (!target.startsWith(`${root}${sep}`)) throw new Error(`${path} leads out of the folder`);
    await mkdir(dirname(target), { recursive: true });
    const answer = await client.tracking.getArtifact({ params: { run: id, path } });
    // The DOM's stream type and Node's are one object at run time.
    if (answer.body) await pipeline(Readable.fromWeb(answer.body as NodeStream), createWriteStream(target));
    else await writeFile(target, '');
  }
  return { folder, points: lines.length - 1, files: artifacts.map(({ path }) => path) };
}

function csvLines({ key, points }: MetricHistory): string[] {
  const quoted = /[",\n]/.test(key) ? `"${key.replaceAll('"', '""')}"` : key;
  return points.map(({ step, timestampMs, value }) => `${quoted},${step},${timestampMs},${value}`);
}
