import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { createTerminal } from '../terminal.ts';

const USUAL_PORT = 5000;

interface DemoFlags {
  readonly fast?: boolean;
  readonly exit?: boolean;
  readonly port?: number;
  readonly url?: string;
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** `trimtab demo`: the whole loop on real flights. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('Play half a year of real flights through all of it.')
    .option('--fast', 'a tenth of the rows, in under a minute')
    .option('--exit', 'end the server when the story is told')
    .option('--port <number>', `port of the server (default ${USUAL_PORT}, or any free one)`, portNumber)
    .addHelpText(
      'after',
      `
Trains on two months, then serves, watches, retrains and promotes over four.
Keeps its data in .trimtab-demo (or --data-dir), which is emptied first. With
--url it plays against a running server, started with:
  trimtab serve --simulated-clock 2001-03-01

Example:
  trimtab demo --fast --exit
`,
    )
    .action(async (_, command: Command) => {
      // Loaded only here: every other command starts without the demo's libraries.
      const { createStory, runDemo, summaryText } = await import('#demo');
      const flags = command.optsWithGlobals<DemoFlags>();
      const story = createStory((text) => process.stderr.write(text), process.stderr.isTTY === true);
      const { summary, server } = await runDemo({
        fast: flags.fast ?? false,
        ...(flags.url ? { url: flags.url } : {}),
        port: flags.port ?? ((await isFree(USUAL_PORT)) ? USUAL_PORT : 0),
        dataFolder: resolve(flags.dataDir ?? '.trimtab-demo'),
        story,
      });
      createTerminal(flags.json ?? false).result(summary, summaryText);
      if (!server) return;
      if (flags.exit) return server.stop();
      process.stderr.write(`The server stays up at ${server.url} until Ctrl-C.\n`);
      process.once('SIGINT', () => void server.stop());
      process.once('SIGTERM', () => void server.stop());
      await server.ended;
    });
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const probe = createServer()
      .once('error', () => answer(false))
      .once('listening', () => probe.close(() => answer(true)));
    probe.listen(port, '127.0.0.1');
  });
}
