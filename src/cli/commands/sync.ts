import type { Command } from 'commander';
import { offlineRuns, uploadOffline } from '#sdk/tracking';
import { contextOf } from '../context.ts';
import { count, table, utc } from '../terminal.ts';
import { SPOOL } from './run-command.ts';

/** `trimtab sync`: uploads runs that were tracked without a server. */
export function addSync(program: Command): void {
  program
    .command('sync')
    .description('Upload runs that were tracked without a server.')
    .argument('[folder]', 'folder they were written to', SPOOL)
    .option('--list', 'only tell what waits')
    .addHelpText('after', '\nExample:\n  trimtab sync .trimtab/offline\n')
    .action(async (folder: string, { list }: { list?: boolean }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const found = await offlineRuns(folder);
      if (list) {
        terminal.result({ runs: found }, ({ runs }) =>
          table(
            runs.map(({ id, experiment, name, startedAtMs, waiting }) => ({
              run: id,
              experiment,
              name,
              'started (UTC)': utc(startedAtMs),
              'entries to upload': waiting,
            })),
            `No run waits in ${folder}.`,
          ),
        );
        return;
      }
      let toldMs = performance.now();
      for (const [at, { id }] of found.entries()) {
        await uploadOffline(client, folder, id, (done, total) => {
          if (performance.now() - toldMs < 1000 && done < total) return;
          toldMs = performance.now();
          terminal.progress(`Run ${at + 1} of ${found.length}, ${id}: ${done} of ${total} entries`);
        });
      }
      const uploaded = found.filter(({ waiting }) => waiting > 0).length;
      terminal.result({ uploaded, runs: found.length }, () =>
        found.length === 0
          ? `No run waits in ${folder}.`
          : `Uploaded ${count(uploaded, 'run')}; ${found.length - uploaded} of ${folder} were there already.`,
      );
    });
}
