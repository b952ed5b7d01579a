import type { Command } from 'commander';
import type {
  GateMeasurements,
  GatePolicyInput,
  GateReport,
  ModelVersion,
  ModelVersionSummary,
  NewModelVersion,
  RegisteredModel,
} from '#contract';
import { positiveNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { openFile, readJson, saveAnswer } from '../files.ts';
import { figure, short, shortActor, table, utc } from '../terminal.ts';
import { addCard } from './model-card.ts';
import { addChanges, tagsInWords } from './model-changes.ts';
import { addCompare } from './model-compare.ts';
import { addEnvironments } from './model-environments.ts';
import { addPromotions } from './model-promotions.ts';
import { addSearch } from './model-search.ts';

/** `trimtab model`: models, their versions, the gate and the aliases. */
export function addModel(program: Command): void {
  const model = program
    .command('model')
    .description('Register, judge and name versions of models.')
    .addHelpText('after', '\nExample:\n  trimtab model list\n');
  addList(model);
  addCreate(model);
  addRegister(model);
  addVersions(model);
  addShow(model);
  addGate(model);
  addAlias(model);
  addDownload(model);
  addEnvironments(model);
  addPromotions(model);
  addCompare(model);
  addSearch(model);
  addCard(model);
  addChanges(model);
}

function addList(model: Command): void {
  model
    .command('list')
    .description('List the models with their newest version and aliases.')
    .addHelpText('after', '\nExample:\n  trimtab model list --json\n')
    .action(async (_, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.registry.listModels(), ({ models }) =>
        table(models.map(modelLine), 'There is no model yet. Make one with: trimtab model create <name>'),
      );
    });
}

function modelLine({ name, latestVersion, aliases, description }: RegisteredModel) {
  const named = aliases.map(({ alias, version }) => `${alias} ${version}`).join(', ');
  return { model: name, latest: latestVersion, aliases: named, description };
}

interface CreateOptions {
  readonly description?: string;
  readonly protect?: readonly string[];
}

function addCreate(model: Command): void {
  model
    .command('create')
    .description('Make a model; one that exists stays as it is.')
    .argument('<model>', 'name of the model')
    .option('--description <text>', 'what it is for')
    .option('--protect <aliases...>', 'aliases that move only to versions that passed the gate (default: champion)')
    .addHelpText(
      'after',
      '\nExample:\n  trimtab model create delays --description "arrives more than 15 minutes late"\n',
    )
    .action(async (name: string, { description, protect }: CreateOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const body = { name, description, ...(protect ? { protectedAliases: [...protect] } : {}) };
      terminal.result(await client.registry.createModel({ body }), (made) => {
        const protects = made.protectedAliases.join(', ') || 'no alias';
        return `Model ${made.name}, ${made.latestVersion ?? 'no'} version yet; protects ${protects}.`;
      });
    });
}

interface RegisterOptions {
  readonly spec: string;
  readonly run?: string;
  readonly key?: string;
  readonly description?: string;
}

function addRegister(model: Command): void {
  model
    .command('register')
    .description('Upload an ONNX file and register it as the next version.')
    .argument('<model>', 'name of the model')
    .argument('<file>', 'ONNX file')
    .requiredOption('--spec <file>', 'JSON: signature, and optionally metrics, inputs, golden, evaluation, tags, …')
    .option('--run <id>', 'run that made it')
    .option('--key <key>', 'registers once, however often it is repeated')
    .option('--description <text>', 'what is special about it')
    .addHelpText(
      'after',
      `
Example:
  echo '{"signature":{"inputs":[{"name":"distance","type":"number",
    "nullable":false}],"output":"probability"},"metrics":{"test.auc":0.67}}' > spec.json
  trimtab model register delays model.onnx --spec spec.json --key first
`,
    )
    .action(async (name: string, file: string, options: RegisterOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const spec = readJson<Partial<NewModelVersion> & Pick<NewModelVersion, 'signature'>>(options.spec, command);
      const bytes = await openFile(file, command);
      terminal.progress(`Uploading ${file} (${bytes.size} bytes)`);
      const { digest } = await client.registry.uploadModelFile({ body: bytes });
      const { run, key, description } = options;
      const body = {
        run: null,
        inputs: [],
        metrics: {},
        ...spec,
        file: digest,
        ...(run ? { run: run.startsWith('run:') ? run : `run:${run}` } : {}),
        ...(key ? { idempotencyKey: key } : {}),
        ...(description ? { description } : {}),
      };
      const version = await client.registry.registerVersion({ params: { model: name }, body });
      terminal.result(
        version,
        ({ ref }) => `Registered ${ref}. Judge it with: trimtab model gate ${gateArguments(version)}`,
      );
    });
}

