import type { MlflowSource, SourceExperiment, SourceFile, SourcePoint, SourceRun } from './facts.ts';
import type { MlflowTarget, TargetExperiment } from './targets.ts';

/** What an export did. */
export interface ExportSummary {
  experiments: number;
  runs: number;
  /** Runs that an earlier export had brought whole, or that were there from the start. */
  knownRuns: number;
  points: number;
  files: number;
  loggedModels: number;
  /** Versions of registered models. */
  versions: number;
  /** Runs whose files the target cannot take. */
  filesLeft: number;
}

interface ExportOptions {
  readonly source: MlflowSource;
  readonly target: MlflowTarget;
  /** Names of the experiments to take; all when empty. Registered models go only with all of them. */
  readonly only: readonly string[];
  readonly files: boolean;
  readonly progress: (line: string) => void;
}

/** Hands over everything a source tells to a target. It may be interrupted and done again. */
export async function exportMlflow(options: ExportOptions): Promise<ExportSummary> {
  const { source, target, only } = options;
  const summary: ExportSummary = {
    ...{ experiments: 0, runs: 0, knownRuns: 0, points: 0, files: 0, loggedModels: 0, versions: 0, filesLeft: 0 },
  };
  for await (const experiment of source.experiments()) {
    if (only.length === 0 || only.includes(experiment.name)) await exportExperiment(options, experiment, summary);
  }
  if (only.length === 0) {
    for await (const model of source.models()) summary.versions += await target.registeredModel(model);
  }
  await target.finish();
  return summary;
}

async function exportExperiment(
  options: ExportOptions,
  experiment: SourceExperiment,
  summary: ExportSummary,
): Promise<void> {
  const { source, target, files, progress } = options;
  const place = await target.experiment(experiment);
  summary.experiments++;
  let seen = 0;
  for await (const page of source.runs(experiment.id)) {
    for (const run of page) {
      if (place.has(run)) summary.knownRuns++;
      else await exportRun(options, place, run, summary);
    }
    seen += page.length;
    progress(`${experiment.name}: ${seen} runs, ${summary.points} points so far`);
  }
  for await (const model of source.loggedModels(experiment.id)) {
    if (await place.loggedModel(model, files ? source.files(model.artifactUri) : nothing())) summary.loggedModels++;
  }
}

async function exportRun(
  { source, files }: ExportOptions,
  place: TargetExperiment,
  run: SourceRun,
  summary: ExportSummary,
): Promise<void> {
  async function* counted(): AsyncIterable<readonly SourcePoint[]> {
    for await (const points of source.points([run.id])) {
      yield points;
      summary.points += points.length;
    }
  }
  const stored = await place.run(run, { points: counted(), files: files ? source.files(run.artifactUri) : nothing() });
  summary.runs++;
  if (stored === undefined) summary.filesLeft++;
  else summary.files += stored;
}

async function* nothing(): AsyncIterable<SourceFile> {}
