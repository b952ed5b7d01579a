import { Command, CommanderError } from 'commander';
import { ApiError } from '#sdk';
import packageJson from '../../package.json' with { type: 'json' };
import { EXIT_CODES, EXIT_CODES_HELP, exitCodeOf } from './exit-codes.ts';

type Add = (program: Command) => void;

/** Every command under the heading that `--help` lists it by. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, () => Promise<Add>>>>> = {
  'Begin:': {
    serve: async () => (await import('./commands/serve.ts')).addServe,
    demo: async () => (await import('./commands/demo.ts')).addDemo,
  },
  'Make a model:': {
    data: async () => (await import('./commands/data.ts')).addData,
    pipeline: async () => (await import('./commands/pipeline.ts')).addPipeline,
    run: async () => (await import('./commands/run.ts')).addRun,
    experiment: async () => (await import('./commands/experiment.ts')).addExperiment,
    trace: async () => (await import('./commands/trace.ts')).addTrace,
    artifact: async () => (await import('./commands/artifact.ts')).addArtifact,
    trash: async () => (await import('./commands/trash.ts')).addTrash,
    reproduce: async () => (await import('./commands/reproduce.ts')).addReproduce,
    sync: async () => (await import('./commands/sync.ts')).addSync,
    import: async () => (await import('./commands/import.ts')).addImport,
    export: async () => (await import('./commands/export.ts')).addExport,
    study: async () => (await import('./commands/study.ts')).addStudy,
    model: async () => (await import('./commands/model.ts')).addModel,
  },
  'Put it to work, and keep it good:': {
    deploy: async () => (await import('./commands/deploy.ts')).addDeploy,
    predict: async () => (await import('./commands/predict.ts')).addPredict,
    monitor: async () => (await import('./commands/monitor.ts')).addMonitor,
    loop: async () => (await import('./commands/loop.ts')).addLoop,
  },
  'Answer for it:': {
    webhook: async () => (await import('./commands/webhook.ts')).addWebhook,
    audit: async () => (await import('./commands/audit.ts')).addAudit,
    user: async () => (await import('./commands/user.ts')).addUser,
    role: async () => (await import('./commands/role.ts')).addRole,
    token: async () => (await import('./commands/token.ts')).addToken,
  },
};

/** The command line. Commands are loaded when named, so that `--help` and small commands start fast. */
export async function main(argv: readonly string[]): Promise<void> {
  // Who reads only the first lines of an answer has seen enough.
  if (!process.stdout.listeners('error').includes(endWhenNobodyReads)) process.stdout.on('error', endWhenNobodyReads);
  try {
    const program = await programFor(argv);
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = tell(error);
  }
}

/** The program with the commands that a line may name; with none of them, all. */
export async function programFor(argv: readonly string[]): Promise<Command> {
  const program = new Command('trimtab')
    .description('Keeps machine-learning models good in production.')
    .option('--url <address>', 'server to ask (default: TRIMTAB_URL, or that of the data folder)')
    .option('--data-dir <folder>', 'data folder of a server on this machine (default: .trimtab)')
    .option('--token <token>', 'token of the server (default: TRIMTAB_TOKEN)')
    .option('--json', 'print results as JSON')
    .addHelpText(
      'after',
      `\n${EXIT_CODES_HELP}\n\nExamples use the names of the demo: trimtab demo --fast\n\nExample:\n  trimtab data --help\n`,
    )
    .configureHelp({ showGlobalOptions: true, minWidthToWrap: 24, subcommandTerm: termOf })
    .configureOutput({ outputError: (text, write) => write(text.startsWith('error: ') ? text : `error: ${text}`) })
    .showSuggestionAfterError()
    .exitOverride();
  // Whatever word of the line is a command's name may be the command.
  const named = Object.values(GROUPS).some((commands) => argv.some((word) => Object.hasOwn(commands, word)));
  for (const [heading, commands] of Object.entries(GROUPS)) {
    program.commandsGroup(heading);
    for (const [name, load] of Object.entries(commands)) {
      if (!named || argv.includes(name)) (await load())(program);
    }
  }
  // With a command, `--version` is that command's own.
  if (!named) program.version(packageJson.version, '--version', 'print the version');
  return program;
}

function termOf(command: Command): string {
  const taken = command.registeredArguments.map((argument) => {
    const name = argument.variadic ? `${argument.name()}...` : argument.name();
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...taken].join(' ');
}

/** Says what went wrong, on stderr, and gives the exit code. */
function tell(error: unknown): number {
  if (error instanceof CommanderError) {
    // What `command.error` and wrong usage say is out already; a parser called inside an action is not.
    if (error.code === 'commander.invalidArgument' && error.name === 'InvalidArgumentError') {
      process.stderr.write(`error: ${error.message}\n`);
    }
    return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  }
  const code = exitCodeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`error: ${message}\n`);
  if (code === EXIT_CODES.unexpected && error instanceof Error && !(error instanceof ApiError)) {
    process.stderr.write(process.env.TRIMTAB_DEBUG ? `${error.stack}\n` : 'Set TRIMTAB_DEBUG=1 to see where.\n');
  }
  return code;
}

function endWhenNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT_CODES.ok);
}
