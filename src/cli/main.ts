import { Command, CommanderError } from 'commander';
import { EXIT_CODES, EXIT_CODES_HELP, exitCodeOf } from './exit-codes.ts';

const COMMANDS: Readonly<Record<string, (program: Command) => Promise<void>>> = {
  audit: async (program: Command) => (await import('./commands/audit.ts')).addAudit(program),
  data: async (program: Command) => (await import('./commands/data.ts')).addData(program),
  demo: async (program: Command) => (await import('./commands/demo.ts')).addDemo(program),
  deploy: async (program: Command) => (await import('./commands/deploy.ts')).addDeploy(program),
  model: async (program: Command) => (await import('./commands/model.ts')).addModel(program),
  monitor: async (program: Command) => (await import('./commands/monitor.ts')).addMonitor(program),
  pipeline: async (program: Command) => (await import('./commands/pipeline.ts')).addPipeline(program),
  predict: async (program: Command) => (await import('./commands/predict.ts')).addPredict(program),
  run: async (program: Command) => (await import('./commands/run.ts')).addRun(program),
  serve: async (program: Command) => (await import('./commands/serve.ts')).addServe(program),
  study: async (program: Command) => (await import('./commands/study.ts')).addStudy(program),
};

/** The command line. Commands are loaded when named, so that `--help` and small commands start fast. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('trimtab')
    .description('Keeps machine-learning models good in production.')
    .option('--url <address>', 'address of the server (default: TRIMTAB_URL, or the server of the data folder)')
    .option('--data-dir <folder>', 'data folder of a server on this machine (default .trimtab)')
    .option('--token <token>', 'token of the server (default: TRIMTAB_TOKEN)')
    .option('--json', 'print results as JSON')
    .addHelpText('after', `\n${EXIT_CODES_HELP}\n`)
    .exitOverride();
  // Whatever word of the line is a command's name may be the command; with none of them, all are listed.
  const named = Object.entries(COMMANDS).filter(([name]) => argv.includes(name));
  for (const [, add] of named.length > 0 ? named : Object.entries(COMMANDS)) await add(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
      return;
    }
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    const code = exitCodeOf(error);
    if (code === EXIT_CODES.unexpected && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exitCode = code;
  }
}
