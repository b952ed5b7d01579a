import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type MlflowSource,
  metricValueOf,
  type SourceDataset,
  type SourceExperiment,
  type SourceLoggedModel,
  type SourcePoint,
  type SourceRun,
  statusOf,
} from './facts.ts';
import { registeredModelIn } from './folder-models.ts';
import { filesBelow, folderOf } from './local-files.ts';
import { foldersIn, type Meta, metaIn, textsIn } from './meta-files.ts';

const RUNS_A_PAGE = 200;
/** Folders beside the experiments that are none. */
const NO_EXPERIMENT = new Set(['.trash', 'models', '.git']);
const STATUS_BY_NUMBER = ['', 'running', 'scheduled', 'finished', 'failed', 'killed'] as const;

/** Reads an `mlruns` folder: a file a param, tag and metric, and `meta.yaml` for the rest. */
export function folderSource(root: string): MlflowSource {
  /** Where each run lies, of the page read last. */
  const folders = new Map<string, string>();

  async function experimentFolders(): Promise<readonly { folder: string; deleted: boolean }[]> {
    const inside = async (folder: string, deleted: boolean) =>
      (await foldersIn(folder))
        .filter((name) => !NO_EXPERIMENT.has(name))
        .map((name) => ({ folder: join(folder, name), deleted }));
    return [...(await inside(root, false)), ...(await inside(join(root, '.trash'), true))];
  }

  const folderOfExperiment = async (id: string) => {
    for (const { folder } of await experimentFolders()) {
      const meta = await metaIn(folder);
      if (meta && String(meta.experiment_id) === id) return folder;
    }
    throw new Error(`${root} has no experiment ${id}`);
  };

  return {
    label: root,
    async *experiments() {
      let found = 0;
      for (const { folder, deleted } of await experimentFolders()) {
        const meta = await metaIn(folder);
        if (!meta || meta.experiment_id === undefined) continue;
        found++;
        yield {
          id: String(meta.experiment_id),
          name: String(meta.name),
          artifactLocation: String(meta.artifact_location ?? ''),
          lifecycle: deleted || meta.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
          createdAtMs: meta.creation_time === undefined ? null : Number(meta.creation_time),
          tags: await textsIn(join(folder, 'tags')),
        } satisfies SourceExperiment;
      }
      if (found === 0) throw new Error(`${root} is no mlruns folder: no folder in it has a meta.yaml of an experiment`);
    },
    async countRuns(experimentId) {
      return (await runFolders(await folderOfExperiment(experimentId))).length;
    },
    async *runs(experimentId) {
      const found = await runFolders(await folderOfExperiment(experimentId));
      for (let start = 0; start < found.length; start += RUNS_A_PAGE) {
        folders.clear();
        const page: SourceRun[] = [];
        for (const folder of found.slice(start, start + RUNS_A_PAGE)) {
          const run = await runIn(folder);
          folders.set(run.id, folder);
          page.push(run);
        }
        yield page;
      }
    },
    async *points(runs) {
      for (const run of runs) {
        const folder = folders.get(run);
        if (folder === undefined) continue;
        for await (const { path } of filesBelow(join(folder, 'metrics'))) {
          const text = await readFile(join(folder, 'metrics', path), 'utf8');
          const points = text.split('\n').flatMap((line) => pointOf(run, path, line) ?? []);
          if (points.length > 0) yield points;
        }
      }
    },
    async *loggedModels(experimentId) {
      const folder = join(await folderOfExperiment(experimentId), 'models');
      for (const name of await foldersIn(folder)) {
        const meta = await metaIn(join(folder, name));
        if (meta?.model_id !== undefined) yield await loggedModelIn(join(folder, name), meta, experimentId);
      }
    },
    async *models() {
      for (const name of await foldersIn(join(root, 'models'))) {
        const meta = await metaIn(join(root, 'models', name));
        if (meta?.name !== undefined) yield await registeredModelIn(join(root, 'models', name), meta);
      }
    },
    async *files(uri) {
      const folder = folderOf(uri, join(root, '..'), undefined);
      if (folder !== undefined) yield* filesBelow(folder);
    },
    close: async () => undefined,
  };
}

async function runFolders(experiment: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await foldersIn(experiment)) {
    const folder = join(experiment, name);
    if (await stat(join(folder, 'meta.yaml')).catch(() => undefined)) {
      if (name !== 'models' && name !== 'tags' && name !== 'datasets') found.push(folder);
    }
  }
  return found;
}

