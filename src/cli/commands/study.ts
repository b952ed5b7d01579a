import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parse } from 'yaml';
import type { MetricNumber, NewStudy, Study, Trial } from '#contract';
import { contextOf } from '../context.ts';
import { table, utc } from '../terminal.ts';

/** `trimtab study`: searches for good params, also for workers that are shell scripts. */
export function addStudy(program: Command): void {
  const study = program
    .command('study')
    .description('Search for good params: studies and their trials.')
    .addHelpText('after', '\nExample:\n  trimtab study list\n');
  addList(study);
  addCreate(study);
  addShow(study);
  addTrials(study);
  addAsk(study);
  addReport(study);
  addTell(study);
}

function addList(study: Command): void {
  study
    .command('list')
    .description('List studies, newest first.')
    .addHelpText('after', '\nExample:\n  trimtab study list\n')
    .action(async (_: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.tuning.listStudies(), ({ studies }) =>
        table(
          studies.map(({ name, counts, best, createdAtMs }) => ({
            study: name,
            ...counts,
            best: best[0]?.values ? best[0].values.map(shown).join(' ') : null,
            'made (UTC)': utc(createdAtMs).slice(0, 16),
          })),
          'There is no study yet. Make one with: trimtab study create study.yaml',
        ),
      );
    });
}

function addCreate(study: Command): void {
  study
    .command('create')
    .description('Make a study from a YAML or JSON file. The same file again changes nothing.')
    .argument('<file>', 'name, directions, space, sampler, pruner and experiment of the study')
    .addHelpText(
      'after',
      `
Example:
  trimtab study create study.yaml

study.yaml:
  name: gbdt
  directions: [minimize]
  space:
    learningRate: { kind: float, low: 0.01, high: 0.3, log: true }
    depth: { kind: int, low: 3, high: 10 }
    loss: { kind: categorical, choices: [logistic, squared] }
  sampler: { name: tpe, multivariate: true }
  pruner: { name: median }
  experiment: delays
`,
    )
    .action(async (file: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      // The server checks it and names what is wrong.
      const body = readFile(file, command) as NewStudy;
      terminal.result(await client.tuning.createStudy({ body }), inWords);
    });
}

