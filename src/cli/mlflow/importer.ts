import type { ImportedRun, ImportedSeries, MetricNumber } from '#contract';
import type { Client } from '#sdk';
import type {
  MlflowSource,
  SourceExperiment,
  SourceFile,
  SourceLoggedModel,
  SourcePoint,
  SourceRun,
  SourceVersion,
} from './facts.ts';
import { placeOn, writeModel } from './registry-writer.ts';
import { proxiedPath, type Rest, StatusError } from './rest.ts';

/** What an import did. */
export interface ImportSummary {
  experiments: number;
  runs: number;
  /** Runs that an earlier import had brought whole. */
  knownRuns: number;
  points: number;
  files: number;
  fileBytes: number;
  loggedModels: number;
  /** Versions of registered models. */
  versions: number;
  /** Runs whose files stay where they are, e.g. in a bucket. */
  filesLeft: number;
}

interface ImportOptions {
  readonly client: Client;
  /** MLflow's API of the same server, for what it takes in MLflow's words: files, registered models. */
  readonly rest: Rest;
  readonly source: MlflowSource;
  /** Names of the experiments to take; all when empty. Registered models come only with all of them. */
  readonly only: readonly string[];
  readonly files: boolean;
  readonly progress: (line: string) => void;
}

const POINTS_A_CALL = 20_000;
/** Places that only the client of a cloud can read. */
const ELSEWHERE = /^(s3|gs|wasbs?|abfss?|hdfs|dbfs|ftp|sftp):/;
const FILES_AT_ONCE = 8;

/**
 * Takes over everything an MLflow source tells. Runs keep their ids and times; experiments are matched by
 * name. It may be interrupted and done again: runs that are whole are passed over, and nothing is stored twice.
 */
export async function importMlflow(options: ImportOptions): Promise<ImportSummary> {
  const { source, only } = options;
  const summary: ImportSummary = {
    ...{ experiments: 0, runs: 0, knownRuns: 0, points: 0, files: 0, fileBytes: 0, filesLeft: 0 },
    ...{ loggedModels: 0, versions: 0 },
  };
  const runs = new Set<string>();
  for await (const experiment of source.experiments()) {
    if (only.length === 0 || only.includes(experiment.name)) await importExperiment(options, experiment, summary, runs);
  }
  if (only.length > 0) return summary;
  for await (const model of source.models()) {
    const placeOf = (version: SourceVersion) =>
      placeOn(options.rest, version, {
        runOf: (run) => (runs.has(run) ? run : undefined),
        modelOf: (logged) => logged,
      });
    summary.versions += await writeModel(options.rest, model, placeOf);
    options.progress(`model ${model.name}: ${model.versions.length} versions`);
  }
  return summary;
}

async function importExperiment(
  options: ImportOptions,
  experiment: SourceExperiment,
  summary: ImportSummary,
  known: Set<string>,
): Promise<void> {
  const { client, source, progress } = options;
  const { name, lifecycle, createdAtMs, tags } = experiment;
  const { id, artifactLocation } = await client.tracking.importExperiment({
    body: { name, lifecycle, tags, ...(createdAtMs === null ? {} : { createdAtMs }) },
  });
  summary.experiments++;
  const total = await source.countRuns(experiment.id);
  let seen = 0;
  for await (const page of source.runs(experiment.id)) {
    const { complete } = await client.tracking.importedRuns({ body: { runs: page.map((run) => run.id) } });
    const whole = new Set(complete);
    const wanted = page.filter((run) => !whole.has(run.id));
    summary.knownRuns += page.length - wanted.length;
    if (wanted.length > 0) await importPage(options, { id, artifactLocation }, wanted, summary);
    for (const { id: run } of page) known.add(run);
    seen += page.length;
    progress(`${name}: ${seen}${total === undefined ? '' : ` of ${total}`} runs, ${summary.points} points so far`);
  }
  for await (const model of source.loggedModels(experiment.id)) {
    await importLoggedModel(options, { id, artifactLocation }, model, summary);
  }
}

interface Place {
  readonly id: string;
  readonly artifactLocation: string;
}

