import type { SourceExperiment, SourceFile, SourceLoggedModel, SourcePoint, SourceRun } from './facts.ts';
import { placeOn, writeModel } from './registry-writer.ts';
import { type Pair, pairsOf, proxiedPath, queryOf, Rest, StatusError, textsOf } from './rest.ts';
import type { MlflowTarget, RunContent, TargetExperiment } from './targets.ts';

const METRICS_A_BATCH = 1000;
const PAIRS_A_BATCH = 100;
/** Which run or model of ours one is there. */
const ORIGIN_TAG = 'trimtab.exportedFrom';
/** Set when all of a run is there. */
const WHOLE_TAG = 'trimtab.exported';
const PARENT_TAG = 'mlflow.parentRunId';
/** What the server there sets itself, or what says nothing there. */
const LEFT_OUT = new Set([PARENT_TAG, 'mlflow.runName', 'trimtab.importedFrom', ORIGIN_TAG, WHOLE_TAG]);

/** A run as it is on the server. */
interface There {
  readonly id: string;
  readonly artifactUri: string;
  readonly whole: boolean;
  readonly deleted: boolean;
  readonly parent: string | undefined;
  readonly links: number;
}

interface WireRun {
  readonly info: { readonly run_id: string; readonly artifact_uri: string; readonly lifecycle_stage: string };
  readonly data?: { readonly tags?: Pair[] };
  readonly inputs?: { readonly model_inputs?: object[] };
  readonly outputs?: { readonly model_outputs?: object[] };
}

/**
 * Writes to a running server over MLflow's REST API. It gives out ids of its own; which run is which is said by a tag.
 */
