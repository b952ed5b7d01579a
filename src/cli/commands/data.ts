import type { Command } from 'commander';
import type { Commit, Diff, FileChange, FileEntry, Repository, RepositoryDetail, TableFacts } from '#contract';
import { positiveNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { count, short, shortActor, table, utc } from '../terminal.ts';
import { addDataQuality } from './data-quality.ts';
import { addTransfer } from './data-transfer.ts';

const MAIN = 'main';

/** `trimtab data`: repositories, commits and what is in them. */
export function addData(program: Command): void {
  const data = program
    .command('data')
    .description('Version files, and check what tables hold.')
    .addHelpText('after', '\nExample:\n  trimtab data repos\n');
  addRepos(data);
  addCreate(data);
  addTransfer(data);
  addLog(data);
  addDiff(data);
  addBranch(data);
  addTag(data);
  addList(data);
  addStorage(data);
  addDataQuality(data);
}

function addRepos(data: Command): void {
  data
    .command('repos')
    .description('List the repositories.')
    .addHelpText('after', '\nExample:\n  trimtab data repos\n')
    .action(async (_, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.data.listRepositories(), ({ repositories }) =>
        table(
          repositories.map(repositoryLine),
          'There is no repository yet. Make one with: trimtab data create <name>',
        ),
      );
    });
}

function repositoryLine({ name, commits, latest, description }: Repository) {
  return {
    repository: name,
    commits,
    files: latest?.entries ?? 0,
    bytes: latest?.sizeBytes ?? 0,
    'changed (UTC)': latest ? utc(latest.createdAtMs) : null,
    description,
  };
}

