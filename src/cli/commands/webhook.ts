import type { Command } from 'commander';
import type { Webhook, WebhookTest } from '#contract';
import { positiveNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { readSecret } from '../secret.ts';
import { table, utc } from '../terminal.ts';

/** `trimtab webhook`: addresses that are told what happens to models. */
export function addWebhook(program: Command): void {
  const webhook = program
    .command('webhook')
    .description('Addresses that are told what happens to models.')
    .addHelpText('after', '\nExample:\n  trimtab webhook list\n');
  addList(webhook);
  addCreate(webhook);
  addUpdate(webhook);
  addDelete(webhook);
  addTest(webhook);
  addDeliveries(webhook);
}

const ID = '5f0c2a3e-7b1d-4a53-9a3e-0d8f6c1b2e4a';

function addList(webhook: Command): void {
  webhook
    .command('list')
    .description('List the webhooks, or the events there are.')
    .option('--events', 'what a webhook can be told of')
    .addHelpText('after', '\nExample:\n  trimtab webhook list --events\n')
    .action(async ({ events = false }: { events?: boolean }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const answer = await client.webhooks.listWebhooks({ query: { limit: 1000 } });
      if (events) return terminal.result({ events: answer.events }, (told) => told.events.join('\n'));
      terminal.result(answer, ({ webhooks }) =>
        table(webhooks.map(lineOf), 'There is no webhook. Make one with: trimtab webhook create'),
      );
    });
}

function lineOf({ id, name, url, events, active }: Webhook) {
  return { id, name, active: active ? 'yes' : 'no', 'goes to': url, 'told of': events.join(' ') };
}

interface Options {
  readonly name?: string;
  readonly url?: string;
  readonly event?: readonly string[];
  readonly description?: string;
  readonly secret?: boolean;
  readonly on?: boolean;
  readonly off?: boolean;
}

/** The fields that options give; a secret is read from the input. */
async function fieldsOf({ name, url, event, description, secret, on, off }: Options, command: Command) {
  return {
    ...{ name, url, description },
    ...(event ? { events: [...event] } : {}),
    ...(on || off ? { active: on === true } : {}),
    ...(secret ? { secret: await readSecret('Secret: ', command) } : {}),
  };
}

function addCreate(webhook: Command): void {
  webhook
    .command('create')
    .description('Have an address told of events.')
    .argument('<name>', 'name of the webhook')
    .argument('<url>', 'where messages go')
    .requiredOption('--event <events...>', 'what it is told of, e.g. model_version.created')
    .option('--description <text>', 'for people')
    .option('--secret', 'sign messages with a secret, which is asked for or piped in')
    .option('--off', 'tell it of nothing yet')
    .addHelpText(
      'after',
      '\nExample:\n  trimtab webhook create chat https://chat.example.com/hook \\\n    --event model_version.created model_version_alias.created\n',
    )
    .action(async (name: string, url: string, options: Options, command: Command) => {
      const { client, terminal } = contextOf(command);
      const fields = await fieldsOf(options, command);
      const made = await client.webhooks.createWebhook({ body: { events: [], ...fields, name, url } });
      terminal.result(made, ({ id }) => `Webhook ${id} goes to ${url}. Try it with: trimtab webhook test ${id}`);
    });
}

function addUpdate(webhook: Command): void {
  webhook
    .command('update')
    .description('Change a webhook, or switch it on or off.')
    .argument('<id>', 'id of the webhook')
    .option('--name <name>', 'another name')
    .option('--url <address>', 'another address')
    .option('--event <events...>', 'what it is told of from now on')
    .option('--description <text>', 'for people')
    .option('--secret', 'another secret, which is asked for or piped in')
    .option('--on', 'tell it of its events')
    .option('--off', 'tell it of nothing')
    .addHelpText('after', `\nExample:\n  trimtab webhook update ${ID} --off\n`)
    .action(async (id: string, options: Options, command: Command) => {
      const { client, terminal } = contextOf(command);
      if (options.on && options.off) command.error('error: give one of --on and --off');
      const body = await fieldsOf(options, command);
      const changed = await client.webhooks.changeWebhook({ params: { webhook: id }, body });
      terminal.result(changed, (told) => table([lineOf(told)], ''));
    });
}

function addDelete(webhook: Command): void {
  webhook
    .command('delete')
    .description('Delete a webhook with what waits for it.')
    .argument('<id>', 'id of the webhook')
    .addHelpText('after', `\nExample:\n  trimtab webhook delete ${ID}\n`)
    .action(async (id: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      await client.webhooks.deleteWebhook({ params: { webhook: id } });
      terminal.result({ id, deleted: true }, () => `Webhook ${id} is gone.`);
    });
}

function addTest(webhook: Command): void {
  webhook
    .command('test')
    .description('Send an example now; exit code 8 if it fails.')
    .argument('<id>', 'id of the webhook')
    .option('--event <event>', 'what it tells of; the first of its events if left out')
    .addHelpText('after', `\nExample:\n  trimtab webhook test ${ID}\n`)
    .action(async (id: string, body: { event?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const outcome = await client.webhooks.testWebhook({ params: { webhook: id }, body });
      terminal.result(outcome, testInWords);
      if (!outcome.isDelivered) process.exitCode = EXIT_CODES.checkFailed;
    });
}

function testInWords({ event, status, body, error }: WebhookTest): string {
  if (error !== null) return `${event} was not delivered: ${error}`;
  return `${event} was answered with ${status}${body ? `: ${body}` : '.'}`;
}

function addDeliveries(webhook: Command): void {
  webhook
    .command('deliveries')
    .description('List the latest messages to a webhook.')
    .argument('<id>', 'id of the webhook')
    .option('--limit <number>', 'messages at most', positiveNumber, 50)
    .addHelpText('after', `\nExample:\n  trimtab webhook deliveries ${ID}\n`)
    .action(async (id: string, query: { limit: number }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const answer = await client.webhooks.listDeliveries({ params: { webhook: id }, query });
      terminal.result(answer, ({ deliveries }) =>
        table(
          deliveries.map(({ event, state, attempts, outcome, happenedAtMs }) => ({
            ...{ 'happened (UTC)': utc(happenedAtMs), event, state, tries: attempts, 'last try': outcome },
          })),
          'Nothing was sent in the last seven days.',
        ),
      );
    });
}
