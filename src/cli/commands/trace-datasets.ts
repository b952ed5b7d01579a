import type { Command } from 'commander';
import type { EvaluationDataset, EvaluationRecord } from '#contract';
import { wholeNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { oneLine, table, utc } from '../terminal.ts';

const ID = 'd-019a7c2b4d5e7f60a1b2c3d4e5f60718';

/** `trimtab trace datasets`: questions with expected answers. */
export function addDatasets(trace: Command): void {
  const datasets = trace
    .command('datasets')
    .description('Evaluation datasets: questions with expected answers.')
    .addHelpText('after', '\nExample:\n  trimtab trace datasets list --experiment assistant\n');
  addList(datasets);
  addShow(datasets);
  addDelete(datasets);
}

interface ListOptions {
  readonly experiment?: string;
  readonly filter?: string;
  readonly order?: string;
  readonly limit?: number;
}

function addList(datasets: Command): void {
  datasets
    .command('list')
    .description('List evaluation datasets, the last made first.')
    .option('--experiment <name>', 'only those of an experiment')
    .option('--filter <filter>', `e.g. "name like '%refunds%'"`)
    .option('--order <field>', 'e.g. "last_update_time desc"')
    .option('--limit <number>', 'at most so many, up to 1000 (default 100)', wholeNumber)
    .addHelpText('after', `\nExample:\n  trimtab trace datasets list --filter "name like '%refunds%'"\n`)
    .action(async ({ order: orderBy, ...options }: ListOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const query = { ...options, orderBy };
      terminal.result(await client.tracing.listEvaluationDatasets({ query }), (found) =>
        table(found.datasets.map(datasetLine), 'There is no such dataset. MLflow makes them: mlflow.genai.datasets'),
      );
    });
}

function datasetLine({ id, name, records, experiments, changedAtMs }: EvaluationDataset) {
  return {
    ...{ dataset: id, name, records },
    experiments: experiments.map((experiment) => experiment.name).join(', '),
    'changed (UTC)': utc(changedAtMs),
  };
}

function addShow(datasets: Command): void {
  datasets
    .command('show')
    .description('Show an evaluation dataset with its records.')
    .argument('<dataset>', 'id of the dataset')
    .option('--limit <number>', 'at most so many records, up to 1000 (default 100)', wholeNumber)
    .addHelpText('after', `\nExample:\n  trimtab trace datasets show ${ID}\n`)
    .action(async (id: string, options: { limit?: number }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const params = { dataset: id };
      const dataset = await client.tracing.getEvaluationDataset({ params });
      const { records } = await client.tracing.listEvaluationRecords({ params, query: options });
      terminal.result({ dataset, records }, () =>
        [headOf(dataset, records.length), table(records.map(recordLine), 'It has no record yet.')].join('\n\n'),
      );
    });
}

function headOf({ id, name, records, experiments, digest }: EvaluationDataset, shown: number): string {
  const names = experiments.map((experiment) => experiment.name).join(', ') || 'no experiment';
  const part = shown < records ? `, of which ${shown} are shown` : '';
  return `${name} ${id}: ${records} records${part}, for ${names}, digest ${digest}`;
}

function recordLine({ id, inputs, expectations, outputs, source }: EvaluationRecord) {
  const json = (value: unknown) => (value === null || value === undefined ? null : oneLine(JSON.stringify(value), 60));
  return {
    record: id,
    inputs: json(inputs),
    expected: json(expectations),
    outputs: json(outputs),
    source: typeof source?.source_type === 'string' ? source.source_type.toLowerCase() : null,
  };
}

function addDelete(datasets: Command): void {
  datasets
    .command('delete')
    .description('Delete an evaluation dataset with its records, for good.')
    .argument('<dataset>', 'id of the dataset')
    .addHelpText('after', `\nExample:\n  trimtab trace datasets delete ${ID}\n`)
    .action(async (id: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      await client.tracing.deleteEvaluationDataset({ params: { dataset: id } });
      terminal.result({ deleted: id }, () => `Dataset ${id} is gone with its records.`);
    });
}
