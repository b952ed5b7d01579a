import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { stringify } from 'yaml';
import type { SourceExperiment, SourceFile, SourceLoggedModel, SourceModel, SourceRun } from './facts.ts';
import { foldersIn, metaIn } from './meta-files.ts';
import type { MlflowTarget, RunContent, TargetExperiment } from './targets.ts';

const STATUS_NUMBER = { running: 1, scheduled: 2, finished: 3, failed: 4, killed: 5 } as const;
const MODEL_STATUS_NUMBER = { pending: 1, ready: 2, failed: 3 } as const;
const TRASH = '.trash';
/** Where what is being written lies until it is whole. */
const UNFINISHED = '.unfinished';

/** Writes an `mlruns` folder as MLflow's file store keeps it. Runs and models keep their ids. */
export function folderTarget(given: string): MlflowTarget {
  const root = resolve(given);
  const place = (...parts: readonly string[]) => join(root, ...parts);

  /** Writes a folder elsewhere first, so that what is there is whole. */
  async function whole(folder: string, write: (unfinished: string) => Promise<void>): Promise<void> {
    const unfinished = place(UNFINISHED);
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    await write(unfinished);
    await mkdir(dirname(folder), { recursive: true });
    await rename(unfinished, folder);
  }

  async function idOf(experiment: SourceExperiment): Promise<{ readonly id: string; readonly folder: string }> {
    let greatest = 0;
    for (const base of [root, place(TRASH)]) {
      for (const name of await foldersIn(base)) {
        const meta = await metaIn(join(base, name));
        if (meta?.experiment_id === undefined) continue;
        greatest = Math.max(greatest, Number(meta.experiment_id));
        if (meta.name === experiment.name) return { id: String(meta.experiment_id), folder: join(base, name) };
      }
    }
    const id = experiment.name === 'Default' ? '0' : String(greatest + 1);
    const folder = experiment.lifecycle === 'deleted' ? place(TRASH, id) : place(id);
    await whole(folder, async (unfinished) => {
      await writeMeta(unfinished, {
        artifact_location: uriOf(place(id)),
        creation_time: experiment.createdAtMs ?? 0,
        experiment_id: id,
        last_update_time: experiment.createdAtMs ?? 0,
        lifecycle_stage: experiment.lifecycle,
        name: experiment.name,
      });
      await writeTexts(join(unfinished, 'tags'), experiment.tags);
    });
    return { id, folder };
  }

  async function writeRun(
    experiment: { readonly id: string; readonly folder: string; readonly deleted: boolean },
    run: SourceRun,
    content: RunContent,
  ): Promise<number> {
    const folder = join(experiment.folder, run.id);
    let files = 0;
    await whole(folder, async (unfinished) => {
      for (const part of ['metrics', 'params', 'tags', 'artifacts']) await mkdir(join(unfinished, part));
      await writeTexts(join(unfinished, 'params'), run.params);
      await writeTexts(join(unfinished, 'tags'), run.tags);
      for await (const points of content.points) {
        for (const [key, own] of Map.groupBy(points, (point) => point.key)) {
          const lines = own.map(({ timestampMs, value, step }) => `${timestampMs} ${pythonNumber(value)} ${step}\n`);
          await appendWithin(join(unfinished, 'metrics', key), lines.join(''));
        }
      }
      for (const dataset of run.datasets) await writeDataset(experiment.folder, unfinished, dataset);
      for (const model of run.modelInputs) await writeLink(join(unfinished, 'inputs', model), 'INPUT', model, 0);
      for (const { modelId, step } of run.modelOutputs) {
        await writeLink(join(unfinished, 'outputs', modelId), 'OUTPUT', modelId, step);
      }
      files = await writeFiles(join(unfinished, 'artifacts'), content.files);
      await writeMeta(unfinished, {
        artifact_uri: uriOf(join(folder, 'artifacts')),
        end_time: run.endedAtMs,
        entry_point_name: '',
        experiment_id: experiment.id,
        lifecycle_stage: experiment.deleted ? 'deleted' : run.lifecycle,
        run_id: run.id,
        run_name: run.name,
        source_name: '',
        source_type: 4,
        source_version: '',
        start_time: run.startedAtMs,
        status: STATUS_NUMBER[run.status],
        tags: [],
        user_id: run.userId,
        ...(experiment.deleted || run.lifecycle === 'deleted'
          ? { deleted_time: run.endedAtMs ?? run.startedAtMs }
          : {}),
      });
    });
    return files;
  }

  async function writeLoggedModel(
    experiment: { readonly id: string; readonly folder: string },
    model: SourceLoggedModel,
    files: AsyncIterable<SourceFile>,
  ): Promise<boolean> {
    const folder = join(experiment.folder, 'models', model.id);
    if (existsSync(folder)) return false;
    await whole(folder, async (unfinished) => {
      await writeTexts(join(unfinished, 'params'), model.params);
      await writeTexts(join(unfinished, 'tags'), model.tags);
      await mkdir(join(unfinished, 'metrics'), { recursive: true });
      for (const { key, timestampMs, value, step, run, datasetName, datasetDigest } of model.metrics) {
        const dataset = datasetName === null ? '' : ` ${datasetName} ${datasetDigest}`;
        const line = `${timestampMs} ${pythonNumber(value)} ${step} ${run}${dataset}\n`;
        await appendWithin(join(unfinished, 'metrics', key), line);
      }
      await mkdir(join(unfinished, 'artifacts'), { recursive: true });
      await writeFiles(join(unfinished, 'artifacts'), files);
      await writeMeta(unfinished, {
        artifact_location: uriOf(join(folder, 'artifacts')),
        creation_timestamp: model.createdAtMs,
        experiment_id: experiment.id,
        last_updated_timestamp: model.changedAtMs,
        model_id: model.id,
        model_type: model.modelType,
        name: model.name,
        source_run_id: model.sourceRun,
        status: MODEL_STATUS_NUMBER[model.status],
        status_message: null,
      });
    });
    return true;
  }

  async function writeRegisteredModel(model: SourceModel, sourceOf: (source: string) => string): Promise<number> {
    const { name, description, createdAtMs, changedAtMs } = model;
    const folder = place('models', name);
    let added = 0;
    await writeTexts(join(folder, 'tags'), model.tags);
    await writeTexts(join(folder, 'aliases'), mapValues(model.aliases, String));
    for (const version of model.versions) {
      const own = join(folder, `version-${version.version}`);
      if (existsSync(own)) continue;
      await whole(own, async (unfinished) => {
        await writeTexts(join(unfinished, 'tags'), version.tags);
        await writeMeta(unfinished, {
          creation_timestamp: version.createdAtMs,
          current_stage: version.stage,
          description: version.description || null,
          last_updated_timestamp: version.changedAtMs,
          name,
          run_id: version.run,
          run_link: null,
          source: sourceOf(version.source),
          status: 'READY',
          status_message: null,
          storage_location: sourceOf(version.source),
          user_id: version.userId || null,
          version: version.version,
        });
      });
      added++;
    }
    const timestamps = { creation_timestamp: createdAtMs, last_updated_timestamp: changedAtMs };
    const aliases = mapValues(model.aliases, String);
    await writeMeta(folder, { aliases, ...timestamps, description: description || null, name });
    return added;
  }

  /** Folder of each run that is here now, by its id. */
  const folders = new Map<string, string>();

  return {
    label: root,
    async experiment(experiment): Promise<TargetExperiment> {
      const found = { ...(await idOf(experiment)), deleted: experiment.lifecycle === 'deleted' };
      return {
        has(run) {
          folders.set(run.id, join(found.folder, run.id));
          return existsSync(join(found.folder, run.id));
        },
        run: (run, content) => writeRun(found, run, content),
        loggedModel: (model, files) => writeLoggedModel(found, model, files),
      };
    },
    registeredModel: (model) =>
      writeRegisteredModel(model, (source) => {
        const [, run = '', below = ''] = /([^/]+)\/artifacts(\/.*)?$/.exec(source) ?? [];
        const folder = folders.get(run);
        return folder === undefined ? source : uriOf(join(folder, 'artifacts')) + below;
      }),
    async finish() {
      await mkdir(place(TRASH), { recursive: true });
      await rm(place(UNFINISHED), { recursive: true, force: true });
    },
  };
}

