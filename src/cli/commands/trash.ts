import type { Command } from 'commander';
import type { TrashEmptied } from '#contract';
import { ageOf, positiveNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { table, utc } from '../terminal.ts';

/** `trimtab trash`: what was deleted, and deleting it for good. */
export function addTrash(program: Command): void {
  const trash = program
    .command('trash')
    .description('Deleted runs, experiments and logged models.')
    .addHelpText('after', '\nExample:\n  trimtab trash list\n');
  addList(trash);
  addEmpty(trash);
}

function addList(trash: Command): void {
  trash
    .command('list')
    .description('List what lies in the trash, the latest first.')
    .option('--experiment <name>', 'only of this experiment')
    .option('--limit <number>', 'items at most', positiveNumber, 50)
    .addHelpText('after', '\nExample:\n  trimtab trash list\n')
    .action(async (query: { experiment?: string; limit: number }, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.tracking.listTrash({ query }), ({ items, counts }) => {
        const lines = items.map(({ kind, id, name, experiment, deletedAtMs }) => ({
          kind,
          id,
          name,
          experiment,
          'deleted (UTC)': utc(deletedAtMs),
        }));
        const total = counts.runs + counts.experiments + counts.loggedModels;
        const more = total > items.length ? `\nThere are ${total}: raise --limit to see more.` : '';
        return `${table(lines, 'The trash is empty.')}${more}`;
      });
    });
}

interface EmptyOptions {
  readonly olderThan?: number;
  readonly run?: string[];
  readonly experiment?: string[];
  readonly loggedModel?: string[];
  readonly keepArtifacts?: boolean;
  readonly dryRun?: boolean;
  readonly reason?: string;
}

function addEmpty(trash: Command): void {
  trash
    .command('empty')
    .description('Delete for good what lies in the trash, with its files.')
    .option('--older-than <age>', 'only what was deleted so long ago, e.g. 30d, 12h, 90m', ageOf)
    .option('--run <ids...>', 'only these runs')
    .option('--experiment <ids...>', 'only these experiments, by number')
    .option('--logged-model <ids...>', 'only these logged models')
    .option('--keep-artifacts', 'leave the files where they are')
    .option('--dry-run', 'only tell what would go')
    .option('--reason <text>', 'why, for the audit log')
    .addHelpText(
      'after',
      '\nWhat a registered version was made from stays.\nA schedule of your system can run it daily.\n\n' +
        'Example:\n  trimtab trash empty --older-than 30d --dry-run\n',
    )
    .action(async (options: EmptyOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const { olderThan, run, experiment, loggedModel, keepArtifacts, dryRun, reason } = options;
      const body = {
        ...(olderThan === undefined ? {} : { olderThanMs: olderThan }),
        ...(run ? { runs: run } : {}),
        ...(experiment ? { experiments: experiment } : {}),
        ...(loggedModel ? { loggedModels: loggedModel } : {}),
        ...(keepArtifacts ? { keepArtifacts } : {}),
        ...(dryRun ? { dryRun } : {}),
        ...(reason === undefined ? {} : { reason }),
      };
      let sum = await client.tracking.emptyTrash({ body });
      // A dry run deletes nothing, so the same request again would tell the same.
      while (sum.more && !dryRun) {
        terminal.progress(`${sum.runs} runs and ${sum.loggedModels} logged models so far …`);
        sum = added(sum, await client.tracking.emptyTrash({ body }));
      }
      terminal.result(sum, (emptied) => inWords(emptied, dryRun ?? false));
    });
}

function added(a: TrashEmptied, b: TrashEmptied): TrashEmptied {
  return {
    runs: a.runs + b.runs,
    experiments: a.experiments + b.experiments,
    loggedModels: a.loggedModels + b.loggedModels,
    files: a.files + b.files,
    bytes: a.bytes + b.bytes,
    more: b.more,
    left: b.left,
  };
}

function inWords({ runs, experiments, loggedModels, files, bytes, more, left }: TrashEmptied, dryRun: boolean): string {
  const gone = `${runs} runs, ${experiments} experiments, ${loggedModels} logged models, ${files} files of ${bytes} bytes`;
  const stays = left.map(({ id, reason }) => ({ stays: id, because: reason }));
  return [
    dryRun ? `Would delete ${more ? 'at least ' : ''}${gone}.` : `Deleted for good: ${gone}.`,
    ...(stays.length > 0 ? [table(stays, '')] : []),
  ].join('\n\n');
}