function gateArguments({ model, version }: ModelVersion): string {
  return `${model} ${version} --measurements <file>`;
}

function addVersions(model: Command): void {
  model
    .command('versions')
    .description('List the versions of a model, newest first.')
    .argument('<model>', 'name of the model')
    .option('--limit <number>', 'versions at most', positiveNumber, 50)
    .addHelpText('after', '\nExample:\n  trimtab model versions delays\n')
    .action(async (name: string, { limit }: { limit: number }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const found = await client.registry.listVersions({ params: { model: name }, query: { limit } });
      terminal.result(found, ({ versions }) =>
        table(versions.map(versionLine), `No version yet. Register one with: trimtab model register ${name} <file>`),
      );
    });
}

function versionLine(version: ModelVersionSummary) {
  return {
    version: version.version,
    aliases: version.aliases.join(', '),
    gate: gateWords(version.gatePassed),
    'registered (UTC)': utc(version.createdAtMs),
    by: shortActor(version.registeredBy),
    stage: version.stage === 'None' ? '' : version.stage,
    bytes: version.file?.sizeBytes ?? null,
  };
}

function gateWords(passed: boolean | null): string {
  return passed === null ? 'not run' : passed ? 'passed' : 'failed';
}

function addShow(model: Command): void {
  model
    .command('show')
    .description('Show a model, or one of its versions.')
    .argument('<model>', 'name of the model')
    .argument('[version]', 'a number, an alias, or latest')
    .addHelpText('after', '\nExample:\n  trimtab model show delays champion\n')
    .action(async (name: string, version: string | undefined, _, command: Command) => {
      const { client, terminal } = contextOf(command);
      if (version === undefined) {
        terminal.result(await client.registry.getModel({ params: { model: name } }), (found) => {
          const facts = table([modelLine(found)], '');
          const protects = `Protected aliases: ${found.protectedAliases.join(', ') || 'none'}`;
          return `${facts}\n${protects}\nTags: ${tagsInWords(found.tags) || 'none'}`;
        });
      } else {
        terminal.result(await client.registry.getVersion({ params: { model: name, version } }), versionInWords);
      }
    });
}

function versionInWords(version: ModelVersion): string {
  const { signature, metrics, gate } = version;
  const columns = (signature?.inputs ?? []).map(
    ({ name, type, nullable }) => `${name} ${type}${nullable ? ' or null' : ''}`,
  );
  const facts: [string, string][] = [
    ['version', `${version.ref}  ${version.description}`],
    ['aliases', version.aliases.join(', ') || 'none'],
    ['registered', `${utc(version.createdAtMs)} UTC by ${shortActor(version.registeredBy)}`],
    ['digest', version.digest],
    ['stage', version.stage],
    ['tags', tagsInWords(version.tags) || 'none'],
    ['files', filesInWords(version)],
    ['run', version.run ?? 'unknown'],
    ['data', short(version.inputs.join(', ')) || 'unknown'],
    ['code', version.codeCommit ?? 'unknown'],
    ['takes', columns.join(', ') || 'unknown'],
    ['answers', signature?.output ?? 'unknown'],
    ['reference', short(version.reference ?? 'none')],
  ];
  const lines = facts.map(([name, value]) => `${name.padEnd(11)} ${value}`.trimEnd());
  const measured = Object.entries(metrics).map(([metric, value]) => ({
    metric,
    value: value === null ? null : Number(figure(value)),
  }));
  const judged = gate ? gateInWords(gate) : `Gate: not run. See: trimtab model gate --help`;
  return [...lines, '', table(measured, 'No metric was registered.'), '', judged].join('\n');
}

function filesInWords({ file, source }: ModelVersion): string {
  if (file) return `${file.digest}  ${file.sizeBytes} bytes`;
  return source ? `at ${source.uri}, not stored here` : 'none';
}

interface GateOptions {
  readonly measurements?: string;
  readonly policy?: string;
  readonly key?: string;
}

