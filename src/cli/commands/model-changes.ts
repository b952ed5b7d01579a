import type { Command } from 'commander';
import { oneOf, pairOf } from '../arguments.ts';
import { contextOf } from '../context.ts';

/** `trimtab model rename`, `describe`, `tag`, `stage`, `delete`: what can change around models and versions. */
export function addChanges(model: Command): void {
  addRename(model);
  addDescribe(model);
  addTag(model);
  addStage(model);
  addDelete(model);
}

function addRename(model: Command): void {
  model
    .command('rename')
    .description('Call a model otherwise; its references stay.')
    .argument('<model>', 'name of the model')
    .argument('<name>', 'what it is called from now on')
    .addHelpText('after', '\nExample:\n  trimtab model rename delays lateness\n')
    .action(async (name: string, newName: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      const changed = await client.registry.changeModel({ params: { model: name }, body: { name: newName } });
      terminal.result(changed, ({ key }) => `${name} is called ${changed.name} now; references call it ${key}.`);
    });
}

function addDescribe(model: Command): void {
  model
    .command('describe')
    .description('Say what a model or a version is.')
    .argument('<model>', 'name of the model')
    .argument('<text>', 'for people; empty takes it away')
    .option('--version <version>', 'of this version: a number, an alias, or latest')
    .addHelpText('after', '\nExample:\n  trimtab model describe delays "late or not" --version 2\n')
    .action(async (name: string, description: string, { version }: { version?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const changed =
        version === undefined
          ? await client.registry.changeModel({ params: { model: name }, body: { description } })
          : await client.registry.changeVersion({ params: { model: name, version }, body: { description } });
      terminal.result(changed, ({ description: now }) => now || 'It has no description now.');
    });
}

interface TagOptions {
  readonly version?: string;
  readonly remove?: readonly string[];
}

function addTag(model: Command): void {
  model
    .command('tag')
    .description('Set or remove tags of a model or a version.')
    .argument('<model>', 'name of the model')
    .argument('[tags...]', 'tags to set, each as name=value')
    .option('--version <version>', 'of this version: a number, an alias, or latest')
    .option('--remove <names...>', 'tags to remove')
    .addHelpText('after', '\nExample:\n  trimtab model tag delays team=ops --version champion --remove draft\n')
    .action(async (name: string, given: string[], { version, remove = [] }: TagOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const pairs = given.map((pair) => pairOf(pair, command));
      if (pairs.length + remove.length === 0) command.error('error: give tags as name=value, or --remove');
      const tags = Object.fromEntries([...pairs, ...remove.map((key) => [key, null] as const)]);
      const changed =
        version === undefined
          ? await client.registry.changeModel({ params: { model: name }, body: { tags } })
          : await client.registry.changeVersion({ params: { model: name, version }, body: { tags } });
      terminal.result(changed, ({ tags: now }) => tagsInWords(now) || 'It has no tags now.');
    });
}

/** `team=ops, draft=yes`. */
export function tagsInWords(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}

interface StageOptions {
  readonly reason: string;
  readonly archiveExisting?: boolean;
}

const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;

function addStage(model: Command): void {
  model
    .command('stage')
    .description("Move a version to one of MLflow's stages.")
    .argument('<model>', 'name of the model')
    .argument('<version>', 'a number, an alias, or latest')
    .argument('<stage>', STAGES.join(', '), oneOf(...STAGES))
    .requiredOption('--reason <text>', 'why, for the audit log')
    .option('--archive-existing', 'versions that are in the stage go to Archived')
    .addHelpText(
      'after',
      '\nExample:\n  trimtab model stage delays 2 Production --archive-existing --reason "as agreed"\n',
    )
    .action(
      async (
        name: string,
        version: string,
        stage: (typeof STAGES)[number],
        options: StageOptions,
        command: Command,
      ) => {
        const { client, terminal } = contextOf(command);
        const { reason, archiveExisting = false } = options;
        const body = { stage, reason, archiveExisting };
        const moved = await client.registry.moveStage({ params: { model: name, version }, body });
        terminal.result(moved, ({ ref, stage: now }) => `${ref} is in stage ${now}.`);
      },
    );
}

function addDelete(model: Command): void {
  model
    .command('delete')
    .description('Delete a version, or a model with all of them.')
    .argument('<model>', 'name of the model')
    .argument('[version]', 'a number, an alias, or latest')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .option('--all', 'the model with all its versions')
    .addHelpText('after', '\nExample:\n  trimtab model delete delays 2 --reason "learned on wrong labels"\n')
    .action(
      async (
        name: string,
        version: string | undefined,
        { reason, all = false }: { reason: string; all?: boolean },
        command: Command,
      ) => {
        const { client, terminal } = contextOf(command);
        if ((version === undefined) !== all) command.error('error: give a version, or --all for the whole model');
        if (version === undefined) await client.registry.deleteModel({ params: { model: name }, query: { reason } });
        else await client.registry.deleteVersion({ params: { model: name, version }, query: { reason } });
        const what = version === undefined ? `Model ${name} with its versions` : `Version ${version} of ${name}`;
        terminal.result({ model: name, version: version ?? null, deleted: true }, () => `${what} is deleted.`);
      },
    );
}