async function runIn(folder: string): Promise<SourceRun> {
  const meta = (await metaIn(folder)) ?? {};
  const tags = await textsIn(join(folder, 'tags'));
  const status = typeof meta.status === 'number' ? STATUS_BY_NUMBER[meta.status] : String(meta.status);
  return {
    id: String(meta.run_id ?? meta.run_uuid),
    name: String(meta.run_name ?? meta.name ?? tags['mlflow.runName'] ?? ''),
    userId: String(meta.user_id ?? ''),
    status: statusOf(status),
    lifecycle: meta.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
    startedAtMs: Number(meta.start_time ?? 0),
    endedAtMs: meta.end_time === null || meta.end_time === undefined ? null : Number(meta.end_time),
    artifactUri: String(meta.artifact_uri ?? join(folder, 'artifacts')),
    params: await textsIn(join(folder, 'params')),
    tags,
    datasets: await datasetsOf(folder),
    modelInputs: (await foldersIn(join(folder, 'inputs'))).filter((name) => name.startsWith('m-')),
    modelOutputs: await outputsOf(folder),
  };
}

async function datasetsOf(folder: string): Promise<readonly SourceDataset[]> {
  const datasets: SourceDataset[] = [];
  for (const name of await foldersIn(join(folder, 'inputs'))) {
    const meta = await metaIn(join(folder, 'inputs', name));
    if (meta?.source_type !== 'DATASET') continue;
    const dataset = await metaIn(join(folder, '..', 'datasets', String(meta.source_id)));
    if (!dataset) continue;
    datasets.push({
      name: String(dataset.name),
      digest: String(dataset.digest),
      sourceType: String(dataset.source_type ?? ''),
      source: String(dataset.source ?? ''),
      schema: dataset.schema === undefined ? null : String(dataset.schema),
      profile: dataset.profile === undefined ? null : String(dataset.profile),
      tags: textsOf(meta.tags),
    });
  }
  return datasets;
}

async function outputsOf(folder: string): Promise<SourceRun['modelOutputs']> {
  const outputs: { modelId: string; step: number }[] = [];
  for (const name of await foldersIn(join(folder, 'outputs'))) {
    const meta = await metaIn(join(folder, 'outputs', name));
    if (meta) outputs.push({ modelId: String(meta.destination_id), step: Number(meta.step ?? 0) });
  }
  return outputs;
}

async function loggedModelIn(folder: string, meta: Meta, experimentId: string): Promise<SourceLoggedModel> {
  const metrics: SourceLoggedModel['metrics'][number][] = [];
  for await (const { path } of filesBelow(join(folder, 'metrics'))) {
    for (const line of (await readFile(join(folder, 'metrics', path), 'utf8')).split('\n')) {
      const [timestamp, value, step, run, datasetName, datasetDigest] = line.trim().split(' ');
      if (value === undefined) continue;
      metrics.push({
        key: path,
        value: metricValueOf(value),
        step: Number(step ?? 0),
        timestampMs: Number(timestamp),
        run: run ?? null,
        datasetName: datasetName ?? null,
        datasetDigest: datasetDigest ?? null,
      });
    }
  }
  const status = ['pending', 'pending', 'ready', 'failed'] as const;
  return {
    id: String(meta.model_id),
    experimentId,
    name: String(meta.name),
    modelType: String(meta.model_type ?? ''),
    sourceRun: meta.source_run_id ? String(meta.source_run_id) : null,
    status: status[Number(meta.status)] ?? 'ready',
    artifactUri: String(meta.artifact_location ?? join(folder, 'artifacts')),
    createdAtMs: Number(meta.creation_timestamp ?? 0),
    changedAtMs: Number(meta.last_updated_timestamp ?? 0),
    params: await textsIn(join(folder, 'params')),
    tags: await textsIn(join(folder, 'tags')),
    metrics,
  };
}

/** A line is `<time> <value> <step>`; old ones have no step. What a crash left half written is left out. */
function pointOf(run: string, key: string, line: string): SourcePoint | undefined {
  const [timestamp = '', value, step = '0'] = line.trim().split(' ');
  if (value === undefined || !/^\d+$/.test(timestamp)) return undefined;
  return { run, key, value: metricValueOf(value), step: Number(step), timestampMs: Number(timestamp) };
}

function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
}
