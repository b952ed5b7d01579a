import {
  type MlflowSource,
  metricValueOf,
  type SourceDataset,
  type SourceFile,
  type SourceLoggedModel,
  type SourcePoint,
  type SourceRun,
  statusOf,
} from './facts.ts';
import { filesBelow, folderOf } from './local-files.ts';
import { type Pair, proxiedPath, queryOf, Rest, StatusError, textsOf } from './rest.ts';
import { registeredModel } from './rest-models.ts';

const RUNS_A_PAGE = 200;
const POINTS_A_PAGE = 25_000;
const AT_ONCE = 8;

/** What MLflow answers with, as far as it is read here. */
interface WirePoint {
  readonly key: string;
  readonly value: number | string;
  readonly timestamp: number | string;
  readonly step?: number | string;
}
interface WireRun {
  readonly info: Readonly<Record<string, string | number | undefined>> & { readonly run_id: string };
  readonly data?: { readonly params?: Pair[]; readonly tags?: Pair[]; readonly metrics?: WirePoint[] };
  readonly inputs?: {
    readonly dataset_inputs?: {
      readonly tags?: Pair[];
      readonly dataset: Readonly<Record<string, string | undefined>>;
    }[];
    readonly model_inputs?: { readonly model_id: string }[];
  };
  readonly outputs?: { readonly model_outputs?: { readonly model_id: string; readonly step?: number }[] };
}
interface WireLoggedModel {
  readonly info: Readonly<Record<string, unknown>> & { readonly model_id: string; readonly tags?: Pair[] };
  readonly data?: {
    readonly params?: Pair[];
    readonly metrics?: (WirePoint & {
      readonly run_id?: string;
      readonly dataset_name?: string;
      readonly dataset_digest?: string;
    })[];
  };
}

/** Reads a running MLflow server over its REST API. */
export function restSource(address: string, credentials: Readonly<Record<string, string>>): MlflowSource {
  const rest = new Rest(address, credentials);
  const ask = (path: string, body?: object) => rest.ask(path, body);
  /** Metric keys of the runs read last, so that histories are asked for by key. */
  const keys = new Map<string, readonly string[]>();

  return {
    label: rest.root,
    async *experiments() {
      type Page = { experiments?: Readonly<Record<string, string | number | Pair[]>>[]; next_page_token?: string };
      const body = { max_results: 1000, view_type: 'ALL' };
      for await (const page of rest.paged<Page>((page_token) =>
        ask('mlflow/experiments/search', { ...body, page_token }),
      )) {
        for (const one of page.experiments ?? []) {
          yield {
            id: String(one.experiment_id),
            name: String(one.name),
            artifactLocation: String(one.artifact_location ?? ''),
            lifecycle: one.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
            createdAtMs: one.creation_time === undefined ? null : Number(one.creation_time),
            tags: textsOf(one.tags as Pair[] | undefined),
          };
        }
      }
    },
    countRuns: async () => undefined,
    async *runs(experimentId) {
      type Page = { runs?: WireRun[]; next_page_token?: string };
      const body = { experiment_ids: [experimentId], max_results: RUNS_A_PAGE, run_view_type: 'ALL' };
      const orderBy = ['attributes.start_time ASC'];
      for await (const page of rest.paged<Page>((page_token) =>
        ask('mlflow/runs/search', { ...body, order_by: orderBy, page_token }),
      )) {
        const runs = page.runs ?? [];
        keys.clear();
        for (const { info, data } of runs)
          keys.set(
            info.run_id,
            (data?.metrics ?? []).map(({ key }) => key),
          );
        yield runs.map(runOf);
      }
    },
    async *points(runs) {
      const wanted = runs.flatMap((run) => (keys.get(run) ?? []).map((key) => ({ run, key })));
      for (let start = 0; start < wanted.length; start += AT_ONCE) {
        const histories = await Promise.all(
          wanted.slice(start, start + AT_ONCE).map(({ run, key }) => history(run, key)),
        );
        for (const points of histories) if (points.length > 0) yield points;
      }
    },
    async *loggedModels(experimentId) {
      type Page = { models?: WireLoggedModel[]; next_page_token?: string };
      const body = { experiment_ids: [experimentId], max_results: 50 };
      for await (const page of rest.paged<Page>((page_token) =>
        // Servers before version 3 have no such route.
        ask('mlflow/logged-models/search', { ...body, page_token }).catch(emptyWhenUnknown),
      )) {
        for (const model of page.models ?? []) yield loggedModelOf(model, experimentId);
      }
    },
    async *models() {
      type Page = { registered_models?: Readonly<Record<string, unknown>>[]; next_page_token?: string };
      for (const filter of ['', "tags.`mlflow.prompt.is_prompt` = 'true'"]) {
        const read = (token?: string) =>
          ask(`mlflow/registered-models/search?${queryOf({ max_results: '100', filter, page_token: token })}`);
        for await (const page of rest.paged<Page>(read)) {
          for (const model of page.registered_models ?? []) yield await registeredModel(rest, model);
        }
      }
    },
    async *files(uri) {
      const path = proxiedPath(uri);
      if (path !== undefined) yield* proxied(path, '');
      else {
        const folder = folderOf(uri, process.cwd(), undefined);
        if (folder !== undefined) yield* filesBelow(folder);
      }
    },
    close: async () => undefined,
  };

  async function history(run: string, key: string): Promise<readonly SourcePoint[]> {
    type Page = { metrics?: WirePoint[]; next_page_token?: string };
    const points: SourcePoint[] = [];
    const read = (token?: string) =>
      ask(
        `mlflow/metrics/get-history?${queryOf({ run_id: run, metric_key: key, max_results: String(POINTS_A_PAGE), page_token: token })}`,
      );
    for await (const page of rest.paged<Page>(read)) {
      for (const { value, timestamp, step = 0 } of page.metrics ?? []) {
        points.push({ run, key, value: metricValueOf(value), step: Number(step), timestampMs: Number(timestamp) });
      }
    }
    return points;
  }

  async function* proxied(path: string, below: string): AsyncIterable<SourceFile> {
    const full = below === '' ? path : `${path}/${below}`;
    const { files = [] } = (await ask(`mlflow-artifacts/artifacts?${queryOf({ path: full })}`)) as {
      files?: { path: string; is_dir?: boolean; file_size?: number | string }[];
    };
    for (const file of files) {
      const inner = below === '' ? file.path : `${below}/${file.path}`;
      if (file.is_dir) yield* proxied(path, inner);
      else {
        const read = () => rest.getFile(`${path}/${inner}`);
        yield { path: inner, sizeBytes: Number(file.file_size ?? 0), read };
      }
    }
  }
}

