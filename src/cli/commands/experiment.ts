import type { Command } from 'commander';
import type { Experiment } from '#contract';
import { contextOf } from '../context.ts';
import { shortActor, table, utc } from '../terminal.ts';

/** `trimtab experiment`: experiments, and the folders they lie in. */
export function addExperiment(program: Command): void {
  const experiment = program
    .command('experiment')
    .description('Experiments and the folders they lie in.')
    .addHelpText('after', '\nExample:\n  trimtab experiment list\n');
  addList(experiment);
  addShow(experiment);
  addCreate(experiment);
  addChange(experiment);
  addDelete(experiment);
  addRestore(experiment);
  addFolders(experiment);
  addMove(experiment);
  addMoveFolder(experiment);
}

const FOLDER_TAG = 'trimtab.folder';

function addList(experiment: Command): void {
  experiment
    .command('list')
    .description('List experiments, the one with the latest activity first.')
    .option('--folder <path>', 'only in this folder, also deeper')
    .addHelpText('after', '\nExample:\n  trimtab experiment list\n')
    .action(async ({ folder }: { folder?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const { experiments: all } = await client.tracking.listExperiments();
      const experiments = all.filter(({ tags }) => folder === undefined || liesIn(tags[FOLDER_TAG], folder));
      terminal.result({ experiments }, () =>
        table(
          experiments.map(({ id, name, tags, runs, lastActivityAtMs }) => ({
            id,
            experiment: name,
            folder: tags[FOLDER_TAG] ?? null,
            runs,
            'last activity (UTC)': utc(lastActivityAtMs),
          })),
          folder === undefined ? 'There is no experiment yet.' : `No experiment lies in ${folder}.`,
        ),
      );
    });
}

function liesIn(path: string | undefined, folder: string): boolean {
  return path === folder || (path?.startsWith(`${folder}/`) ?? false);
}

function addShow(experiment: Command): void {
  experiment
    .command('show')
    .description('Show an experiment: its description, its tags and the data sets its runs used.')
    .argument('<experiment>', 'name of the experiment')
    .addHelpText('after', '\nExample:\n  trimtab experiment show flight-delays\n')
    .action(async (name: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      const params = { experiment: name };
      const shown = await client.tracking.getExperiment({ params });
      const { datasets } = await client.tracking.listExperimentDatasets({ params });
      terminal.result({ ...shown, datasets }, () => {
        const tags = Object.entries(shown.tags).map(([key, value]) => ({ tag: key, value }));
        const used = datasets.map((dataset) => ({
          'data set': dataset.name,
          digest: dataset.digest,
          'used for': dataset.contexts.join(', ') || null,
          runs: dataset.runs,
        }));
        return [
          headOf(shown),
          ...(tags.length > 0 ? [table(tags, '')] : []),
          ...(used.length > 0 ? [table(used, '')] : []),
        ].join('\n\n');
      });
    });
}

function headOf(experiment: Experiment): string {
  const { name, id, lifecycle, runs, runningRuns, deletedRuns, description } = experiment;
  const deleted = lifecycle === 'deleted' ? ' (deleted)' : '';
  const made = `made ${utc(experiment.createdAtMs)} (UTC) by ${shortActor(experiment.createdBy)}`;
  const counts = `${runs} runs, ${runningRuns} of them running, ${deletedRuns} in the trash`;
  return `${name}, experiment ${id}${deleted}: ${counts}\n${made}\nfiles at ${experiment.artifactLocation}${
    description ? `\n\n${description}` : ''
  }`;
}

function addCreate(experiment: Command): void {
  experiment
    .command('create')
    .description('Make an experiment; one that exists stays as it is.')
    .argument('<name>', 'name of the experiment')
    .option('--description <text>', 'what it is about')
    .option('--folder <path>', 'folder it lies in, e.g. team/project')
    .addHelpText('after', '\nExample:\n  trimtab experiment create delays --folder team/flights\n')
    .action(async (name: string, options: { description?: string; folder?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const { description, folder } = options;
      const made = await client.tracking.createExperiment({ body: { name, ...(description ? { description } : {}) } });
      if (folder !== undefined) await client.tracking.setFolder({ params: { experiment: name }, body: { folder } });
      terminal.result(made, ({ id }) => `Experiment ${name} has the id ${id}.`);
    });
}

function addChange(experiment: Command): void {
  experiment
    .command('change')
    .description('Rename or describe an experiment.')
    .argument('<experiment>', 'name of the experiment')
    .option('--name <name>', 'new name')
    .option('--description <text>', 'what it is about; empty takes it away')
    .addHelpText('after', '\nExample:\n  trimtab experiment change delays --description "Delays of 2001"\n')
    .action(async (current: string, options: { name?: string; description?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      if (Object.keys(options).length === 0) command.error('error: say what to change: --name or --description');
      const changed = await client.tracking.updateExperiment({ params: { experiment: current }, body: options });
      terminal.result(changed, headOf);
    });
}

function addDelete(experiment: Command): void {
  experiment
    .command('delete')
    .description('Put an experiment into the trash, with its runs.')
    .argument('<experiment>', 'name of the experiment')
    .addHelpText('after', '\nExample:\n  trimtab experiment delete delays\n')
    .action(async (name: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      const deleted = await client.tracking.deleteExperiment({ params: { experiment: name } });
      terminal.result(
        deleted,
        ({ id }) => `Experiment ${name} is in the trash. Bring it back with: trimtab experiment restore ${id}`,
      );
    });
}

function addRestore(experiment: Command): void {
  experiment
    .command('restore')
    .description('Bring an experiment back from the trash, with its runs.')
    .argument('<id>', 'number of the experiment, as trimtab trash list tells it')
    .addHelpText('after', '\nExample:\n  trimtab experiment restore 3\n')
    .action(async (id: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      const counts = await client.tracking.restoreFromTrash({ body: { experiments: [id] } });
      terminal.result(counts, ({ experiments }) =>
        experiments === 0 ? `Experiment ${id} is not in the trash.` : `Experiment ${id} is back, with its runs.`,
      );
    });
}

function addFolders(experiment: Command): void {
  experiment
    .command('folders')
    .description('List folders of experiments.')
    .addHelpText('after', '\nExample:\n  trimtab experiment folders\n')
    .action(async (_: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.tracking.listFolders(), ({ folders }) =>
        table(
          folders.map(({ path, experiments, total }) => ({
            folder: path,
            'experiments in it': experiments.map(({ name }) => name).join(', ') || null,
            'also deeper': total,
          })),
          'No experiment lies in a folder. Put one there with: trimtab experiment move <experiment> --to team/project',
        ),
      );
    });
}

function addMove(experiment: Command): void {
  experiment
    .command('move')
    .description('Put an experiment into a folder, or out of any.')
    .argument('<experiment>', 'name of the experiment')
    .option('--to <folder>', 'folder, e.g. team/project; out of any if left out')
    .addHelpText('after', '\nExample:\n  trimtab experiment move delays --to team/flights\n')
    .action(async (name: string, { to = null }: { to?: string | null }, command: Command) => {
      const { client, terminal } = contextOf(command);
      await client.tracking.setFolder({ params: { experiment: name }, body: { folder: to } });
      terminal.result({ experiment: name, folder: to }, () =>
        to === null ? `Experiment ${name} lies in no folder.` : `Experiment ${name} lies in ${to}.`,
      );
    });
}

function addMoveFolder(experiment: Command): void {
  experiment
    .command('move-folder')
    .description('Rename or move a folder with everything in it.')
    .argument('<from>', 'folder, e.g. team/project')
    .argument('<to>', 'what it becomes')
    .addHelpText('after', '\nExample:\n  trimtab experiment move-folder team/flights team/delays\n')
    .action(async (from: string, to: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(
        await client.tracking.moveFolder({ body: { from, to } }),
        ({ experiments }) => `${from} is ${to} now, with ${experiments} experiment${experiments === 1 ? '' : 's'}.`,
      );
    });
}