async function writeDataset(experiment: string, run: string, dataset: SourceRun['datasets'][number]): Promise<void> {
  const { name, digest, sourceType, source, schema, profile, tags } = dataset;
  const id = createHash('md5').update(`${name}${digest}`).digest('hex');
  const meta = { digest, name, profile, schema, source, source_type: sourceType };
  await writeMeta(join(experiment, 'datasets', id), meta);
  await writeMeta(join(run, 'inputs', createHash('md5').update(id).digest('hex')), {
    ...{ destination_id: id, destination_type: 'RUN', source_id: id, source_type: 'DATASET' },
    tags,
  });
}

async function writeLink(folder: string, kind: 'INPUT' | 'OUTPUT', model: string, step: number): Promise<void> {
  const [destination, source] = [`MODEL_${kind}`, `RUN_${kind}`];
  const ends = { destination_id: model, destination_type: destination, source_id: model, source_type: source };
  await writeMeta(folder, { ...ends, ...(kind === 'OUTPUT' ? { step } : {}), tags: {} });
}

async function writeFiles(folder: string, files: AsyncIterable<SourceFile>): Promise<number> {
  let count = 0;
  for await (const file of files) {
    const path = within(folder, file.path);
    await mkdir(dirname(path), { recursive: true });
    await pipeline((await file.read()).stream(), createWriteStream(path));
    count++;
  }
  return count;
}

async function writeMeta(folder: string, meta: object): Promise<void> {
  await mkdir(folder, { recursive: true });
  // MLflow reads YAML 1.1, in which more plain words are numbers and booleans: every text is quoted.
  const text = stringify(meta, { version: '1.1', defaultStringType: 'QUOTE_SINGLE', defaultKeyType: 'PLAIN' });
  await writeFile(join(folder, 'meta.yaml'), text);
}

/** A file a key; a key with slashes is a file in folders. */
async function writeTexts(folder: string, texts: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [key, value] of Object.entries(texts)) {
    const path = within(folder, key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, value);
  }
}

async function appendWithin(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await appendFile(path, text);
}

/** @throws Error when a name climbs out of the folder */
function within(folder: string, name: string): string {
  const path = resolve(folder, name);
  if (path.startsWith(`${folder}/`)) return path;
  throw new Error(`"${name}" cannot be the name of a file`);
}

function pythonNumber(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

function mapValues<In, Out>(record: Readonly<Record<string, In>>, map: (value: In) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function uriOf(path: string): string {
  return pathToFileURL(path).href;
}
