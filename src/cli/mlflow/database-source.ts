import { grouped, pairs, text, textOrNull } from './cells.ts';
import { registeredModels } from './database-models.ts';
import {
  type MlflowSource,
  metricValueOf,
  type SourceDataset,
  type SourceLoggedModel,
  type SourceRun,
  statusOf,
} from './facts.ts';
import { filesBelow, folderOf } from './local-files.ts';
import { type Cell, openQuery, type Query, type Row } from './query.ts';

const RUNS_A_PAGE = 500;
const POINTS_A_PAGE = 20_000;

/** Reads the database of an MLflow server, of version 2 or 3, without changing it. The server may run meanwhile. */
export async function databaseSource(url: string, artifactsFolder: string | undefined): Promise<MlflowSource> {
  const query = await openQuery(url);
  const tables = await tableNames(query, url);
  if (!tables.has('experiments') || !tables.has('runs')) {
    await query.close();
    throw new Error(`${withoutSecret(url)} is no database of MLflow: it has no tables "experiments" and "runs"`);
  }
  return {
    label: withoutSecret(url),
    async *experiments() {
      const tags = grouped(await query.rows('select experiment_id, key, value from experiment_tags'), 'experiment_id');
      for (const row of await query.rows('select * from experiments order by experiment_id')) {
        const id = String(row.experiment_id);
        yield {
          id,
          name: text(row.name),
          artifactLocation: text(row.artifact_location),
          lifecycle: row.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
          createdAtMs: numberOrNull(row.creation_time),
          tags: pairs(tags.get(id), 'key', 'value'),
        };
      }
    },
    async countRuns(experimentId) {
      const [row] = await query.rows('select count(*) as runs from runs where experiment_id = ?', [
        Number(experimentId),
      ]);
      return Number(row?.runs ?? 0);
    },
    async *runs(experimentId) {
      for (let after = ''; ; ) {
        const page = await query.rows(
          'select * from runs where experiment_id = ? and run_uuid > ? order by run_uuid limit ?',
          [Number(experimentId), after, RUNS_A_PAGE],
        );
        const last = page.at(-1);
        if (!last) return;
        after = text(last.run_uuid);
        yield await runsOf(query, tables, page);
      }
    },
    async *points(runs) {
      // The key of the table, so that each page goes on where the last ended.
      for (const run of runs) {
        for (let offset = 0; ; offset += POINTS_A_PAGE) {
          const page = await query.rows(
            `select key, value, timestamp, step, is_nan from metrics where run_uuid = ?
             order by key, timestamp, step, value, is_nan limit ? offset ?`,
            [run, POINTS_A_PAGE, offset],
          );
          if (page.length > 0) {
            yield page.map((row) => ({
              run,
              key: text(row.key),
              value: metricValueOf(Number(row.value), isTrue(row.is_nan)),
              step: Number(row.step),
              timestampMs: Number(row.timestamp),
            }));
          }
          if (page.length < POINTS_A_PAGE) break;
        }
      }
    },
    async *loggedModels(experimentId) {
      if (tables.has('logged_models')) yield* loggedModelsOf(query, experimentId);
    },
    async *models() {
      if (tables.has('registered_models')) yield* registeredModels(query, tables);
    },
    async *files(uri) {
      const folder = folderOf(uri, process.cwd(), artifactsFolder);
      if (folder !== undefined) yield* filesBelow(folder);
    },
    close: () => query.close(),
  };
}

async function tableNames(query: Query, url: string): Promise<ReadonlySet<string>> {
  const statement = url.startsWith('sqlite:')
    ? "select name from sqlite_master where type = 'table'"
    : 'select table_name as name from information_schema.tables where table_schema = current_schema()';
  return new Set((await query.rows(statement)).map((row) => text(row.name)));
}

async function runsOf(query: Query, tables: ReadonlySet<string>, page: readonly Row[]): Promise<readonly SourceRun[]> {
  const ids = page.map((row) => text(row.run_uuid));
  const marks = ids.map(() => '?').join(', ');
  const params = grouped(await query.rows(`select * from params where run_uuid in (${marks})`, ids), 'run_uuid');
  const tags = grouped(await query.rows(`select * from tags where run_uuid in (${marks})`, ids), 'run_uuid');
  const links = tables.has('inputs') ? await linksOf(query, ids, marks) : emptyLinks();
  return page.map((row) => {
    const id = text(row.run_uuid);
    const own = pairs(tags.get(id), 'key', 'value');
    return {
      id,
      name: text(row.name) || (own['mlflow.runName'] ?? ''),
      userId: text(row.user_id),
      status: statusOf(text(row.status)),
      lifecycle: row.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
      startedAtMs: Number(row.start_time ?? 0),
      endedAtMs: numberOrNull(row.end_time),
      artifactUri: text(row.artifact_uri),
      params: pairs(params.get(id), 'key', 'value'),
      tags: own,
      datasets: links.datasets.get(id) ?? [],
      modelInputs: links.modelInputs.get(id) ?? [],
      modelOutputs: links.modelOutputs.get(id) ?? [],
    };
  });
}