function readFile(file: string, command: Command): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    command.error(`error: ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function addShow(study: Command): void {
  study
    .command('show')
    .description('Show a study: its space, its counts and its best trial.')
    .argument('<study>', 'name of the study')
    .addHelpText('after', '\nExample:\n  trimtab study show gbdt\n')
    .action(async (name: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.tuning.getStudy({ params: { study: name } }), inWords);
    });
}

function inWords({ name, directions, space, sampler, pruner, experiment, counts, best }: Study): string {
  const dimensions = Object.entries(space).map(([param, dimension]) => ({ param, ...dimensionCells(dimension) }));
  const head = `Study ${name}: ${directions.join(', ')}; sampler ${sampler.name}, pruner ${pruner.name}${
    experiment === null ? '' : `; each trial is a run of ${experiment}`
  }`;
  const { running, complete, pruned, failed } = counts;
  const trials = `${complete} trials complete, ${pruned} pruned, ${failed} failed, ${running} running`;
  const found = best.map(
    (trial) =>
      `Best: trial ${trial.number} with ${trial.values?.map(shown).join(' ')}: ${JSON.stringify(trial.params)}`,
  );
  return [head, trials, ...found, '', table(dimensions, '')].join('\n');
}

function dimensionCells(dimension: Study['space'][string]) {
  if (dimension.kind === 'categorical') {
    return { kind: dimension.kind, values: dimension.choices.map((choice) => JSON.stringify(choice)).join(' ') };
  }
  const { kind, low, high, step, log } = dimension;
  const notes = `${step === undefined ? '' : `, step ${step}`}${log ? ', logarithmic' : ''}`;
  return { kind, values: `${low} to ${high}${notes}` };
}

function addTrials(study: Command): void {
  study
    .command('trials')
    .description('List the trials of a study.')
    .argument('<study>', 'name of the study')
    .option('--state <state>', 'only running, complete, pruned or failed ones')
    .option('--after <number>', 'only trials above this number', Number)
    .option('--limit <number>', 'trials at most', Number, 100)
    .addHelpText('after', '\nExample:\n  trimtab study trials gbdt --state complete\n')
    .action(
      async (name: string, query: { state?: Trial['state']; after?: number; limit: number }, command: Command) => {
        const { client, terminal } = contextOf(command);
        terminal.result(await client.tuning.listTrials({ params: { study: name }, query }), ({ trials }) =>
          table(
            trials.map((trial) => ({
              trial: trial.number,
              state: trial.state,
              values: trial.values?.map(shown).join(' ') ?? null,
              ...Object.fromEntries(
                Object.entries(trial.params).map(([param, value]) => [
                  param,
                  typeof value === 'number' ? Number(value.toPrecision(6)) : String(value),
                ]),
              ),
            })),
            'No trial yet. Ask for one with: trimtab study ask',
          ),
        );
      },
    );
}

function addAsk(study: Command): void {
  study
    .command('ask')
    .description('Start a trial and print its number and params.')
    .argument('<study>', 'name of the study')
    .option('--key <text>', 'answer the same trial when asked again with this key')
    .addHelpText('after', '\nExample:\n  trimtab study ask gbdt --key worker-1 --json\n')
    .action(async (name: string, body: { key?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.tuning.ask({ params: { study: name }, body }), trialInWords);
    });
}

function trialInWords({ study, number, state, params, values, run, words }: Trial): string {
  const told = values ? ` with ${values.map(shown).join(' ')}` : '';
  const tracked = run === null ? '' : `\nrun ${run}`;
  const why = words === null ? '' : `\n${words}`;
  return `Trial ${number} of study ${study}: ${state}${told}\n${JSON.stringify(params)}${tracked}${why}`;
}

function addReport(study: Command): void {
  study
    .command('report')
    .description('Report an intermediate value; prints "prune" or "go on".')
    .argument('<study>', 'name of the study')
    .argument('<trial>', 'number of the trial', Number)
    .argument('<step>', 'step of the training', Number)
    .argument('<value>', 'the value; NaN, Infinity and -Infinity too')
    .addHelpText('after', '\nExample:\n  trimtab study report gbdt 7 100 0.472\n')
    .action(async (name: string, number: number, step: number, value: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      const params = { study: name, number };
      const body = { step, value: numberFrom(value, command) };
      terminal.result(await client.tuning.report({ params, body }), ({ prune, words }) =>
        [prune ? 'prune' : 'go on', words].join('\n'),
      );
    });
}

interface TellOptions {
  readonly state?: 'complete' | 'pruned' | 'failed';
  readonly words?: string;
}

function addTell(study: Command): void {
  study
    .command('tell')
    .description('End a trial, with its values or with a state.')
    .argument('<study>', 'name of the study')
    .argument('<trial>', 'number of the trial', Number)
    .argument('[values...]', 'one an objective')
    .option('--state <state>', 'pruned or failed')
    .option('--words <text>', 'why')
    .addHelpText(
      'after',
      '\nExamples:\n  trimtab study tell gbdt 7 0.468\n  trimtab study tell gbdt 8 --state failed --words "out of memory"\n',
    )
    .action(async (name: string, number: number, values: string[], options: TellOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const body = {
        ...options,
        ...(values.length > 0 ? { values: values.map((value) => numberFrom(value, command)) } : {}),
      };
      terminal.result(await client.tuning.tell({ params: { study: name, number }, body }), trialInWords);
    });
}

function numberFrom(text: string, command: Command): MetricNumber {
  if (text === 'NaN' || text === 'Infinity' || text === '-Infinity') return text;
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number)) return number;
  command.error(`error: "${text}" is no number`);
}

function shown(value: MetricNumber): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : value;
}
