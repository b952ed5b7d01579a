import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { RunDiff } from '#contract';
import { newId, systemClock, systemRng } from '#platform/kernel';
import { pairOf } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { table } from '../terminal.ts';

/** Commands of `trimtab run` that keep runs in order. */
export function addRunOrganizing(run: Command): void {
  addMove(run);
  addCopy(run);
  addDelete(run);
  addRestore(run);
  addNote(run);
  addMark(run, 'pin', 'Keep runs on top of tables, or no more.', (on) => ({ pinned: on }));
  addMark(run, 'archive', 'Hide runs from tables, or no more.', (on) => ({ archived: on }));
  addGroup(run);
  addTag(run);
  addRename(run);
  addDiff(run);
}

const ID = '019a7c2b4d5e7f60a1b2c3d4e5f60718';

function addMove(run: Command): void {
  run
    .command('move')
    .description('Move runs to another experiment; their ids stay.')
    .argument('<runs...>', 'ids of the runs')
    .requiredOption('--to <experiment>', 'experiment they go to')
    .option('--no-children', 'leave runs that are part of them where they are')
    .addHelpText('after', `\nExample:\n  trimtab run move ${ID} --to delays\n`)
    .action(async (runs: string[], { to, children }: { to: string; children: boolean }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const body = { runs, to, withChildren: children };
      terminal.result(await client.tracking.moveRuns({ body }), ({ moved }) =>
        moved.length === 0
          ? `They are in experiment ${to} already.`
          : `Moved ${counted(moved.length, 'run')} to ${to}.`,
      );
    });
}

function addCopy(run: Command): void {
  run
    .command('copy')
    .description('Copy runs with everything to an experiment, under new ids.')
    .argument('<runs...>', 'ids of the runs')
    .requiredOption('--to <experiment>', 'experiment the copies go to')
    .option('--no-children', 'leave out runs that are part of them')
    .option('--key <text>', 'the same key again makes no second copy (default: a new one each time)')
    .addHelpText('after', `\nExample:\n  trimtab run copy ${ID} --to delays\n`)
    .action(async (runs: string[], options: { to: string; children: boolean; key?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const { to, children, key = newId(systemClock, systemRng()) } = options;
      const body = { runs, to, withChildren: children, key };
      terminal.result(await client.tracking.copyRuns({ body }), ({ copies }) =>
        table(
          copies.map(({ from, to: copy }) => ({ run: from, copy })),
          'Nothing was copied.',
        ),
      );
    });
}

function addDelete(run: Command): void {
  run
    .command('delete')
    .description('Put runs into the trash.')
    .argument('<runs...>', 'ids of the runs')
    .addHelpText('after', `\nExample:\n  trimtab run delete ${ID}\n`)
    .action(async (runs: string[], _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.tracking.putIntoTrash({ body: { runs } }), (counts) =>
        counts.runs === 0
          ? 'They are in the trash already.'
          : `Put ${counted(counts.runs, 'run')} into the trash. Bring back with: trimtab run restore <id>`,
      );
    });
}

function addRestore(run: Command): void {
  run
    .command('restore')
    .description('Bring runs back from the trash.')
    .argument('<runs...>', 'ids of the runs')
    .addHelpText('after', `\nExample:\n  trimtab run restore ${ID}\n`)
    .action(async (runs: string[], _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.tracking.restoreFromTrash({ body: { runs } }), (counts) =>
        counts.runs === 0 ? 'None of them was in the trash.' : `Brought ${counted(counts.runs, 'run')} back.`,
      );
    });
}

