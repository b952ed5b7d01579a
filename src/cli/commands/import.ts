import { existsSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { contextOf } from '../context.ts';
import { databaseSource } from '../mlflow/database-source.ts';
import type { MlflowSource } from '../mlflow/facts.ts';
import { folderSource } from '../mlflow/folder-source.ts';
import { importMlflow } from '../mlflow/importer.ts';
import { Rest } from '../mlflow/rest.ts';
import { restSource } from '../mlflow/rest-source.ts';
import { count } from '../terminal.ts';

interface Options {
  readonly experiment?: readonly string[];
  readonly artifacts?: string;
  readonly files: boolean;
  readonly sourceToken?: string;
  readonly sourceUser?: string;
}

/** `trimtab import`: takes over what another tracking server keeps. */
export function addImport(program: Command): void {
  program
    .command('import')
    .description('Take over experiments, runs and models of MLflow.')
    .argument('<source>', 'http://server, sqlite:///mlflow.db, postgresql://…, or an mlruns folder')
    .option('--experiment <names...>', 'only these experiments, without models')
    .option('--artifacts <folder>', "the server's artifacts folder, for a database whose files went through the server")
    .option('--no-files', 'leave files where they are')
    .option('--source-user <name:password>', 'name and password of the other server')
    .option('--source-token <token>', 'token of the other server')
    .addHelpText(
      'after',
      `
Runs keep their ids, times and whole history. It can be interrupted and
repeated: what is here is passed over, and nothing is stored twice.

Example:
  trimtab import http://127.0.0.1:5001
`,
    )
    .action(async (given: string, options: Options, command: Command) => {
      const { client, terminal, url, credentials } = contextOf(command);
      const source = await openSource(given, options, command);
      try {
        const summary = await importMlflow({
          client,
          rest: new Rest(url, credentials),
          source,
          only: options.experiment ?? [],
          files: options.files,
          progress: terminal.progress,
        });
        terminal.result(summary, (done) =>
          [
            `Imported ${count(done.runs, 'run')} of ${count(done.experiments, 'experiment')} with ${count(done.points, 'point')}` +
              (done.knownRuns > 0 ? `; ${count(done.knownRuns, 'run')} were here already` : ''),
            `${count(done.loggedModels, 'logged model')}, ${count(done.versions, 'version')} of registered models`,
            `${count(done.files, 'file')} copied, ${done.fileBytes} bytes` +
              (done.filesLeft > 0 ? `; the files of ${count(done.filesLeft, 'run')} stay where they are` : ''),
          ].join('\n'),
        );
      } finally {
        await source.close();
      }
    });
}

async function openSource(given: string, options: Options, command: Command): Promise<MlflowSource> {
  if (/^https?:\/\//.test(given)) {
    return restSource(given, credentialsOf({ user: options.sourceUser, token: options.sourceToken }));
  }
  if (/^(sqlite:|postgres(ql)?(\+\w+)?:)/.test(given)) return databaseSource(given, options.artifacts);
  if (existsSync(given) && statSync(given).isDirectory()) return folderSource(given);
  if (existsSync(given)) return databaseSource(`sqlite:${given}`, options.artifacts);
  return command.error(
    `error: there is no "${given}": name a server (http://…), a database (sqlite:///… or postgresql://…) or an mlruns folder`,
  );
}

/** What another server is told about who asks. */
export function credentialsOf(other: {
  readonly user: string | undefined;
  readonly token: string | undefined;
}): Readonly<Record<string, string>> {
  if (other.token !== undefined) return { authorization: `Bearer ${other.token}` };
  if (other.user === undefined) return {};
  return { authorization: `Basic ${Buffer.from(other.user).toString('base64')}` };
}
