import { type Command, InvalidArgumentError } from 'commander';
import type {
  ColumnProfile,
  CommittedTable,
  DataSchema,
  QuarantineResult,
  RowPage,
  SplitResult,
  TableProfile,
  ValidationReport,
} from '#contract';
import { wholeNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { readJson } from '../files.ts';
import { count, figure, table, utc } from '../terminal.ts';

const MAIN = 'main';

/** `trimtab data profile | rows | schema | validate | quarantine | split`. */
export function addDataQuality(data: Command): void {
  addProfile(data);
  addRows(data);
  addSchema(data);
  addValidate(data);
  addQuarantine(data);
  addSplit(data);
}

/** A command on one table of a repository at a ref. */
function tableCommand(data: Command, name: string, description: string, example: string): Command {
  return data
    .command(name)
    .description(description)
    .argument('<repository>', 'name of the repository')
    .argument('<path>', 'path of the table in it')
    .option('--ref <ref>', 'branch, tag or commit id', MAIN)
    .addHelpText('after', `\nExample:\n  trimtab data ${example}\n`);
}

function addProfile(data: Command): void {
  tableCommand(
    data,
    'profile',
    'Show what a table holds, column by column.',
    'profile flights raw/2001-01-02.parquet',
  ).action(async (repository: string, path: string, { ref }: { ref: string }, command: Command) => {
    const { client, terminal } = contextOf(command);
    terminal.result(await client.data.profile({ params: { repository }, query: { ref, path } }), profileInWords);
  });
}

function profileInWords(profile: TableProfile): string {
  const { path, rows, duplicateRows, surplusRows, columns } = profile;
  const copies =
    duplicateRows === 0
      ? 'none a copy of another'
      : `${duplicateRows} copies of another, ${surplusRows} beyond the first of each`;
  return `${path}: ${count(rows, 'row')}, ${copies}.\n\n${table(columns.map(columnLine), 'It has no columns.')}`;
}

function columnLine(column: ColumnProfile) {
  const { name, type, missing, distinct } = column;
  return { column: name, type, missing, distinct, values: valuesInWords(column) };
}

function valuesInWords(column: ColumnProfile): string | null {
  const { min, max, quantiles, top } = column;
  const shown = (value: number | string | boolean | null) =>
    typeof value === 'number' ? numberInWords(value, column.type) : String(value);
  if (quantiles.length > 0 && min !== null && max !== null) {
    const named = [0.5, 0.99].flatMap((wanted) => {
      const found = quantiles.find(({ probability }) => probability === wanted);
      return found ? [`${wanted === 0.5 ? 'median' : '99 %'} ${shown(found.value)}`] : [];
    });
    return [`${shown(min)} to ${shown(max)}`, ...named].join(', ');
  }
  const frequent = top.slice(0, 3).map(({ value }) => shown(value));
  return frequent.length > 0 ? `most often ${frequent.join(', ')}` : null;
}

function numberInWords(value: number, type: ColumnProfile['type']): string {
  if (type === 'timestamp') return utc(value);
  return type === 'date' ? utc(value).slice(0, 10) : figure(value);
}

interface RowsOptions {
  readonly ref: string;
  readonly where?: string;
  readonly offset: number;
  readonly limit: number;
}

function addRows(data: Command): void {
  tableCommand(
    data,
    'rows',
    'Show rows of a table, in the order of the file.',
    'rows flights raw/2001-01-02.parquet --where "delay < -90"',
  )
    .option('--where <condition>', 'only rows that meet it, e.g. "delay > 60 and origin = \'ATL\'"')
    .option('--offset <count>', 'matching rows to skip', wholeNumber, 0)
    .option('--limit <count>', 'rows at most, up to 1000', wholeNumber, 20)
    .action(async (repository: string, path: string, options: RowsOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const page = await client.data.sampleRows({ params: { repository }, query: { path, ...options } });
      terminal.result(page, rowsInWords);
    });
}

function rowsInWords({ rows, matching, columns }: RowPage): string {
  const lines = rows.map(({ row, values }) => ({
    row,
    ...Object.fromEntries(columns.map(({ name }) => [name, cell(values[name])])),
  }));
  return `${table(lines, 'No row is selected.')}\n\n${rows.length} of ${matching} rows shown.`;
}

function cell(value: number | string | boolean | null | undefined): string | number | null {
  return typeof value === 'boolean' ? String(value) : (value ?? null);
}

interface InferOptions {
  readonly ref: string;
  readonly name?: string;
  readonly times: readonly { column: string; from?: string; until?: string }[];
  readonly branch?: string;
}

function addSchema(data: Command): void {
  const schema = data
    .command('schema')
    .description('Propose, show and commit schemas of tables.')
    .addHelpText('after', '\nExample:\n  trimtab data schema infer flights raw/2001-01-02.parquet\n');
  tableCommand(
    schema,
    'infer',
    'Propose a schema from a table; --branch commits it.',
    'schema infer flights raw/2001-01-02.parquet --times date=2001-01-01..2001-07-01 --branch main',
  )
    .option('--name <name>', 'name of the schema (default: that of the file)')
    .option('--times <column=from..until>', 'the span a time column lies in; may be given again', span, [])
    .option('--branch <branch>', 'commit it to this branch as schemas/<name>.json')
    .action(async (repository: string, path: string, options: InferOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const { ref, name, times, branch } = options;
      const body = { ref, path, times: [...times], ...(name === undefined ? {} : { name }) };
      const proposed = await client.data.inferSchema({ params: { repository }, body });
      if (branch === undefined) return terminal.result(proposed, json);
      const params = { repository, schema: proposed.name };
      const stored = await client.data.putSchema({ params, body: { branch, schema: proposed } });
      terminal.result(stored, () => `${stored.path} is in commit ${stored.commit} of ${repository}.`);
    });
  schema
    .command('show')
    .description('Show a committed schema.')
    .argument('<repository>', 'name of the repository')
    .argument('<name>', 'name of the schema')
    .option('--ref <ref>', 'branch, tag or commit id', MAIN)
    .addHelpText('after', '\nExample:\n  trimtab data schema show flights flights\n')
    .action(async (repository: string, name: string, { ref }: { ref: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const stored = await client.data.getSchema({ params: { repository, schema: name }, query: { ref } });
      terminal.result(stored, () => json(stored.schema));
    });
  schema
    .command('put')
    .description('Commit a schema from a file as schemas/<name>.json.')
    .argument('<repository>', 'name of the repository')
    .argument('<file>', 'a JSON file on this machine')
    .option('--branch <branch>', 'the branch to commit to', MAIN)
    .option('-m, --message <text>', 'commit message')
    .addHelpText(
      'after',
      '\nExample:\n  trimtab data schema put flights flights.json -m "Delays above 3 days are faults"\n',
    )
    .action(
      async (repository: string, file: string, options: { branch: string; message?: string }, command: Command) => {
        const { client, terminal } = contextOf(command);
        // The server checks whether it is a schema.
        const read = readJson<DataSchema>(file, command);
        const params = { repository, schema: read.name };
        const stored = await client.data.putSchema({ params, body: { ...options, schema: read } });
        terminal.result(stored, () => `${stored.path} is in commit ${stored.commit} of ${repository}.`);
      },
    );
}

function addValidate(data: Command): void {
  tableCommand(
    data,
    'validate',
    'Check a table against a schema; exit code 8 when it does not pass.',
    'validate flights raw/2001-01-02.parquet --schema flights',
  )
    .requiredOption('--schema <name>', 'name of a schema committed at the same ref')
    .action(async (repository: string, path: string, options: { ref: string; schema: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const body = { ref: options.ref, path, schemaPath: schemaPath(options.schema) };
      const report = await client.data.validate({ params: { repository }, body });
      terminal.result(report, reportInWords);
      if (!report.passed) process.exitCode = EXIT_CODES.checkFailed;
    });
}

function reportInWords(report: ValidationReport): string {
  const { path, schema, rows, failedRows, warnedRows, passed, rules } = report;
  const broken = rules.filter((rule) => !rule.passed);
  const verdict = `${path} ${passed ? 'passes' : 'does not pass'} schema ${schema}: of ${rows} rows ${failedRows} fail, ${warnedRows} are warned of; ${rules.length - broken.length} of ${rules.length} rules hold.`;
  const lines = broken.map(({ severity, words, examples }) => {
    const shown = examples.slice(0, 3).map(({ row, values }) => `\n    row ${row}: ${JSON.stringify(values)}`);
    return `  ${severity}: ${words}${shown.join('')}`;
  });
  return [verdict, ...lines].join('\n');
}

interface QuarantineOptions {
  readonly ref: string;
  readonly schema: string;
  readonly branch: string;
  readonly cleanPath?: string;
  readonly quarantinePath?: string;
  readonly quarantineBranch?: string;
  readonly key?: string;
}

function addQuarantine(data: Command): void {
  tableCommand(
    data,
    'quarantine',
    'Commit failing rows with their reasons apart from the clean ones.',
    'quarantine flights raw/2001-01-02.parquet --schema flights',
  )
    .requiredOption('--schema <name>', 'name of a schema committed at the same ref')
    .option('--branch <branch>', 'the branch to commit to', MAIN)
    .option('--clean-path <path>', 'where clean rows go (default clean/<name>.parquet)')
    .option('--quarantine-path <path>', 'where failing rows go (default quarantine/<name>.parquet)')
    .option('--quarantine-branch <branch>', 'another branch for the failing rows')
    .option('--key <text>', 'idempotency key: the same again gives the first answer')
    .action(async (repository: string, path: string, options: QuarantineOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const { schema, key, ...rest } = options;
      const keyed = key === undefined ? {} : { idempotencyKey: key };
      const body = { path, schemaPath: schemaPath(schema), ...rest, ...keyed };
      terminal.result(await client.data.quarantine({ params: { repository }, body }), quarantineInWords);
    });
}

function quarantineInWords({ report, clean, quarantine }: QuarantineResult): string {
  const where = (part: CommittedTable) => `${part.rows} rows in ${part.path} of commit ${part.commit}`;
  return [
    reportInWords(report),
    quarantine ? `Quarantined: ${where(quarantine)}.` : 'Nothing was quarantined.',
    clean ? `Clean: ${where(clean)}.` : 'No row is clean.',
  ].join('\n');
}

interface SplitOptions {
  readonly ref: string;
  readonly time: string;
  readonly shares?: string;
  readonly validationFrom?: string;
  readonly testFrom?: string;
  readonly branch: string;
  readonly out: string;
  readonly key?: string;
}

function addSplit(data: Command): void {
  tableCommand(
    data,
    'split',
    'Split a table by time into train, validation and test.',
    'split flights clean/2001-01-02.parquet --time date --shares 0.7,0.15 --out splits/v1',
  )
    .requiredOption('--time <column>', 'the column of dates or timestamps')
    .option('--shares <train,validation>', 'shares of the rows, 0 to 1; test gets the rest')
    .option('--validation-from <time>', 'first time of validation, ISO 8601, UTC')
    .option('--test-from <time>', 'first time of test, ISO 8601, UTC')
    .option('--branch <branch>', 'the branch to commit to', MAIN)
    .requiredOption('--out <folder>', 'folder of the parts in the repository')
    .option('--key <text>', 'idempotency key: the same again gives the first answer')
    .action(async (repository: string, path: string, options: SplitOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const { ref, time, branch, out, key } = options;
      const keyed = key === undefined ? {} : { idempotencyKey: key };
      const where = splitWhere(options, command);
      const body = { ref, path, timeColumn: time, ...where, branch, outPrefix: out, ...keyed };
      terminal.result(await client.data.splitByTime({ params: { repository }, body }), splitInWords);
    });
}

function splitWhere({ shares, validationFrom, testFrom }: SplitOptions, command: Command) {
  if (shares !== undefined) {
    const [train = Number.NaN, validation = Number.NaN] = shares.split(',').map(Number);
    if (Number.isNaN(train + validation)) command.error('error: --shares takes two numbers, such as 0.7,0.15');
    return { shares: { train, validation } };
  }
  if (validationFrom === undefined || testFrom === undefined) {
    command.error('error: give --shares, or --validation-from and --test-from');
  }
  return { boundaries: { validationFrom, testFrom } };
}

function splitInWords({ parts, commit }: SplitResult): string {
  const lines = parts.map(({ name, rows, fromMs, toMs, path }) => ({
    part: name,
    rows,
    from: utc(fromMs),
    to: utc(toMs),
    path,
  }));
  return `${table(lines, '')}\n\nCommit ${commit}.`;
}

function schemaPath(name: string): string {
  return `schemas/${name}.json`;
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function span(text: string, earlier: InferOptions['times']): InferOptions['times'] {
  const match = /^(.+?)=(.*)\.\.(.*)$/.exec(text);
  const [, column = '', from = '', until = ''] = match ?? [];
  if (!match || (from === '' && until === '')) {
    throw new InvalidArgumentError('It must look like date=2001-01-01..2001-07-01; one of the ends may be left out.');
  }
  return [...earlier, { column, ...(from === '' ? {} : { from }), ...(until === '' ? {} : { until }) }];
}
