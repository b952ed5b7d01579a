import { sql as raw } from 'kysely';
import type { Sql } from '#platform/sql';
import type { DatasetInput, ModelOutput } from '../model.ts';
import type { TrackingTables } from './schema.ts';

const CONTEXT_TAG = 'mlflow.data.context';

/** Links data sets to a run. One of the same name and digest in the experiment is the same; a known link is left alone. */
export async function writeDatasets(
  tx: Sql,
  place: { readonly run: string; readonly experiment: number },
  inputs: readonly DatasetInput[],
): Promise<void> {
  for (const { dataset, tags } of inputs) {
    const { name, digest, sourceType, source, schema, profile } = dataset;
    await tx.insertRows(
      'tracking_dataset',
      ['experiment', 'name', 'digest', 'source_type', 'source', 'schema', 'profile'],
      [[place.experiment, name, digest, sourceType, source, schema, profile]],
      { onConflict: 'ignore' },
    );
    const { id } = await tx
      .tables<TrackingTables>()
      .selectFrom('tracking_dataset')
      .select('id')
      .where('experiment', '=', place.experiment)
      .where('name', '=', name)
      .where('digest', '=', digest)
      .executeTakeFirstOrThrow();
    const row = [place.run, id, tags.get(CONTEXT_TAG) ?? null, JSON.stringify([...tags])];
    await tx.insertRows('tracking_run_dataset', ['run', 'dataset', 'context', 'tags'], [row], { onConflict: 'ignore' });
  }
}

/** Data sets of runs, by run, in the order in which the data sets became known. */
export async function readDatasets(sql: Sql, runs: readonly string[]): Promise<Map<string, DatasetInput[]>> {
  const rows = await sql
    .tables<TrackingTables>()
    .selectFrom('tracking_run_dataset as l')
    .innerJoin('tracking_dataset as d', 'd.id', 'l.dataset')
    .selectAll('d')
    .select(['l.run', 'l.tags'])
    .where('l.run', 'in', runs)
    .orderBy('l.dataset')
    .execute();
  const inputs = new Map<string, DatasetInput[]>();
  for (const { run, tags, name, digest, source_type, source, schema, profile } of rows) {
    const own = inputs.get(run) ?? [];
    inputs.set(run, own);
    const dataset = { name, digest, sourceType: source_type, source, schema, profile };
    // Written by `writeDatasets` alone.
    own.push({ dataset, tags: new Map(JSON.parse(tags) as [string, string][]) });
  }
  return inputs;
}

export interface ModelLinks {
  readonly inputs: readonly string[];
  readonly outputs: readonly ModelOutput[];
}

/** Links logged models to a run; known links are left alone. */
export async function writeModelLinks(tx: Sql, run: string, links: ModelLinks): Promise<void> {
  const rows = [
    ...links.inputs.map((model) => [run, 'input', model, 0]),
    ...links.outputs.map(({ model, step }) => [run, 'output', model, step]),
  ];
  await tx.insertRows('tracking_run_model', ['run', 'direction', 'model', 'step'], rows, { onConflict: 'ignore' });
}

export async function readModelLinks(sql: Sql, runs: readonly string[]): Promise<Map<string, ModelLinks>> {
  const rows = await sql
    .tables<TrackingTables>()
    .selectFrom('tracking_run_model')
    .selectAll()
    .where('run', 'in', runs)
    .orderBy(raw`run, direction, step, model`)
    .execute();
  const links = new Map<string, { inputs: string[]; outputs: ModelOutput[] }>();
  for (const { run, direction, model, step } of rows) {
    const own = links.get(run) ?? { inputs: [], outputs: [] };
    links.set(run, own);
    if (direction === 'input') own.inputs.push(model);
    else own.outputs.push({ model, step });
  }
  return links;
}
