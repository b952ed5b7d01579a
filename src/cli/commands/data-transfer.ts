import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, openAsBlob } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { Command } from 'commander';
import type { Change, FileEntry } from '#contract';
import type { Client } from '#sdk';
import { contextOf } from '../context.ts';
import { count, type Terminal } from '../terminal.ts';

const AT_ONCE = 8;
const PAGE = 10_000;
/** A line of progress whenever this many more bytes are through. */
const PROGRESS_BYTES = 64 * 1024 * 1024;

/** The commands that move files: `commit` and `checkout`. */
export function addTransfer(data: Command): void {
  addCommit(data);
  addCheckout(data);
}

interface CommitOptions {
  readonly message: string;
  readonly branch: string;
  readonly to?: string;
  readonly remove?: readonly string[];
}

function addCommit(data: Command): void {
  data
    .command('commit')
    .description('Upload files and folders and commit them: all of them or none.')
    .argument('<repository>', 'name of the repository')
    .argument('[files...]', 'files and folders of this machine')
    .requiredOption('-m, --message <text>', 'what changed and why')
    .option('--branch <branch>', 'branch to commit to', 'main')
    .option('--to <folder>', 'folder of the repository to put them in, each under its last name')
    .option('--remove <paths...>', 'paths of the repository to take away')
    .addHelpText('after', '\nExample:\n  trimtab data commit flights january.parquet --to raw -m "January 2001"\n')
    .action(async (repository: string, given: readonly string[], options: CommitOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const { message, branch, to, remove = [] } = options;
      const files = await filesOf(given, to, command);
      if (files.length + remove.length === 0) command.error('error: name a file to commit, or a path with --remove');
      const { branches } = await client.data.listBranches({ params: { repository } });
      const expectedHead = branches.find((known) => known.name === branch)?.head;
      const changes: Change[] = [
        ...(await upload(client, terminal, repository, files)),
        ...remove.map((path) => ({ path, remove: true as const })),
      ];
      const body = { branch, message, changes, ...(expectedHead === undefined ? {} : { expectedHead }) };
      terminal.result(await client.data.commit({ params: { repository }, body }), (commit) =>
        commit.id === expectedHead
          ? `Nothing differs from ${branch}, which stays at ${commit.id.slice(0, 12)}.`
          : `Committed ${count(changes.length, 'change')} to ${branch}: ${commit.id} (${count(commit.entries, 'file')}, ${commit.sizeBytes} bytes).`,
      );
    });
}

