import type { Command } from 'commander';
import type { Loop, Transition } from '#contract';
import { positiveNumber, versionRef, wholeNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { count, table, utc } from '../terminal.ts';

/** `trimtab loop`: what keeps an endpoint good, and what it did. */
export function addLoop(program: Command): void {
  const loop = program
    .command('loop')
    .description('Have endpoints kept good by themselves.')
    .addHelpText('after', '\nExample:\n  trimtab loop story delays\n');
  addList(loop);
  addShow(loop);
  addCreate(loop);
  addStory(loop);
  addPause(loop);
  addResume(loop);
}

function addList(loop: Command): void {
  loop
    .command('list')
    .description('List the loops with their state.')
    .addHelpText('after', '\nExample:\n  trimtab loop list\n')
    .action(async (_: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.loop.listLoops(), ({ loops }) =>
        table(
          loops.map(({ name, state, sinceMs, sentence }) => ({
            loop: name,
            state,
            'since (UTC)': utc(sinceMs),
            sentence,
          })),
          'There is no loop yet. Put an endpoint under one with: trimtab loop create --help',
        ),
      );
    });
}

function addShow(loop: Command): void {
  loop
    .command('show')
    .description('Show a loop: what it keeps good, its state and its policy.')
    .argument('<loop>', 'name of the loop')
    .addHelpText('after', '\nExample:\n  trimtab loop show delays\n')
    .action(async (name: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.loop.getLoop({ params: { loop: name } }), inWords);
    });
}

function inWords({ policy, ...loop }: Loop): string {
  const lines: readonly (readonly [string, string])[] = [
    ['state', `${loop.state}, since ${utc(loop.sinceMs)} UTC`],
    ['endpoint', loop.endpoint],
    ['monitor', loop.monitor],
    ['champion', loop.champion],
    ['challenger', loop.challenger ?? 'none'],
    ['pipeline', policy.pipeline],
    [
      'retraining',
      `on at most ${count(policy.trainingWindows, 'window')}; ${count(policy.cooldownWindows, 'window')} apart`,
    ],
    [
      'canary',
      `${policy.canaryShare * 100} % of the traffic for ${count(policy.canaryWindows, 'window')} and ${count(policy.canaryMinRows, 'labelled row')}`,
    ],
    [
      'follow-up',
      policy.followUpWindows === 0 ? 'none' : `${count(policy.followUpWindows, 'labelled window')} after a promotion`,
    ],
    ['recovery', `a data fault ends after ${count(policy.recoveryWindows, 'clean window')}`],
  ];
  return [loop.sentence, '', ...lines.map(([name, value]) => `${name.padEnd(11)} ${value}`)].join('\n');
}

interface CreateOptions {
  readonly endpoint: string;
  readonly monitor: string;
  readonly champion: string;
  readonly pipeline: string;
  readonly canaryShare?: number;
  readonly canaryWindows?: number;
  readonly canaryRows?: number;
  readonly cooldown?: number;
  readonly trainingWindows?: number;
  readonly recovery?: number;
  readonly followUp?: number;
}

function addCreate(loop: Command): void {
  loop
    .command('create')
    .description('Put an endpoint under a loop.')
    .argument('<loop>', 'name of the loop')
    .requiredOption('--endpoint <name>', 'endpoint to keep good')
    .requiredOption('--monitor <name>', 'monitor whose windows are the signals')
    .requiredOption('--champion <version>', 'version that answers now, e.g. delays/1')
    .requiredOption('--pipeline <name>', 'pipeline that makes and gates a challenger')
    .option('--canary-share <share>', 'share of the traffic for a challenger, 0 to 0.5', Number)
    .option('--canary-windows <number>', 'labelled windows a canary needs', positiveNumber)
    .option('--canary-rows <number>', 'labelled rows a challenger must have answered', positiveNumber)
    .option('--cooldown <windows>', 'windows after a retraining without another', wholeNumber)
    .option('--training-windows <number>', 'recent windows a retraining may use', positiveNumber)
    .option('--recovery <windows>', 'clean windows that end a data fault', positiveNumber)
    .option(
      '--follow-up <windows>',
      'labelled windows after a promotion until one more training; 0: never',
      wholeNumber,
    )
    .addHelpText(
      'after',
      `
Example:
  trimtab loop create delays --endpoint delays --monitor delays \\
    --champion delays/1 --pipeline delays-training
`,
    )
    .action(async (name: string, options: CreateOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const champion = versionRef(options.champion);
      const model = champion.slice('version:'.length, champion.lastIndexOf('/'));
      const { endpoint, monitor, pipeline } = options;
      const policy = {
        pipeline,
        ...given('canaryShare', options.canaryShare),
        ...given('canaryWindows', options.canaryWindows),
        ...given('canaryMinRows', options.canaryRows),
        ...given('cooldownWindows', options.cooldown),
        ...given('trainingWindows', options.trainingWindows),
        ...given('recoveryWindows', options.recovery),
        ...given('followUpWindows', options.followUp),
      };
      const body = { name, endpoint, model, monitor, champion, policy };
      terminal.result(await client.loop.createLoop({ body }), inWords);
    });
}

/** An option that was given, under its name in the policy. */
function given(name: string, value: number | undefined): Readonly<Record<string, number>> {
  return value === undefined ? {} : { [name]: value };
}

function addStory(loop: Command): void {
  loop
    .command('story')
    .description('Tell every step a loop took and why, oldest first.')
    .argument('<loop>', 'name of the loop')
    .addHelpText(
      'after',
      '\nWith --json, each step has the figures it rests on.\n\nExample:\n  trimtab loop story delays\n',
    )
    .action(async (name: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.loop.listTransitions({ params: { loop: name } }), ({ transitions }) =>
        table(transitions.map(storyLine), 'Nothing happened yet.'),
      );
    });
}

function storyLine({ sequence, atMs, kind, words }: Transition) {
  return { step: sequence, 'when (UTC)': utc(atMs), what: kind, why: words };
}

function addPause(loop: Command): void {
  loop
    .command('pause')
    .description('Stop a loop from acting; its monitor goes on.')
    .argument('<loop>', 'name of the loop')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .addHelpText('after', '\nExample:\n  trimtab loop pause delays --reason "holiday traffic"\n')
    .action(async (name: string, { reason }: { reason: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const params = { loop: name };
      terminal.result(await client.loop.pauseLoop({ params, body: { reason } }), ({ sentence }) => sentence);
    });
}

function addResume(loop: Command): void {
  loop
    .command('resume')
    .description('Let a paused loop act again.')
    .argument('<loop>', 'name of the loop')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .addHelpText('after', '\nExample:\n  trimtab loop resume delays --reason "traffic is as usual"\n')
    .action(async (name: string, { reason }: { reason: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const params = { loop: name };
      terminal.result(await client.loop.resumeLoop({ params, body: { reason } }), ({ sentence }) => sentence);
    });
}