function addCreate(data: Command): void {
  data
    .command('create')
    .description('Make a repository; one that exists stays as it is.')
    .argument('<repository>', 'name of the repository')
    .option('--description <text>', 'what it holds')
    .addHelpText('after', '\nExample:\n  trimtab data create flights --description "US flights, 2001"\n')
    .action(async (name: string, { description }: { description?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const body = { name, ...(description === undefined ? {} : { description }) };
      terminal.result(await client.data.createRepository({ body }), inWords);
    });
}

function inWords({ name, commits, branches }: RepositoryDetail): string {
  return `Repository ${name}: ${count(commits, 'commit')} on ${branches.map((branch) => branch.name).join(', ')}.`;
}

interface LogOptions {
  readonly ref: string;
  readonly limit: number;
  readonly before?: string;
}

function addLog(data: Command): void {
  data
    .command('log')
    .description('Show the commits that lead to a branch, tag or commit, newest first.')
    .argument('<repository>', 'name of the repository')
    .option('--ref <ref>', 'branch, tag or commit id', MAIN)
    .option('--limit <count>', 'commits at most', positiveNumber, 20)
    .option('--before <commit>', 'only commits that lead to this one')
    .addHelpText('after', '\nExample:\n  trimtab data log flights --limit 5\n')
    .action(async (repository: string, { ref, limit, before }: LogOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const query = { ref, limit, ...(before === undefined ? {} : { before }) };
      terminal.result(await client.data.listCommits({ params: { repository }, query }), ({ commits }) =>
        table(commits.map(commitLine), 'No older commits.'),
      );
    });
}

function commitLine({ id, createdAtMs, author, entries, sizeBytes, message }: Commit) {
  const [subject = ''] = message.split('\n');
  return {
    commit: id.slice(0, 12),
    'made (UTC)': utc(createdAtMs),
    author: shortActor(author),
    files: entries,
    bytes: sizeBytes,
    message: subject,
  };
}

function addDiff(data: Command): void {
  data
    .command('diff')
    .description('Show which files differ between two commits.')
    .argument('<repository>', 'name of the repository')
    .argument('<from>', 'branch, tag or commit id')
    .argument('[to]', 'branch, tag or commit id', MAIN)
    .option('--limit <count>', 'files shown at most', positiveNumber, 1000)
    .addHelpText('after', '\nExample:\n  trimtab data diff flights v1 main\n')
    .action(async (repository: string, from: string, to: string, { limit }: { limit: number }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const query = { from, to, limit };
      terminal.result(await client.data.diff({ params: { repository }, query }), diffInWords);
    });
}

function diffInWords(diff: Diff): string {
  const counts = `${diff.added} added, ${diff.removed} removed, ${diff.changed} changed.`;
  if (diff.files.length === 0) return 'The files are the same.';
  const more = diff.next === null ? '' : ' More than shown: use --limit.';
  return `${table(diff.files.map(changeLine), '')}\n${counts}${more}`;
}

function changeLine({ path, change, from, to }: FileChange) {
  return {
    change,
    path,
    bytes: `${from?.sizeBytes ?? '-'} -> ${to?.sizeBytes ?? '-'}`,
    rows: from?.table || to?.table ? `${from?.table?.rowCount ?? '-'} -> ${to?.table?.rowCount ?? '-'}` : null,
  };
}

function addBranch(data: Command): void {
  data
    .command('branch')
    .description('List the branches, make one, or take one away.')
    .argument('<repository>', 'name of the repository')
    .argument('[branch]', 'name of the branch to make or take away')
    .option('--from <ref>', 'branch, tag or commit id a new branch starts from', MAIN)
    .option('--delete', 'take the branch away; its commits are kept')
    .option('--reason <text>', 'why it is taken away, for the audit log')
    .addHelpText('after', '\nExample:\n  trimtab data branch flights trial --from main\n')
    .action(
      async (
        repository: string,
        name: string | undefined,
        { from, reason, ...options }: { from: string; delete?: boolean; reason?: string },
        command: Command,
      ) => {
        const { client, terminal } = contextOf(command);
        const params = { repository };
        if (name === undefined) {
          const answer = await client.data.listBranches({ params });
          return terminal.result(answer, ({ branches }) =>
            table(
              branches.map((branch) => ({
                branch: branch.name,
                head: branch.head.slice(0, 12),
                'moved (UTC)': utc(branch.movedAtMs),
              })),
              'No branches.',
            ),
          );
        }
        if (options.delete) {
          const query = reason === undefined ? {} : { reason };
          await client.data.deleteBranch({ params: { repository, branch: name }, query });
          return terminal.result({ deleted: name }, () => `Branch ${name} is gone; its commits are kept.`);
        }
        terminal.result(
          await client.data.createBranch({ params, body: { name, from } }),
          (branch) => `Branch ${branch.name} is at ${branch.head.slice(0, 12)}.`,
        );
      },
    );
}

function addTag(data: Command): void {
  data
    .command('tag')
    .description('List the tags, or name a commit for ever.')
    .argument('<repository>', 'name of the repository')
    .argument('[tag]', 'name of the tag to make')
    .argument('[ref]', 'branch, tag or commit id to name', MAIN)
    .addHelpText('after', '\nExample:\n  trimtab data tag flights v1 main\n')
    .action(async (repository: string, name: string | undefined, ref: string, _, command: Command) => {
      const { client, terminal } = contextOf(command);
      const params = { repository };
      if (name !== undefined) {
        const made = await client.data.createTag({ params, body: { name, ref } });
        return terminal.result(made, (tag) => `Tag ${tag.name} names ${tag.commit.slice(0, 12)}.`);
      }
      terminal.result(await client.data.listTags({ params }), ({ tags }) =>
        table(
          tags.map((tag) => ({ tag: tag.name, commit: tag.commit.slice(0, 12), 'made (UTC)': utc(tag.createdAtMs) })),
          `No tags. Make one with: trimtab data tag ${repository} <tag>`,
        ),
      );
    });
}

interface ListOptions {
  readonly ref: string;
  readonly prefix?: string;
  readonly long?: boolean;
  readonly limit: number;
}

function addList(data: Command): void {
  data
    .command('ls')
    .description('List the files of a commit, with schema and row count of tables.')
    .argument('<repository>', 'name of the repository')
    .option('--ref <ref>', 'branch, tag or commit id', MAIN)
    .option('--prefix <text>', 'only paths that start with it')
    .option('--limit <count>', 'files at most', positiveNumber, 1000)
    .option('--long', 'also the digest and the columns of each file')
    .addHelpText('after', '\nExample:\n  trimtab data ls flights --prefix raw/\n')
    .action(async (repository: string, { ref, prefix, limit, long }: ListOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const query = { ref, limit, ...(prefix === undefined ? {} : { prefix }) };
      terminal.result(await client.data.listEntries({ params: { repository }, query }), ({ entries, next }) => {
        const empty = `No files. Add some with: trimtab data commit ${repository} <files> -m <message>`;
        return (
          table(entries.map(long ? longEntryLine : entryLine), empty) +
          (next === null ? '' : '\nMore than shown: use --limit.')
        );
      });
    });
}

function entryLine({ path, sizeBytes, table: facts }: FileEntry) {
  return { path, bytes: sizeBytes, rows: facts?.rowCount ?? null };
}

function longEntryLine(entry: FileEntry) {
  const { object, table: facts } = entry;
  return { ...entryLine(entry), object: short(object), columns: facts ? columnsInWords(facts) : null };
}

function columnsInWords({ columns }: TableFacts): string {
  const shown = columns.slice(0, 6).map(({ name, type }) => `${name} ${type}`);
  return shown.join(', ') + (columns.length > shown.length ? `, and ${columns.length - shown.length} more` : '');
}

function addStorage(data: Command): void {
  data
    .command('storage')
    .description('Show what files take, and how much of it two commits share.')
    .argument('<repository>', 'name of the repository')
    .argument('[to]', 'branch, tag or commit id (default: every file ever stored)')
    .option('--from <ref>', 'how much of them was there at this branch, tag or commit id')
    .addHelpText('after', '\nExample:\n  trimtab data storage flights main --from v1\n')
    .action(async (repository: string, to: string | undefined, { from }: { from?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      if (from !== undefined && to === undefined) command.error('error: --from needs a second commit to compare with');
      const query = { ...(to === undefined ? {} : { to }), ...(from === undefined ? {} : { from }) };
      terminal.result(await client.data.getStorage({ params: { repository }, query }), (figures) => {
        const { objects, logicalBytes, storedBytes, chunks, sharedChunks } = figures;
        const taken = `${count(objects, 'file')} of ${logicalBytes} bytes take ${storedBytes} bytes in ${count(chunks, 'chunk')}`;
        return from === undefined ? `${taken}.` : `${taken}; ${sharedChunks} of them were there at ${from} already.`;
      });
    });
}