interface LocalFile {
  readonly localPath: string;
  /** Path in the repository. */
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * The files named and those in the folders named. They keep their paths below the working folder; what lies outside of it, or
 * goes to a folder of the repository, is put under its last name.
 */
async function filesOf(
  given: readonly string[],
  to: string | undefined,
  command: Command,
): Promise<readonly LocalFile[]> {
  const files: LocalFile[] = [];
  const add = async (localPath: string, path: string) => {
    const { size } = await stat(localPath);
    files.push({
      localPath,
      path: join(to ?? '', path)
        .split(sep)
        .join('/'),
      sizeBytes: size,
    });
  };
  for (const name of given) {
    const found = await stat(name).catch(() => command.error(`error: cannot read ${name}; is there such a file?`));
    const inside = normalize(name);
    const outside = isAbsolute(inside) || inside.startsWith('..') || inside === '.';
    const path = outside || to !== undefined ? basename(resolve(name)) : inside;
    if (!found.isDirectory()) await add(name, path);
    else {
      for (const item of await readdir(name, { recursive: true, withFileTypes: true })) {
        const localPath = join(item.parentPath, item.name);
        if (item.isFile()) await add(localPath, join(path, relative(name, localPath)));
      }
    }
  }
  return files;
}

async function upload(
  client: Client,
  terminal: Terminal,
  repository: string,
  files: readonly LocalFile[],
): Promise<readonly Change[]> {
  const told = progress(terminal, 'Uploaded', files);
  const changes: Change[] = [];
  await severalAtOnce(files, async ({ localPath, path, sizeBytes }) => {
    const body = await openAsBlob(localPath);
    const { object } = await client.data.uploadFile({ params: { repository }, query: { name: path }, body });
    changes.push({ path, object });
    told(sizeBytes);
  });
  return changes;
}

function addCheckout(data: Command): void {
  data
    .command('checkout')
    .description(
      'Write the files of a commit to a folder. What is there already and right is kept, so it can be resumed.',
    )
    .argument('<repository>', 'name of the repository')
    .argument('<ref>', 'branch, tag or commit id')
    .argument('<folder>', 'where to write them')
    .option('--prefix <text>', 'only paths that start with it')
    .addHelpText('after', '\nExample:\n  trimtab data checkout flights v1 ./flights\n')
    .action(
      async (repository: string, ref: string, folder: string, { prefix }: { prefix?: string }, command: Command) => {
        const { client, terminal } = contextOf(command);
        const { commit, written, kept } = await checkOut(client, terminal, { repository, ref, prefix, folder });
        const result = { commit, folder: resolve(folder), written, kept };
        terminal.result(
          result,
          () =>
            `${repository} at ${commit.slice(0, 12)} is in ${folder}: ${count(written, 'file')} written, ${result.kept} there already.`,
        );
      },
    );
}

interface CheckOut {
  readonly repository: string;
  readonly ref: string;
  /** Only paths that start with it. */
  readonly prefix?: string;
  readonly folder: string;
}

/** Writes the files of a commit to a folder; what is there already and right is kept. */
export async function checkOut(client: Client, terminal: Terminal, { repository, ref, prefix, folder }: CheckOut) {
  const { id: commit } = await client.data.getCommit({ params: { repository, ref } });
  const entries = await allEntries(client, repository, commit, prefix ?? '');
  const told = progress(terminal, 'Checked out', entries);
  let written = 0;
  await severalAtOnce(entries, async (entry) => {
    const target = targetOf(folder, entry.path);
    if (!(await isThere(target, entry))) {
      await download(client, repository, commit, entry, target);
      written++;
    }
    told(entry.sizeBytes);
  });
  return { commit, written, kept: entries.length - written };
}

async function allEntries(
  client: Client,
  repository: string,
  ref: string,
  prefix: string,
): Promise<readonly FileEntry[]> {
  const entries: FileEntry[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const query: { ref: string; prefix: string; after: string; limit: number } = { ref, prefix, after, limit: PAGE };
    const page = await client.data.listEntries({ params: { repository }, query });
    entries.push(...page.entries);
    after = page.next;
  }
  return entries;
}

/** The server refuses paths that leave their folder; so does this, whatever server it talks to. */
function targetOf(folder: string, path: string): string {
  const root = resolve(folder);
  const target = resolve(root, path);
  if (!target.startsWith(root + sep)) throw new Error(`the path "${path}" leaves the folder ${folder}`);
  return target;
}

async function isThere(target: string, entry: FileEntry): Promise<boolean> {
  const found = await stat(target).catch(() => undefined);
  return found?.isFile() === true && found.size === entry.sizeBytes && (await digestOf(target)) === entry.object;
}

async function download(
  client: Client,
  repository: string,
  ref: string,
  entry: FileEntry,
  target: string,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const part = `${target}.trimtab-part`;
  try {
    const { body } = await client.data.readFile({ params: { repository }, query: { ref, path: entry.path } });
    // The same stream by two names: the platform's types and Node's describe it separately.
    const source = body ? Readable.fromWeb(body as unknown as NodeReadableStream) : Readable.from([]);
    await pipeline(source, createWriteStream(part));
    if ((await digestOf(part)) !== entry.object)
      throw new Error(`"${entry.path}" arrived damaged; run the command again`);
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function progress(terminal: Terminal, verb: string, files: readonly { readonly sizeBytes: number }[]) {
  const total = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  let done = 0;
  let bytes = 0;
  let toldBytes = 0;
  return (sizeBytes: number) => {
    done++;
    bytes += sizeBytes;
    const isEnd = done === files.length;
    if (!isEnd && bytes - toldBytes < PROGRESS_BYTES && done % 1000 !== 0) return;
    toldBytes = bytes;
    terminal.progress(`${verb} ${done} of ${count(files.length, 'file')}, ${bytes} of ${total} bytes`);
  };
}

async function severalAtOnce<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
