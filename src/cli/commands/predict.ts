import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import type { Prediction } from '#contract';
import { contextOf } from '../context.ts';
import { count, figure, table } from '../terminal.ts';

/** Rows of one request: enough to spare round trips, few enough to answer in milliseconds. */
const ROWS_PER_REQUEST = 1000;

interface PredictOptions {
  readonly row?: string;
  readonly file?: string;
  readonly at?: string;
}

type Row = Record<string, unknown>;

/** `trimtab predict`: asks an endpoint for one row, or for those of a file. */
export function addPredict(program: Command): void {
  program
    .command('predict')
    .description('Ask an endpoint for predictions.')
    .argument('<endpoint>', 'name of the endpoint')
    .option('--row <json>', 'one row of column values, as a JSON object')
    .option('--file <path>', 'rows as JSON Lines, one object a line; - reads standard input')
    .option('--at <time>', 'when the thing predicted happens, ISO 8601, UTC (default: now)')
    .addHelpText(
      'after',
      `
Examples:
  trimtab predict delays --row \
    '{"date":"2001-03-01T10:30:00Z","distance":594,"origin":"ATL","destination":"ORD"}'
  trimtab predict delays --file rows.jsonl --json
`,
    )
    .action(async (endpoint: string, options: PredictOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const predictions: Prediction[] = [];
      for await (const rows of batchesOf(options, command)) {
        const body = { rows, ...(options.at === undefined ? {} : { at: options.at }) };
        predictions.push(...(await client.serving.predict({ params: { endpoint }, body })).predictions);
        if (options.file) terminal.progress(`${count(predictions.length, 'row')} predicted`);
      }
      terminal.result({ endpoint, predictions }, () =>
        table(
          predictions.map(({ inferenceId, value, variant, version }) => ({
            value: figure(value),
            variant,
            version: version.replace(/^version:/, ''),
            'inference id': inferenceId,
          })),
          'There was no row to predict.',
        ),
      );
    });
}

async function* batchesOf({ row, file }: PredictOptions, command: Command): AsyncGenerator<Row[]> {
  if ((row === undefined) === (file === undefined)) command.error('error: give either --row or --file');
  if (row !== undefined) {
    yield [parseRow(row, '--row', command)];
    return;
  }
  let rows: Row[] = [];
  let line = 0;
  const input = file === '-' ? process.stdin : createReadStream(file ?? '');
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      line++;
      if (text.trim() === '') continue;
      rows.push(parseRow(text, `${file} line ${line}`, command));
      if (rows.length < ROWS_PER_REQUEST) continue;
      yield rows;
      rows = [];
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') command.error(`error: there is no file ${file}`);
    throw error;
  }
  if (rows.length > 0) yield rows;
}

function parseRow(text: string, place: string, command: Command): Row {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    command.error(`error: ${place} is no JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    command.error(`error: ${place} is no JSON object of column values`);
  }
  return value as Row;
}
