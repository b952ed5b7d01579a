import { mkdir } from 'node:fs/promises';
import { basename, dirname, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { contextOf } from '../context.ts';
import { openFile, saveAnswer } from '../files.ts';
import { table } from '../terminal.ts';

const OWNER = 'id of a run or of a logged model';

/** `trimtab artifact`: files of runs and logged models. */
export function addArtifact(program: Command): void {
  const artifact = program
    .command('artifact')
    .description('List, fetch, store and delete files of runs and models.')
    .addHelpText('after', '\nExample:\n  trimtab artifact list 019a7c2b4d5e7f60a1b2c3d4e5f60718\n');
  addList(artifact);
  addGet(artifact);
  addPut(artifact);
  addDelete(artifact);
}

function addList(artifact: Command): void {
  artifact
    .command('list')
    .description('What a run or a logged model has, folder by folder.')
    .argument('<of>', OWNER)
    .argument('[folder]', 'only in this folder')
    .addHelpText('after', '\nExample:\n  trimtab artifact list 019a7c2b4d5e7f60a1b2c3d4e5f60718 plots\n')
    .action(async (of: string, folder: string | undefined, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      const query = { of: referenceOf(of), ...(folder === undefined ? {} : { folder }) };
      terminal.result(await client.tracking.browseArtifacts({ query }), ({ entries, rootUri }) =>
        table(
          entries.map(({ path, isFolder, sizeBytes, kind }) => ({
            path: isFolder ? `${path}/` : path,
            kind: kind ?? 'folder',
            bytes: sizeBytes,
          })),
          `There is nothing at ${rootUri}${folder === undefined ? '' : ` in ${folder}`}.`,
        ),
      );
    });
}

function addGet(artifact: Command): void {
  artifact
    .command('get')
    .description('Fetch a file, or a folder with everything in it.')
    .argument('<of>', OWNER)
    .argument('<path>', 'path of the file or the folder, e.g. plots/roc.png')
    .option('--to <file>', 'where to write (default: under its name, here)')
    .addHelpText('after', '\nExample:\n  trimtab artifact get 019a7c2b4d5e7f60a1b2c3d4e5f60718 plots --to ./plots\n')
    .action(async (of: string, path: string, { to }: { to?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const target = resolve(to ?? basename(path));
      const owner = referenceOf(of);
      const written: string[] = [];
      const fetchFile = async (from: string, file: string) => {
        terminal.progress(from);
        await mkdir(dirname(file), { recursive: true });
        await saveAnswer(await client.tracking.readArtifact({ query: { of: owner, path: from } }), file);
        written.push(file);
      };
      const fetchFolder = async (folder: string): Promise<boolean> => {
        const { entries } = await client.tracking.browseArtifacts({ query: { of: owner, folder } });
        for (const entry of entries) {
          const file = resolve(target, entry.path.slice(path.length + 1));
          // The server tells no path that climbs; a folder of ours must not rely on it.
          if (!file.startsWith(`${target}${sep}`)) throw new Error(`${entry.path} leads out of the folder`);
          if (entry.isFolder) await fetchFolder(entry.path);
          else await fetchFile(entry.path, file);
        }
        return entries.length > 0;
      };
      if (!(await fetchFolder(path))) await fetchFile(path, target);
      terminal.result({ files: written }, ({ files }) =>
        files.length === 1 ? `Written to ${files[0]}` : `${files.length} files written to ${target}`,
      );
    });
}

function addPut(artifact: Command): void {
  artifact
    .command('put')
    .description('Store a file with a run; one of the same path is replaced.')
    .argument('<run>', 'id of the run')
    .argument('<file>', 'file of this machine')
    .option('--path <path>', 'path among the files of the run (default: the name of the file)')
    .addHelpText(
      'after',
      '\nExample:\n  trimtab artifact put 019a7c2b4d5e7f60a1b2c3d4e5f60718 roc.png --path plots/roc.png\n',
    )
    .action(async (run: string, file: string, { path }: { path?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const body = await openFile(file, command);
      const params = { run, path: path ?? basename(file) };
      terminal.result(await client.tracking.putArtifact({ params, body }), (stored) =>
        [`${stored.path}: ${stored.sizeBytes} bytes`, ...(stored.digest ? [`SHA-256 ${stored.digest}`] : [])].join(
          '\n',
        ),
      );
    });
}

function addDelete(artifact: Command): void {
  artifact
    .command('delete')
    .description('Delete a file or a folder of a run for good.')
    .argument('<run>', 'id of the run')
    .argument('<path>', 'path of the file or the folder')
    .addHelpText('after', '\nExample:\n  trimtab artifact delete 019a7c2b4d5e7f60a1b2c3d4e5f60718 plots/old\n')
    .action(async (run: string, path: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      await client.tracking.deleteArtifact({ params: { run, path } });
      terminal.result({ run, path }, () => `${path} is gone.`);
    });
}

/** MLflow begins ids of logged models so; those of runs are hexadecimal. */
function referenceOf(of: string): string {
  if (of.includes(':')) return of;
  return of.startsWith('m-') ? `logged-model:${of}` : `run:${of}`;
}
