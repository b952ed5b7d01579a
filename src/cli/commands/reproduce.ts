import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import type { MetricNumber, Run } from '#contract';
import type { Client } from '#sdk';
import { contextOf } from '../context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { type Terminal, table } from '../terminal.ts';
import { type Comparison, compareOutcomes } from '../track/compare-outcomes.ts';
import { describePython, PYTHON_PACKAGES, pythonOf } from '../track/environment.ts';
import { asRunInput, checkOutInputs, INPUTS_TAG, type TrackedInput } from '../track/run-inputs.ts';
import { type Outcome, runTracked } from '../track/tracked-command.ts';

const execute = promisify(execFile);
/** Texts beyond this are compared by digest alone. */
const MAX_TEXT_BYTES = 5 * 1024 * 1024;
const MAX_OUTPUT = 64 * 1024 * 1024;

interface Options {
  readonly tolerance: number;
  readonly repository?: string;
  readonly keep?: boolean;
  readonly environment: boolean;
}

const IN_WORDS: Readonly<Record<Comparison['verdict'], string>> = {
  identical: 'Reproduced exactly',
  'within-tolerance': 'Reproduced within the tolerance',
  different: 'Not reproduced',
  'nothing-compared': 'It ended as before, but left neither metrics nor files to compare',
};

/** `trimtab reproduce`: does a tracked run again and compares. */
export function addReproduce(program: Command): void {
  program
    .command('reproduce')
    .description('Run a tracked command again and compare what comes out.')
    .argument('<run>', 'id of a run of: trimtab run -- <command>')
    .option('--tolerance <share>', 'how far numbers may lie apart, as a share of the larger', Number, 1e-6)
    .option('--repository <folder>', 'git repository that has the commit (default: the one it ran in, or its remote)')
    .option('--no-environment', 'use the packages of this machine instead of installing those of the run')
    .option('--keep', 'keep the folder it ran in')
    .addHelpText(
      'after',
      '\nThe verdict is kept with both runs. Exit code 8 when the outcome differs.\n\nExample:\n  trimtab reproduce 019a7c2b4d5e7f60a1b2c3d4e5f60718\n',
    )
    .action(async (id: string, options: Options, command: Command) => {
      const { client, terminal, url } = contextOf(command);
      const original = await client.tracking.getRun({ params: { run: id } });
      const words = commandOf(original, command);
      const folder = await mkdtemp(join(tmpdir(), 'trimtab-reproduce-'));
      try {
        const cwd = await checkOutCode(client, terminal, original, { folder, command, ...options });
        const inputs = await restoreInputs(client, terminal, original, cwd);
        const program = options.environment ? await restorePackages(client, terminal, original, words, folder) : words;
        const { token = process.env.TRIMTAB_TOKEN } = command.optsWithGlobals<{ token?: string }>();
        const again = await runTracked({
          command: program,
          folder: cwd,
          url: url.replace(/\/$/, ''),
          run: {
            experiment: original.experiment,
            name: `${original.name} again`.slice(0, 250),
            tags: { 'trimtab.reproduces': id },
            url,
            ...(token === undefined ? {} : { token }),
          },
          inputs: [...inputs.map(asRunInput), { ref: `run:${id}`, role: 'other' }],
          sampleMs: 10_000,
          onStart: (run) => terminal.progress(`Runs again as ${run.id}`),
          show: (_, part) => void process.stderr.write(part),
        });
        const comparison = await compare(client, original, again, options.tolerance);
        await keepVerdict(client, id, again.run, { ...comparison, tolerance: options.tolerance });
        terminal.result({ original: id, reproduction: again.run, ...comparison }, inWords);
        if (comparison.verdict === 'different') process.exitCode = EXIT_CODES.checkFailed;
      } finally {
        if (options.keep) terminal.progress(`The folder it ran in: ${folder}`);
        else await rm(folder, { recursive: true, force: true });
      }
    });
}

function commandOf({ id, tags }: Run, command: Command): readonly string[] {
  const told = tags['trimtab.command'];
  if (told === undefined) {
    return command.error(
      `error: run ${id} does not say which command it was; only runs of trimtab run -- <command> can be done again`,
    );
  }
  return JSON.parse(told) as string[];
}

interface CheckOutOptions {
  readonly folder: string;
  readonly command: Command;
  readonly repository?: string;
}

/** The code as it was: the commit, with the changes that were not committed. */
async function checkOutCode(
  client: Client,
  terminal: Terminal,
  { id, tags, codeCommit }: Run,
  { folder, command, repository }: CheckOutOptions,
): Promise<string> {
  const { 'trimtab.git.root': root = '', 'mlflow.source.git.repoURL': remote, 'trimtab.git.folder': below = '' } = tags;
  const source = repository ?? (existsSync(root) ? root : remote);
  if (codeCommit === null || source === undefined || source === '') {
    return command.error(
      `error: run ${id} ran outside of a git repository, so its code is not known. Name one with --repository.`,
    );
  }
  const code = join(folder, 'code');
  const git = (...words: string[]) => execute('git', words, { maxBuffer: MAX_OUTPUT });
  terminal.progress(`Code: commit ${codeCommit.slice(0, 12)} of ${source}`);
  try {
    await git('clone', '--quiet', '--no-checkout', source, code);
    await git('-C', code, 'checkout', '--quiet', '--detach', codeCommit);
  } catch (error) {
    return command.error(
      `error: commit ${codeCommit} cannot be had from ${source}: ${(error as Error).message.trim()}. Name a repository that has it with --repository.`,
    );
  }
  if (tags['trimtab.git.changed'] === 'unknown')
    terminal.progress('Changes that were not committed were too large to keep; they are missing.');
  if (tags['trimtab.git.changed'] === 'true') {
    const patch = join(folder, 'changes.patch');
    await writeFile(patch, await bytesOf(client, id, 'code/changes.patch'));
    await git('-C', code, 'apply', '--binary', '--whitespace=nowarn', patch);
  }
  return resolve(code, below);
}

