import { basename, relative } from 'node:path';
import type { Command } from 'commander';
import { pairOf } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { asRunInput, checkOutInputs, INPUTS_TAG, parseInput } from '../track/run-inputs.ts';
import { runTracked } from '../track/tracked-command.ts';

interface Options {
  readonly experiment?: string;
  readonly name?: string;
  readonly param?: readonly string[];
  readonly tag?: readonly string[];
  readonly input?: readonly string[];
  readonly offline?: string | true;
  readonly sampleSeconds: number;
}

export const SPOOL = '.trimtab/offline';

/** `trimtab run -- <command>`: tracks a process of any language. */
export function addRunCommand(run: Command): void {
  run
    .argument('[command...]', 'after --: the command to run and track, with its arguments')
    .option('--experiment <name>', 'experiment of the run (default: the name of this folder)')
    .option('--name <name>', 'name of the run (default: that of the script)')
    .option('--param <name=value...>', 'params of the run, besides --name value of the command')
    .option('--tag <name=value...>', 'tags of the run')
    .option(
      '--input <repository@branch:path=folder...>',
      'versioned data to check out first; all but the repository may be left out',
    )
    .option('--offline [folder]', `write to a folder, for trimtab sync later (default ${SPOOL})`)
    .option(
      '--sample-seconds <number>',
      'time between two looks at CPU, memory, disk, network and GPU, 0 for none',
      Number,
      10,
    )
    .action(async (words: readonly string[], options: Options, command: Command) => {
      if (words.length === 0) return run.help({ error: true });
      const { client, terminal, url } = contextOf(command);
      const folder = process.cwd();
      const offline = options.offline === true ? SPOOL : options.offline;
      const { experiment = basename(folder), name, input = [], sampleSeconds } = options;
      if (offline !== undefined && input.length > 0) command.error('error: --input needs a server, so not --offline');
      const wanted = input.map((text) => parseInput(text, command));
      const inputs = await checkOutInputs(client, terminal, wanted, folder);
      const { token = process.env.TRIMTAB_TOKEN } = command.optsWithGlobals<{ token?: string }>();
      const outcome = await runTracked({
        command: words,
        folder,
        url: offline === undefined ? url.replace(/\/$/, '') : undefined,
        run: {
          experiment,
          ...(name === undefined ? {} : { name }),
          params: pairsOf(options.param, command),
          tags: {
            ...pairsOf(options.tag, command),
            ...(inputs.length > 0 ? { [INPUTS_TAG]: JSON.stringify(inputs) } : {}),
          },
          url,
          ...(token === undefined ? {} : { token }),
          ...(offline === undefined ? {} : { offline }),
          spool: SPOOL,
        },
        inputs: inputs.map(asRunInput),
        sampleMs: sampleSeconds * 1000,
        onStart: ({ id, folder: kept }) =>
          terminal.progress(
            kept === undefined ? `Run ${id}  ${url.replace(/\/$/, '')}/runs/${id}` : `Run ${id} in ${kept}`,
          ),
        show: (stream, part) => void process[stream].write(part),
      });
      if (outcome.folder !== undefined) {
        terminal.progress(
          `Kept in ${relative(folder, outcome.folder) || outcome.folder}. Upload it with: trimtab sync ${outcome.folder}`,
        );
      }
      // The command's own, so that scripts around it see no difference.
      process.exitCode = outcome.exitCode === 0 ? EXIT_CODES.ok : outcome.exitCode;
    });
}

function pairsOf(given: readonly string[] = [], command: Command): Readonly<Record<string, string>> {
  return Object.fromEntries(given.map((pair) => pairOf(pair, command)));
}