function runOf({ info, data, inputs, outputs }: WireRun): SourceRun {
  const tags = textsOf(data?.tags);
  return {
    id: info.run_id,
    name: String(info.run_name ?? tags['mlflow.runName'] ?? ''),
    userId: String(info.user_id ?? ''),
    status: statusOf(String(info.status)),
    lifecycle: info.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
    startedAtMs: Number(info.start_time ?? 0),
    endedAtMs: info.end_time === undefined ? null : Number(info.end_time),
    artifactUri: String(info.artifact_uri ?? ''),
    params: textsOf(data?.params),
    tags,
    datasets: (inputs?.dataset_inputs ?? []).map(
      ({ dataset, tags: own }): SourceDataset => ({
        name: dataset.name ?? '',
        digest: dataset.digest ?? '',
        sourceType: dataset.source_type ?? '',
        source: dataset.source ?? '',
        schema: dataset.schema ?? null,
        profile: dataset.profile ?? null,
        tags: textsOf(own),
      }),
    ),
    modelInputs: (inputs?.model_inputs ?? []).map(({ model_id }) => model_id),
    modelOutputs: (outputs?.model_outputs ?? []).map(({ model_id, step = 0 }) => ({
      modelId: model_id,
      step: Number(step),
    })),
  };
}

const MODEL_STATUS: Readonly<Record<string, SourceLoggedModel['status']>> = {
  LOGGED_MODEL_PENDING: 'pending',
  LOGGED_MODEL_READY: 'ready',
  LOGGED_MODEL_UPLOAD_FAILED: 'failed',
};

function loggedModelOf({ info, data }: WireLoggedModel, experimentId: string): SourceLoggedModel {
  return {
    id: info.model_id,
    experimentId,
    name: String(info.name ?? ''),
    modelType: String(info.model_type ?? ''),
    sourceRun: info.source_run_id ? String(info.source_run_id) : null,
    status: MODEL_STATUS[String(info.status)] ?? 'ready',
    artifactUri: String(info.artifact_uri ?? ''),
    createdAtMs: Number(info.creation_timestamp_ms ?? 0),
    changedAtMs: Number(info.last_updated_timestamp_ms ?? 0),
    params: textsOf(data?.params),
    tags: textsOf(info.tags),
    metrics: (data?.metrics ?? []).map((metric) => ({
      key: metric.key,
      value: metricValueOf(metric.value),
      step: Number(metric.step ?? 0),
      timestampMs: Number(metric.timestamp),
      run: metric.run_id ?? null,
      datasetName: metric.dataset_name ?? null,
      datasetDigest: metric.dataset_digest ?? null,
    })),
  };
}

function emptyWhenUnknown(error: unknown): object {
  if (error instanceof StatusError && error.status === 404) return {};
  throw error;
}
