import {
  type Message as Told,
  WEBHOOK_ACTIONS,
  type Webhook,
  type WebhookEvent,
  type Webhooks,
} from '#domains/webhooks';
import { endpoint, type MlflowEndpoint } from './endpoint.ts';
import { type ErrorWords, invalid } from './errors.ts';
import type { Message } from './message.ts';
import { nextPage, pageIn } from './paging.ts';

const ROOT = '/2.0/mlflow/webhooks';
const DEFAULT_RESULTS = 100;
const MAX_RESULTS = 1000;

/** Webhooks. @param exampleOf what a test tells of an event */
export function webhookEndpoints(
  webhooks: Webhooks,
  exampleOf: (event: WebhookEvent) => Told,
): readonly MlflowEndpoint[] {
  const idOf = (path: Readonly<Record<string, string>>) => path.webhook_id ?? '';
  return [
    endpoint('POST', ROOT, async ({ message, principal }) => {
      const [name, url] = [message.requiredText('name'), message.requiredText('url')];
      if (message.messages('events').length === 0) throw message.missing('events');
      const input = { ...optionsIn(message), name, url, events: eventsIn(message) };
      return { webhook: webhookJson(await webhooks.createWebhook(input, principal.id)) };
    }),
    endpoint('GET', ROOT, async ({ message }) => {
      const asked = message.integer('max_results');
      if (asked !== undefined && asked !== 0 && (asked < 1 || asked > MAX_RESULTS)) {
        throw invalid(`max_results must be between 1 and ${MAX_RESULTS}.`);
      }
      const page = { ...pageIn(message, DEFAULT_RESULTS), limit: asked || DEFAULT_RESULTS };
      const { webhooks: found, total } = await webhooks.listWebhooks(page);
      return { ...(found.length === 0 ? {} : { webhooks: found.map(webhookJson) }), ...nextPage(page, total) };
    }),
    endpoint('GET', `${ROOT}/:webhook_id`, async ({ path }) => ({
      webhook: webhookJson(await webhooks.getWebhook(idOf(path))),
    })),
    endpoint('PATCH', `${ROOT}/:webhook_id`, async ({ message, path, principal }) => {
      const events = eventsIn(message);
      const change = {
        ...optionsIn(message),
        ...{ name: message.text('name') || undefined, url: message.text('url') || undefined },
        ...(events.length === 0 ? {} : { events }),
      };
      return { webhook: webhookJson(await webhooks.changeWebhook(idOf(path), change, principal.id)) };
    }),
    endpoint('DELETE', `${ROOT}/:webhook_id`, async ({ path, principal }) => {
      await webhooks.deleteWebhook(idOf(path), principal.id);
      return {};
    }),
    endpoint('POST', `${ROOT}/:webhook_id/test`, async ({ message, path }) => {
      const { events } = await webhooks.getWebhook(idOf(path));
      const given = message.message('event');
      const event = given ? eventIn(given) : events[0];
      if (!event) throw message.missing('event');
      const outcome = await webhooks.testWebhook(idOf(path), exampleOf(event));
      if ('error' in outcome) {
        return { result: { success: false, error_message: `Failed to test webhook: ${outcome.error}` } };
      }
      const { status, body } = outcome;
      return { result: { success: status < 400, response_status: status, response_body: body } };
    }),
  ];
}

/** Refusals of webhooks in MLflow's words. */
export const webhookWords: ErrorWords = {
  WEBHOOK_NOT_FOUND: ({ webhook }) => ['RESOURCE_DOES_NOT_EXIST', `Webhook with ID ${webhook} not found.`],
  WEBHOOK_NAME_INVALID: ({ name }) => [
    'INVALID_PARAMETER_VALUE',
    `Webhook name '${name}' is invalid. It must start and end with a letter or digit, be less than 63 characters long, ` +
      'and contain only letters, digits, dots (.), underscores (_), and hyphens (-).',
  ],
  WEBHOOK_URL_INVALID: (details) => ['INVALID_PARAMETER_VALUE', urlText(details)],
  WEBHOOK_EVENTS_INVALID: ({ entity, action, actions }) => [
    'INVALID_PARAMETER_VALUE',
    entity === undefined
      ? 'Webhook events must be a non-empty list of WebhookEvent objects: [].'
      : `Invalid action '${action}' for entity '${entity}'. Valid actions are: [${actions}]`,
  ],
};

function urlText({ url, problem, found, schemes }: Readonly<Record<string, unknown>>): string {
  switch (problem) {
    case 'empty':
      return `Webhook URL cannot be empty or just whitespace: '${url}'`;
    case 'scheme':
      return `Invalid webhook URL scheme: '${found}'. Allowed schemes are: ${schemes}.`;
    case 'host':
      return `Webhook URL must include a hostname: '${url}'`;
    case 'unresolved':
      return `Cannot resolve webhook URL hostname of '${url}': ${found}`;
    case 'private':
      return `Webhook URL must not resolve to a non-public IP address. '${url}' resolves to ${found}.`;
    case 'credentials':
      return `Invalid webhook URL '${url}': it must hold no name and no password.`;
    default:
      return `Invalid webhook URL '${url}'`;
  }
}

function optionsIn(message: Message) {
  return {
    description: message.text('description') || undefined,
    secret: message.text('secret') || undefined,
    active: activeIn(message),
  };
}

function activeIn(message: Message): boolean | undefined {
  const status = message.raw('status');
  if (status === undefined || status === '') return undefined;
  if (status === 'ACTIVE' || status === 1) return true;
  if (status === 'DISABLED' || status === 2) return false;
  throw message.invalidValue('status', ' It must be ACTIVE or DISABLED.');
}

function eventsIn(message: Message): readonly WebhookEvent[] {
  return message.messages('events').map(eventIn);
}

function eventIn(event: Message): WebhookEvent {
  const entity = event.requiredText('entity').toLowerCase();
  const action = event.requiredText('action').toLowerCase();
  const known = Object.keys(WEBHOOK_ACTIONS).find((one) => one === entity);
  if (known === undefined) throw event.invalidValue('entity', ' There is no such entity.');
  const actions: readonly string[] = WEBHOOK_ACTIONS[known as WebhookEvent['entity']];
  if (actions.includes(action)) return { entity: known as WebhookEvent['entity'], action };
  const valid = actions.map((one) => `'${one}'`).join(', ');
  throw invalid(`Invalid action '${action}' for entity '${entity}'. Valid actions are: [${valid}]`);
}

function webhookJson(webhook: Webhook): object {
  return {
    webhook_id: webhook.id,
    name: webhook.name,
    ...(webhook.description === '' ? {} : { description: webhook.description }),
    url: webhook.url,
    events: webhook.events.map(({ entity, action }) => ({
      entity: entity.toUpperCase(),
      action: action.toUpperCase(),
    })),
    status: webhook.active ? 'ACTIVE' : 'DISABLED',
    creation_timestamp: webhook.createdAtMs,
    last_updated_timestamp: webhook.updatedAtMs,
  };
}