async function restoreInputs(
  client: Client,
  terminal: Terminal,
  { tags }: Run,
  cwd: string,
): Promise<readonly TrackedInput[]> {
  const told = JSON.parse(tags[INPUTS_TAG] ?? '[]') as TrackedInput[];
  return checkOutInputs(
    client,
    terminal,
    told.map((input) => ({ ...input, ref: input.commit })),
    cwd,
  );
}

/** The command with an interpreter that has the packages of the run; this machine's own where it has them already. */
async function restorePackages(
  client: Client,
  terminal: Terminal,
  { id }: Run,
  words: readonly string[],
  folder: string,
) {
  const interpreter = pythonOf(words);
  if (interpreter === undefined) return words;
  const { artifacts } = await client.tracking.listArtifacts({ params: { run: id }, query: { under: 'environment' } });
  const path = `environment/${PYTHON_PACKAGES}`;
  if (!artifacts.some((artifact) => artifact.path === path)) return words;
  const wanted = await bytesOf(client, id, path);
  const here = await describePython(interpreter, folder);
  if (here && Buffer.from(here.packages).equals(wanted)) return words;
  terminal.progress('Packages: they differ from those of this machine, so they are installed beside the code');
  const environment = join(folder, 'python');
  const list = join(folder, PYTHON_PACKAGES);
  await writeFile(list, wanted);
  await execute(interpreter, ['-m', 'venv', environment]);
  const python = join(environment, 'bin', 'python');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', list];
  await execute(python, pip, { maxBuffer: MAX_OUTPUT });
  return [python, ...words.slice(1)];
}

async function compare(client: Client, original: Run, again: Outcome, tolerance: number): Promise<Comparison> {
  const ids = { first: original.id, second: again.run };
  const [first, second] = [await outcomeOf(client, ids.first), await outcomeOf(client, ids.second)];
  const compared = await compareOutcomes(first, second, tolerance, async (which, path) => {
    const bytes = await bytesOf(client, ids[which], path);
    if (bytes.byteLength > MAX_TEXT_BYTES || bytes.includes(0)) return undefined;
    return bytes.toString('utf8');
  });
  // Whatever it wrote before: a command that now fails was not reproduced.
  const endedAlike = original.tags['trimtab.exitCode'] === String(again.exitCode);
  return endedAlike ? compared : { ...compared, verdict: 'different' };
}

async function outcomeOf(client: Client, run: string) {
  const { metrics } = await client.tracking.getRun({ params: { run } });
  const { artifacts } = await client.tracking.listArtifacts({ params: { run } });
  return {
    metrics: new Map<string, MetricNumber>(metrics.map(({ key, value }) => [key, value])),
    files: new Map(artifacts.map(({ path, digest, sizeBytes }) => [path, digest ?? `${sizeBytes} bytes`])),
  };
}

async function bytesOf(client: Client, run: string, path: string): Promise<Buffer> {
  const answer = await client.tracking.getArtifact({ params: { run, path } });
  return Buffer.from(await answer.arrayBuffer());
}

async function keepVerdict(
  client: Client,
  original: string,
  again: string,
  verdict: Comparison & { readonly tolerance: number },
): Promise<void> {
  const body = JSON.stringify({ original, reproduction: again, ...verdict }, null, 2);
  await client.tracking.putArtifact({ params: { run: again, path: 'reproduction.json' }, body });
  const tags = { 'trimtab.reproduction.verdict': verdict.verdict };
  await client.tracking.logBatch({ params: { run: again }, body: { tags } });
  await client.tracking.logBatch({
    params: { run: original },
    body: { tags: { ...tags, 'trimtab.reproducedBy': again } },
  });
}

function inWords({ verdict, metrics, files, reproduction }: Comparison & { readonly reproduction: string }): string {
  const differing = [
    ...metrics
      .filter((item) => item.verdict !== 'identical')
      .map((item) => ({
        what: item.key,
        first: item.first,
        again: item.second,
        difference: item.relativeDifference === null ? null : Number(item.relativeDifference.toPrecision(3)),
        verdict: item.verdict,
      })),
    ...files
      .filter((item) => item.verdict !== 'identical')
      .map((item) => ({
        what: item.path,
        first: item.firstDigest?.slice(0, 12) ?? null,
        again: item.secondDigest?.slice(0, 12) ?? null,
        difference: null,
        verdict: item.verdict,
      })),
  ];
  const head = `${IN_WORDS[verdict]}: ${metrics.length} metrics and ${files.length} files compared, as run ${reproduction}.`;
  return differing.length === 0 ? head : `${head}\n\n${table(differing, '')}`;
}