interface Links {
  readonly datasets: Map<string, SourceDataset[]>;
  readonly modelInputs: Map<string, string[]>;
  readonly modelOutputs: Map<string, { modelId: string; step: number }[]>;
}

function emptyLinks(): Links {
  return { datasets: new Map(), modelInputs: new Map(), modelOutputs: new Map() };
}

async function linksOf(query: Query, ids: readonly string[], marks: string): Promise<Links> {
  const links = emptyLinks();
  const used = await query.rows(
    `select i.input_uuid, i.destination_id as run, d.* from inputs i join datasets d on d.dataset_uuid = i.source_id
     where i.source_type = 'DATASET' and i.destination_type = 'RUN' and i.destination_id in (${marks})`,
    ids,
  );
  const inputs = used.map((row) => text(row.input_uuid));
  const tagRows =
    inputs.length === 0
      ? []
      : await query.rows(`select * from input_tags where input_uuid in (${inputs.map(() => '?').join(', ')})`, inputs);
  const tags = grouped(tagRows, 'input_uuid');
  for (const row of used) {
    listIn(links.datasets, text(row.run)).push({
      name: text(row.name),
      digest: text(row.digest),
      sourceType: text(row.dataset_source_type),
      source: text(row.dataset_source),
      schema: textOrNull(row.dataset_schema),
      profile: textOrNull(row.dataset_profile),
      tags: pairs(tags.get(text(row.input_uuid)), 'name', 'value'),
    });
  }
  const models = await query.rows(
    `select * from inputs where (source_type = 'RUN_INPUT' and destination_type = 'MODEL_INPUT' and source_id in (${marks}))
       or (source_type = 'RUN_OUTPUT' and destination_type = 'MODEL_OUTPUT' and source_id in (${marks}))`,
    [...ids, ...ids],
  );
  for (const row of models) {
    const [run, modelId] = [text(row.source_id), text(row.destination_id)];
    if (row.source_type === 'RUN_INPUT') listIn(links.modelInputs, run).push(modelId);
    else listIn(links.modelOutputs, run).push({ modelId, step: Number(row.step ?? 0) });
  }
  return links;
}

const MODEL_STATUS: Readonly<Record<string, SourceLoggedModel['status']>> = {
  '1': 'pending',
  '2': 'ready',
  '3': 'failed',
};

async function* loggedModelsOf(query: Query, experimentId: string): AsyncIterable<SourceLoggedModel> {
  const where = 'where experiment_id = ?';
  const id = [Number(experimentId)];
  const params = grouped(await query.rows(`select * from logged_model_params ${where}`, id), 'model_id');
  const tags = grouped(await query.rows(`select * from logged_model_tags ${where}`, id), 'model_id');
  const metrics = grouped(await query.rows(`select * from logged_model_metrics ${where}`, id), 'model_id');
  for (const row of await query.rows(`select * from logged_models ${where} order by creation_timestamp_ms`, id)) {
    // MLflow forgets deleted models but for their rows.
    if (row.lifecycle_stage === 'deleted') continue;
    const modelId = text(row.model_id);
    yield {
      id: modelId,
      experimentId,
      name: text(row.name),
      modelType: text(row.model_type),
      sourceRun: textOrNull(row.source_run_id),
      status: MODEL_STATUS[String(row.status)] ?? 'ready',
      artifactUri: text(row.artifact_location),
      createdAtMs: Number(row.creation_timestamp_ms),
      changedAtMs: Number(row.last_updated_timestamp_ms),
      params: pairs(params.get(modelId), 'param_key', 'param_value'),
      tags: pairs(tags.get(modelId), 'tag_key', 'tag_value'),
      metrics: (metrics.get(modelId) ?? []).map((metric) => ({
        key: text(metric.metric_name),
        value: metricValueOf(Number(metric.metric_value ?? Number.NaN)),
        step: Number(metric.metric_step),
        timestampMs: Number(metric.metric_timestamp_ms),
        run: textOrNull(metric.run_id),
        datasetName: textOrNull(metric.dataset_name),
        datasetDigest: textOrNull(metric.dataset_digest),
      })),
    };
  }
}

function listIn<Item>(lists: Map<string, Item[]>, name: string): Item[] {
  const known = lists.get(name);
  if (known) return known;
  const fresh: Item[] = [];
  lists.set(name, fresh);
  return fresh;
}

function numberOrNull(cell: Cell | undefined): number | null {
  return cell === null || cell === undefined ? null : Number(cell);
}

/** PostgreSQL answers with a boolean, SQLite with 0 or 1. */
function isTrue(cell: Cell | boolean | undefined): boolean {
  return cell === true || cell === 1;
}

function withoutSecret(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
