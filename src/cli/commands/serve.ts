import type { Command } from 'commander';
import { createTerminal } from '../terminal.ts';

/** `trimtab serve`: the one command that runs the server in its own process. */
export function addServe(program: Command): void {
  program
    .command('serve')
    .description('Start the server and the web page.')
    .option('--host <address>', 'address to listen on (default 127.0.0.1)')
    .option('--port <number>', 'port to listen on, 0 for any free one (default 5000)')
    .option('--database <url>', 'sqlite:<file> or postgres://… (default: in the data folder)')
    .option('--blobs <url>', 'file:<folder> or s3://bucket/prefix (default: in the data folder)')
    .option('--default-artifact-root <uri>', 'where new experiments keep files (default: this server)')
    .option('--artifacts-destination <uri>', 'folder or s3://… for what clients store here (default: with --blobs)')
    .option('--serve-artifacts', 'keep files for clients (default)')
    .option('--no-serve-artifacts', 'keep no files for clients: they write to --default-artifact-root')
    .option('--artifact-locations <uris>', 'folders and s3://… that are read for runs, with commas; * for any')
    .option('--simulated-clock <date>', 'live in a time that callers move, starting here; for replaying history')
    .option('--app-name <name>', 'basic-auth: users with passwords, tokens and permissions (see "trimtab user")')
    .option('--default-permission <permission>', 'what users may do where nobody said anything (default READ)')
    .option('--allowed-hosts <names>', 'names the server may be called by beside localhost, with commas; * for any')
    .option('--webhook-schemes <schemes>', 'of addresses of webhooks, with commas (default https)')
    .option('--webhook-private-hosts', 'let webhooks call this machine and its networks')
    .option('--insecure', 'listen beyond this machine without a token')
    .addHelpText(
      'after',
      `
Stops at Ctrl-C. Steps of pipelines go on; the next server takes them up again.
--json prints the address as JSON.

Example:
  trimtab serve --port 5001 --data-dir ./state
`,
    )
    .action(async (_, command: Command) => {
      // Loaded only here: every other command is a client and starts without the server's code.
      const { parseConfig, readEnv, startServer } = await import('#server');
      const flags = command.optsWithGlobals<
        Record<string, string | undefined> & Readonly<Record<'insecure' | 'json', boolean | undefined>>
      >();
      const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
      const server = await startServer(parseConfig({ ...readEnv(process.env), ...given }));
      createTerminal(flags.json === true).result(
        { url: server.url },
        ({ url }) => `Trimtab answers at ${url}  (page: ${url}/  API: ${url}/docs)`,
      );
      const stop = () => {
        server.close().then(
          () => process.exit(0),
          () => process.exit(1),
        );
      };
      process.once('SIGINT', stop);
      process.once('SIGTERM', stop);
    });
}
