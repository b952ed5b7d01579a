import type { Command } from 'commander';
import { contextOf } from '../context.ts';
import { exportMlflow } from '../mlflow/exporter.ts';
import { folderTarget } from '../mlflow/folder-target.ts';
import { restSource } from '../mlflow/rest-source.ts';
import { restTarget } from '../mlflow/rest-target.ts';
import { count } from '../terminal.ts';
import { credentialsOf } from './import.ts';

interface Options {
  readonly experiment?: readonly string[];
  readonly files: boolean;
  readonly targetToken?: string;
  readonly targetUser?: string;
}

/** `trimtab export`: hands over what this server keeps to an MLflow server, or as a folder of MLflow. */
export function addExport(program: Command): void {
  program
    .command('export')
    .description('Hand over experiments, runs and models to MLflow.')
    .argument('<target>', 'http://server of MLflow, or a folder that becomes mlruns')
    .option('--experiment <names...>', 'only these experiments, without models')
    .option('--no-files', 'leave files where they are')
    .option('--target-user <name:password>', 'name and password of the other server')
    .option('--target-token <token>', 'token of the other server')
    .addHelpText(
      'after',
      `
With params, tags, data sets, whole histories, files, logged and registered
models. A folder keeps the ids of runs. A server gives out its own, and a run's
tag trimtab.exportedFrom says its id here. It can be interrupted and repeated:
what is there whole is passed over, and nothing is stored twice.

Examples:
  trimtab export ./mlruns
  trimtab export http://127.0.0.1:5001
`,
    )
    .action(async (given: string, options: Options, command: Command) => {
      const { terminal, url, credentials } = contextOf(command);
      const { targetUser: user, targetToken: token } = options;
      const isServer = /^https?:\/\//.test(given);
      const summary = await exportMlflow({
        source: restSource(url, credentials),
        target: isServer ? restTarget(given, credentialsOf({ user, token })) : folderTarget(given),
        only: options.experiment ?? [],
        files: options.files,
        progress: terminal.progress,
      });
      terminal.result(summary, (done) =>
        [
          `Exported ${count(done.runs, 'run')} of ${count(done.experiments, 'experiment')} with ${count(done.points, 'point')} ` +
            `and ${count(done.files, 'file')}` +
            (done.knownRuns > 0 ? `; ${count(done.knownRuns, 'run')} were there already` : ''),
          `${count(done.loggedModels, 'logged model')}, ${count(done.versions, 'version')} of registered models` +
            (done.filesLeft > 0 ? `; the files of ${count(done.filesLeft, 'run')} stay where they are` : ''),
        ].join('\n'),
      );
    });
}