async function importPage(options: ImportOptions, place: Place, runs: readonly SourceRun[], summary: ImportSummary) {
  const { client, source } = options;
  const rootOf = (run: SourceRun) => rootFor(options, run.artifactUri, place, run.id);
  const told = runs.map((run) => toImported(run, rootOf(run) === undefined ? run.artifactUri : undefined));
  const call = (body: { runs: ImportedRun[]; series: ImportedSeries[]; complete: string[] }) =>
    client.tracking.importRuns({ body: { experiment: place.id, source: source.label, ...body } });
  const { added } = await call({ runs: told, series: [], complete: [] });
  summary.runs += added;
  for (const run of runs) {
    const root = rootOf(run);
    if (root === undefined) summary.filesLeft++;
    else await copyFiles(options, run.artifactUri, root, summary);
  }
  let waiting: SourcePoint[] = [];
  const flush = async (complete: string[]) => {
    await call({ runs: [], series: seriesOf(waiting), complete });
    summary.points += waiting.length;
    waiting = [];
  };
  for await (const points of source.points(runs.map((run) => run.id))) {
    waiting.push(...points);
    if (waiting.length >= POINTS_A_CALL) await flush([]);
  }
  await flush(runs.map((run) => run.id));
}

function toImported(run: SourceRun, artifactUri: string | undefined): ImportedRun {
  const { modelOutputs, datasets, modelInputs, artifactUri: _, ...rest } = run;
  return {
    ...rest,
    ...(artifactUri === undefined ? {} : { artifactUri }),
    datasets: datasets.map((dataset) => ({ ...dataset })),
    modelInputs: [...modelInputs],
    modelOutputs: modelOutputs.map(({ modelId, step }) => ({ model: modelId, step })),
  };
}

function seriesOf(points: readonly SourcePoint[]): ImportedSeries[] {
  const series = new Map<string, ImportedSeries>();
  for (const { run, key, step, timestampMs, value } of points) {
    const name = `${run} ${key}`;
    const own = series.get(name) ?? { run, key, points: [] };
    series.set(name, own);
    own.points.push([step, timestampMs, wireNumber(value)]);
  }
  return [...series.values()];
}

function wireNumber(value: number): MetricNumber {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** The path that files of a run or logged model come to; undefined when they stay, e.g. in a bucket. */
function rootFor(
  { files }: ImportOptions,
  uri: string,
  { artifactLocation }: Place,
  owner: string,
): string | undefined {
  const root = proxiedPath(artifactLocation);
  return files && root !== undefined && !ELSEWHERE.test(uri) ? `${root}/${owner}/artifacts` : undefined;
}

async function copyFiles(
  { rest, source }: ImportOptions,
  uri: string,
  root: string,
  summary: ImportSummary,
): Promise<void> {
  const copy = async (file: SourceFile) => {
    await rest.putFile(`${root}/${file.path}`, await file.read());
    summary.files++;
    summary.fileBytes += file.sizeBytes;
  };
  let running: Promise<void>[] = [];
  for await (const file of source.files(uri)) {
    running.push(copy(file));
    if (running.length < FILES_AT_ONCE) continue;
    await Promise.all(running);
    running = [];
  }
  await Promise.all(running);
}

/** Its files come first, so that a model that is known has them. */
async function importLoggedModel(
  options: ImportOptions,
  place: Place,
  model: SourceLoggedModel,
  summary: ImportSummary,
) {
  if (await isKnown(options.rest, model.id)) return;
  const root = rootFor(options, model.artifactUri, place, `models/${model.id}`);
  if (root !== undefined) await copyFiles(options, model.artifactUri, root, summary);
  const { id, name, modelType, sourceRun, status, createdAtMs, changedAtMs, params, tags, metrics } = model;
  const { added } = await options.client.tracking.importLoggedModel({
    body: {
      experiment: place.id,
      ...{ id, name, type: modelType, sourceRun, status, createdAtMs, updatedAtMs: changedAtMs, params, tags },
      ...(root === undefined ? { artifactUri: model.artifactUri } : {}),
      metrics: metrics.flatMap(({ value, run, ...metric }) =>
        run === null ? [] : [{ ...metric, run, value: wireNumber(value) }],
      ),
    },
  });
  summary.loggedModels += added;
}

async function isKnown(rest: Rest, model: string): Promise<boolean> {
  try {
    await rest.ask(`mlflow/logged-models/${model}`);
    return true;
  } catch (error) {
    if (error instanceof StatusError && error.status === 404) return false;
    throw error;
  }
}