export function restTarget(address: string, credentials: Readonly<Record<string, string>>): MlflowTarget {
  const rest = new Rest(address, credentials);
  const post = (path: string, body: object) => rest.ask(`mlflow/${path}`, body);
  const runs = new Map<string, There>();
  const models = new Map<string, string>();
  const told: SourceRun[] = [];
  const deletedExperiments = new Map<string, string>();

  async function idOfExperiment({ name, tags, lifecycle }: SourceExperiment): Promise<string> {
    const found = await unlessMissing(rest.ask(`mlflow/experiments/get-by-name?${queryOf({ experiment_name: name })}`));
    const { experiment } = (found ?? {}) as { experiment?: { experiment_id: string; lifecycle_stage: string } };
    const id =
      experiment?.experiment_id ??
      ((await post('experiments/create', { name, tags: pairsOf(tags) })) as { experiment_id: string }).experiment_id;
    // Nothing can be written to what is deleted.
    if (experiment?.lifecycle_stage === 'deleted') await post('experiments/restore', { experiment_id: id });
    if (lifecycle === 'deleted') deletedExperiments.set(name, id);
    return id;
  }

  async function readRuns(experiment: string): Promise<void> {
    type Page = { runs?: WireRun[]; next_page_token?: string };
    const body = { experiment_ids: [experiment], max_results: 1000, run_view_type: 'ALL' };
    for await (const page of rest.paged<Page>((page_token) => post('runs/search', { ...body, page_token }))) {
      for (const run of page.runs ?? []) {
        const tags = textsOf(run.data?.tags);
        // A run that came from this server has its id.
        runs.set(tags[ORIGIN_TAG] ?? run.info.run_id, thereOf(run, tags));
      }
    }
  }

  async function readModels(experiment: string): Promise<void> {
    type Page = {
      models?: { info: { model_id: string; status: string; tags?: Pair[] } }[];
      next_page_token?: string;
    };
    const read = (page_token?: string) =>
      unlessMissing(post('logged-models/search', { experiment_ids: [experiment], page_token }));
    for await (const page of rest.paged<Page>(async (token) => (await read(token)) ?? {})) {
      for (const { info } of page.models ?? []) {
        if (info.status !== 'LOGGED_MODEL_PENDING')
          models.set(textsOf(info.tags)[ORIGIN_TAG] ?? info.model_id, info.model_id);
      }
    }
  }

  async function writeRun(experiment: string, run: SourceRun, content: RunContent): Promise<number | undefined> {
    const there = runs.get(run.id) ?? (await createRun(experiment, run));
    runs.set(run.id, there);
    if (there.deleted) await post('runs/restore', { run_id: there.id });
    const params = pairsOf(run.params);
    for (let start = 0; start < params.length; start += PAIRS_A_BATCH) {
      await post('runs/log-batch', { run_id: there.id, params: params.slice(start, start + PAIRS_A_BATCH) });
    }
    for await (const points of content.points) await logPoints(there.id, points);
    if (run.datasets.length > 0)
      await post('runs/log-inputs', { run_id: there.id, datasets: run.datasets.map(wireDataset) });
    const files = await putFiles(there.artifactUri, content.files);
    const ended = run.endedAtMs === null ? {} : { end_time: run.endedAtMs };
    await post('runs/update', { run_id: there.id, status: run.status.toUpperCase(), ...ended });
    await post('runs/set-tag', { run_id: there.id, key: WHOLE_TAG, value: 'whole' });
    runs.set(run.id, { ...there, whole: true, deleted: false });
    return files;
  }

  async function createRun(experiment: string, run: SourceRun): Promise<There> {
    const tags = pairsOf(run.tags).filter(({ key }) => !LEFT_OUT.has(key));
    const { run: made } = (await post('runs/create', {
      ...{ experiment_id: experiment, user_id: run.userId, start_time: run.startedAtMs, run_name: run.name },
      tags: [...tags, { key: ORIGIN_TAG, value: run.id }],
    })) as { run: WireRun };
    return thereOf(made, {});
  }

  async function logPoints(run: string, points: readonly SourcePoint[]): Promise<void> {
    for (let start = 0; start < points.length; start += METRICS_A_BATCH) {
      const metrics = points.slice(start, start + METRICS_A_BATCH).map(wirePoint);
      await post('runs/log-batch', { run_id: run, metrics });
    }
  }

  async function putFiles(uri: string, files: AsyncIterable<SourceFile>): Promise<number | undefined> {
    const root = proxiedPath(uri);
    let stored = 0;
    for await (const file of files) {
      if (root === undefined) return undefined;
      await rest.putFile(`${root}/${file.path}`, await file.read());
      stored++;
    }
    return stored;
  }

  async function writeLoggedModel(experiment: string, model: SourceLoggedModel, files: AsyncIterable<SourceFile>) {
    if (models.has(model.id)) return false;
    const { name, modelType, sourceRun, params, tags, status } = model;
    const run = sourceRun === null ? undefined : runs.get(sourceRun)?.id;
    const made = await unlessMissing(
      post('logged-models', {
        ...{ experiment_id: experiment, name, model_type: modelType, params: pairsOf(params) },
        ...(run === undefined ? {} : { source_run_id: run }),
        tags: [...pairsOf(tags), { key: ORIGIN_TAG, value: model.id }],
      }),
    );
    // Servers before version 3 know no logged models.
    if (made === undefined) return false;
    const { info } = (made as { model: { info: { model_id: string; artifact_uri: string } } }).model;
    await putFiles(info.artifact_uri, files);
    for (const metric of model.metrics) {
      const there = metric.run === null ? undefined : runs.get(metric.run);
      if (there === undefined || there.deleted) continue;
      const dataset =
        metric.datasetName === null
          ? {}
          : { dataset_name: metric.datasetName, dataset_digest: metric.datasetDigest ?? '' };
      const point = { key: metric.key, value: metric.value, step: metric.step, timestampMs: metric.timestampMs };
      const told = { ...wirePoint(point), ...dataset, model_id: info.model_id };
      await post('runs/log-batch', { run_id: there.id, metrics: [told] });
    }
    if (status !== 'pending') {
      const wire = status === 'ready' ? 'LOGGED_MODEL_READY' : 'LOGGED_MODEL_UPLOAD_FAILED';
      await rest.ask(`mlflow/logged-models/${info.model_id}`, { model_id: info.model_id, status: wire }, 'PATCH');
    }
    models.set(model.id, info.model_id);
    return true;
  }

  /** Links between runs and models, the parent, and whether it is deleted. */
  async function finishRun(run: SourceRun): Promise<void> {
    const there = runs.get(run.id);
    // Deleting an experiment deletes its runs; a run that came from this server is as it was there.
    if (there === undefined || there.id === run.id || there.deleted) return;
    const inputs = run.modelInputs.flatMap((model) => models.get(model) ?? []);
    const outputs = run.modelOutputs.flatMap(({ modelId, step }) => {
      const id = models.get(modelId);
      return id === undefined ? [] : [{ model_id: id, step }];
    });
    if (there.links < inputs.length + outputs.length) {
      if (inputs.length > 0) {
        await post('runs/log-inputs', { run_id: there.id, models: inputs.map((model_id) => ({ model_id })) });
      }
      if (outputs.length > 0) await post('runs/outputs', { run_id: there.id, models: outputs });
    }
    const parent = runs.get(run.tags[PARENT_TAG] ?? '')?.id;
    if (parent !== undefined && parent !== there.parent) {
      await post('runs/set-tag', { run_id: there.id, key: PARENT_TAG, value: parent });
    }
    if (run.lifecycle === 'deleted') await post('runs/delete', { run_id: there.id });
  }

  return {
    label: rest.root,
    async experiment(experiment): Promise<TargetExperiment> {
      const id = await idOfExperiment(experiment);
      await readRuns(id);
      await readModels(id);
      return {
        has(run) {
          told.push({ ...run, lifecycle: experiment.lifecycle === 'deleted' ? 'active' : run.lifecycle });
          return runs.get(run.id)?.whole ?? false;
        },
        run: (run, content) => writeRun(id, run, content),
        loggedModel: (model, files) => writeLoggedModel(id, model, files),
      };
    },
    registeredModel: (model) =>
      writeModel(rest, model, (version) =>
        placeOn(rest, version, { runOf: (run) => runs.get(run)?.id, modelOf: (logged) => models.get(logged) }),
      ),
    async finish() {
      for (const run of told) await finishRun(run);
      for (const id of deletedExperiments.values()) await post('experiments/delete', { experiment_id: id });
    },
  };
}

function thereOf({ info, inputs, outputs }: WireRun, tags: Readonly<Record<string, string>>): There {
  return {
    id: info.run_id,
    artifactUri: info.artifact_uri,
    whole: tags[ORIGIN_TAG] === undefined || tags[WHOLE_TAG] !== undefined,
    deleted: info.lifecycle_stage === 'deleted',
    parent: tags[PARENT_TAG],
    links: (inputs?.model_inputs?.length ?? 0) + (outputs?.model_outputs?.length ?? 0),
  };
}

function wirePoint({ key, value, step, timestampMs }: Omit<SourcePoint, 'run'>) {
  const wire = Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  return { key, value: wire, timestamp: timestampMs, step };
}

function wireDataset({ name, digest, sourceType, source, schema, profile, tags }: SourceRun['datasets'][number]) {
  const dataset = { name, digest, source_type: sourceType, source };
  return {
    dataset: { ...dataset, ...(schema === null ? {} : { schema }), ...(profile === null ? {} : { profile }) },
    tags: pairsOf(tags),
  };
}

async function unlessMissing(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof StatusError && error.status === 404) return undefined;
    throw error;
  }
}