function addGate(model: Command): void {
  model
    .command('gate')
    .description('Judge a version, or show its latest gate; exit code 8 if refused.')
    .argument('<model>', 'name of the model')
    .argument('<version>', 'a number, an alias, or latest')
    .option('--measurements <file>', 'JSON: comparison, segments, onnx, latency; what is left out fails its check')
    .option('--policy <file>', 'JSON: limits that differ from the defaults')
    .option('--key <key>', 'judges once, however often it is repeated')
    .addHelpText(
      'after',
      '\nExample:\n  trimtab model gate delays 2 --measurements measured.json --policy policy.json\n',
    )
    .action(async (name: string, version: string, options: GateOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const params = { model: name, version };
      let report: GateReport;
      if (options.measurements === undefined) {
        if (options.policy ?? options.key) command.error('error: a gate needs --measurements');
        report = await client.registry.getGate({ params });
      } else {
        const measurements = readJson<GateMeasurements>(options.measurements, command);
        const policy = options.policy === undefined ? undefined : readJson<GatePolicyInput>(options.policy, command);
        report = await client.registry.runGate({ params, body: { measurements, policy, idempotencyKey: options.key } });
      }
      terminal.result(report, gateInWords);
      if (!report.passed) process.exitCode = EXIT_CODES.checkFailed;
    });
}

function gateInWords(report: GateReport): string {
  const title = `Gate of version:${report.model}/${report.version}: ${report.passed ? 'passed' : 'NOT passed'}, ${utc(report.decidedAtMs)} UTC`;
  const checks = report.checks.map(({ name, passed, words }) => ({
    check: name,
    verdict: passed ? 'ok' : 'FAILED',
    found: words,
  }));
  return `${title}\n${table(checks, '')}`;
}

interface AliasOptions {
  readonly reason: string;
  readonly expected?: string;
  readonly override?: string;
  readonly delete?: boolean;
}

function addAlias(model: Command): void {
  model
    .command('alias')
    .description('Point an alias at a version, or take it away.')
    .argument('<model>', 'name of the model')
    .argument('<alias>', 'e.g. champion')
    .argument('[version]', 'number of the version')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .option('--expected <version>', 'only when it names this version now; none: only when it does not exist')
    .option('--override <text>', 'why a protected alias may move without a passed gate')
    .option('--delete', 'take the alias away')
    .addHelpText(
      'after',
      '\nExample:\n  trimtab model alias delays champion 2 --expected 1 --reason "passed the canary"\n',
    )
    .action(async (...[name, alias, version, options, command]: AliasArguments) => {
      const { client, terminal } = contextOf(command);
      const params = { model: name, alias };
      const { reason, override } = options;
      const expected = options.expected === undefined ? undefined : expectedVersion(options.expected, command);
      if (options.delete) {
        if (version !== undefined) command.error('error: --delete takes no version');
        await client.registry.deleteAlias({ params, query: { reason, expected: expected ?? undefined } });
        return terminal.result({ model: name, alias, deleted: true }, () => `Alias ${alias} of ${name} is gone.`);
      }
      const number = versionNumber(version ?? '', command);
      const moved = await client.registry.setAlias({ params, body: { version: number, reason, override, expected } });
      terminal.result(moved, () => `${alias} of ${name} names version ${moved.version}.`);
    });
}

type AliasArguments = [
  name: string,
  alias: string,
  version: string | undefined,
  options: AliasOptions,
  command: Command,
];

function expectedVersion(text: string, command: Command): number | null {
  return text === 'none' ? null : versionNumber(text, command);
}

function versionNumber(text: string, command: Command): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) command.error(`error: "${text}" is no number of a version, e.g. 2`);
  return Number(text);
}

function addDownload(model: Command): void {
  model
    .command('download')
    .description('Write the ONNX file of a version.')
    .argument('<model>', 'name of the model')
    .argument('<version>', 'a number, an alias, or latest')
    .argument('<file>', 'where to write it')
    .addHelpText('after', '\nExample:\n  trimtab model download delays champion delays.onnx\n')
    .action(async (name: string, version: string, file: string, _, command: Command) => {
      const { client, terminal } = contextOf(command);
      await saveAnswer(await client.registry.readModelFile({ params: { model: name, version } }), file);
      terminal.result({ model: name, version, file }, () => `Wrote ${file}.`);
    });
}