function addNote(run: Command): void {
  run
    .command('note')
    .description('Show the note of a run, or write it (Markdown).')
    .argument('<run>', 'id of the run')
    .argument('[text]', 'the note; empty takes it away')
    .option('--file <path>', 'take the note from a file')
    .addHelpText('after', `\nExample:\n  trimtab run note ${ID} "Learned on too few rows."\n`)
    .action(async (id: string, given: string | undefined, { file }: { file?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const text = file === undefined ? given : await readFile(file, 'utf8');
      const params = { run: id };
      if (text === undefined) {
        const { tags } = await client.tracking.getRun({ params });
        const note = tags['mlflow.note.content'] ?? '';
        return terminal.result({ text: note }, () => note || 'It has no note.');
      }
      await client.tracking.setRunNote({ params, body: { text } });
      terminal.result({ text }, () => (text === '' ? 'The note is gone.' : 'The note is kept.'));
    });
}

function addMark(
  run: Command,
  name: 'pin' | 'archive',
  description: string,
  marks: (on: boolean) => { pinned?: boolean; archived?: boolean },
): void {
  run
    .command(name)
    .description(description)
    .argument('<runs...>', 'ids of the runs')
    .option('--off', 'no more')
    .addHelpText('after', `\nExample:\n  trimtab run ${name} ${ID}\n`)
    .action(async (runs: string[], { off = false }: { off?: boolean }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const body = { runs, ...marks(!off) };
      const word = name === 'pin' ? 'pinned' : 'archived';
      terminal.result(await client.tracking.markRuns({ body }), ({ changed }) => {
        return off ? `${counted(changed, 'run')} no longer ${word}.` : `${counted(changed, 'run')} ${word}.`;
      });
    });
}

function addGroup(run: Command): void {
  run
    .command('group')
    .description('Put runs into a group, or out of any.')
    .argument('<runs...>', 'ids of the runs')
    .option('--into <group>', 'name of the group; none if left out')
    .addHelpText('after', `\nExample:\n  trimtab run group ${ID} --into nightly\n`)
    .action(async (runs: string[], { into }: { into?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.tracking.markRuns({ body: { runs, group: into ?? null } }), ({ changed }) =>
        into === undefined ? `${counted(changed, 'run')} in no group.` : `${counted(changed, 'run')} in group ${into}.`,
      );
    });
}

function addTag(run: Command): void {
  run
    .command('tag')
    .description('Set and remove tags of runs.')
    .argument('<runs...>', 'ids of the runs')
    .option('--set <name=value...>', 'tags to set')
    .option('--remove <names...>', 'tags to remove')
    .addHelpText('after', `\nExample:\n  trimtab run tag ${ID} --set team=fraud --remove draft\n`)
    .action(async (runs: string[], options: { set?: string[]; remove?: string[] }, command: Command) => {
      const { set = [], remove = [] } = options;
      if (set.length + remove.length === 0) command.error('error: give --set or --remove');
      const { client, terminal } = contextOf(command);
      const tags = Object.fromEntries([
        ...remove.map((name) => [name, null]),
        ...set.map((given) => pairOf(given, command)),
      ]);
      terminal.result(
        await client.tracking.markRuns({ body: { runs, tags } }),
        ({ changed }) => `${counted(changed, 'run')} tagged.`,
      );
    });
}

function addRename(run: Command): void {
  run
    .command('rename')
    .description('Give a run another name; its id stays.')
    .argument('<run>', 'id of the run')
    .argument('<name>', 'new name')
    .addHelpText('after', `\nExample:\n  trimtab run rename ${ID} "with holidays"\n`)
    .action(async (id: string, name: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      const changed = await client.tracking.updateRun({ params: { run: id }, body: { name } });
      terminal.result(changed, () => `Run ${id} is called ${changed.name}.`);
    });
}

function addDiff(run: Command): void {
  run
    .command('diff')
    .description('Show what code and environment of two runs differ in.')
    .argument('<left>', 'id of a run')
    .argument('<right>', 'id of another run')
    .addHelpText('after', `\nExample:\n  trimtab run diff ${ID} 019a7c2b5f607f60a1b2c3d4e5f60718\n`)
    .action(async (left: string, right: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.tracking.diffRuns({ body: { left, right } }), diffInWords);
    });
}

function diffInWords({ code, environment }: RunDiff): string {
  const source = code.source.filter(({ differs }) => differs);
  const files = [...code.files, ...environment.files];
  const packages = environment.packages.map(({ name, left, right, ecosystem }) => ({
    package: name,
    of: ecosystem,
    left: left === '' ? 'any' : left,
    right: right === '' ? 'any' : right,
  }));
  const parts = [
    ...(source.length > 0
      ? [
          table(
            source.map(({ fact, left, right }) => ({ code: fact, left, right })),
            '',
          ),
        ]
      : []),
    ...(code.compareUrl === null ? [] : [code.compareUrl]),
    ...(packages.length > 0 ? [table(packages, '')] : []),
    ...files.map(({ path, patch, difference, problem }) => patch?.trimEnd() ?? `${path} ${difference}: ${problem}`),
  ];
  if (parts.length > 0) return parts.join('\n\n');
  return code.left + code.right + environment.left.packages + environment.right.packages === 0
    ? 'The runs tell the same of their code, and stored neither code nor environment.'
    : 'Code and environment are the same.';
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
