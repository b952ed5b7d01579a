import { type Static, type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';

const Nullable = <Schema extends TSchema>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const At = (what: string) => Type.Integer({ description: `When ${what}, ms since the epoch.` });
const EventName = Type.String({
  pattern: '^[a-z_]+\\.[a-z]+$',
  maxLength: 64,
  description: "Entity and action in MLflow's words, e.g. model_version.created; listWebhooks tells which there are.",
});

const fields = {
  name: Type.String({ minLength: 1, maxLength: 63, description: 'Letters, digits, dots, underscores and hyphens.' }),
  description: Type.String({ maxLength: 2000, description: 'For people.' }),
  url: Type.String({
    minLength: 1,
    maxLength: 2000,
    description: 'Where messages go; https, unless the server is told otherwise.',
  }),
  events: Type.Array(EventName, { minItems: 1, maxItems: 50, description: 'What it is told of.' }),
  active: Type.Boolean({ description: 'False: it is told of nothing.' }),
};
const secret = Type.String({
  minLength: 1,
  maxLength: 1000,
  description: 'Messages are signed with it; it is never told.',
});

export const Webhook = Type.Object({
  id: Type.String({ description: 'Id of the webhook.' }),
  ...fields,
  createdAtMs: At('it was made'),
  updatedAtMs: At('it was last changed'),
});
export type Webhook = Static<typeof Webhook>;

export const WebhookDelivery = Type.Object({
  id: Type.String({ description: 'Id of the message, the same at every try.' }),
  event: EventName,
  state: Type.Enum(['waiting', 'delivered', 'failed'], { description: 'failed: it is not tried again.' }),
  attempts: Type.Integer({ description: 'How often it was tried.' }),
  outcome: Nullable(Type.String(), 'What the last try came to; null before the first.'),
  happenedAtMs: At('that happened which it tells of'),
  dueAtMs: Nullable(Type.Integer(), 'When it is tried next, ms since the epoch; null when it has ended.'),
  endedAtMs: Nullable(Type.Integer(), 'When it ended, ms since the epoch; null while it waits.'),
});
export type WebhookDelivery = Static<typeof WebhookDelivery>;

export const WebhookTest = Type.Object({
  event: EventName,
  isDelivered: Type.Boolean({ description: 'True when the answer was below 400.' }),
  status: Nullable(Type.Integer(), 'Status of the answer; null without one.'),
  body: Nullable(Type.String(), 'What was answered, at most 64 KiB; null without an answer.'),
  error: Nullable(Type.String(), 'What prevented an answer; null when there was one.'),
});
export type WebhookTest = Static<typeof WebhookTest>;

const OneWebhook = Type.Object({
  webhook: Type.String({ minLength: 1, maxLength: 128, description: 'Id of the webhook.' }),
});
const INPUT_ERRORS = ['WEBHOOK_NAME_INVALID', 'WEBHOOK_URL_INVALID', 'WEBHOOK_EVENTS_INVALID'];

export const webhookOperations = {
  listWebhooks: operation({
    id: 'webhooks.listWebhooks',
    method: 'GET',
    path: '/api/webhooks',
    summary: 'Webhooks, those made last first, and the events there are.',
    query: Type.Object({
      offset: Type.Optional(
        Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0, description: 'Webhooks to leave out at the head.' }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Webhooks at most.' })),
    }),
    response: Type.Object({
      webhooks: Type.Array(Webhook),
      total: Type.Integer({ description: 'Webhooks there are.' }),
      events: Type.Array(EventName, { description: 'What a webhook can be told of.' }),
    }),
  }),
  createWebhook: operation({
    id: 'webhooks.createWebhook',
    method: 'POST',
    path: '/api/webhooks',
    summary: 'Has an address told what happens to models, versions, tags, aliases and prompts.',
    body: Type.Object(
      {
        name: fields.name,
        url: fields.url,
        events: fields.events,
        description: Type.Optional(fields.description),
        active: Type.Optional(fields.active),
        secret: Type.Optional(secret),
      },
      { additionalProperties: false },
    ),
    response: Webhook,
    status: 201,
    errors: INPUT_ERRORS,
  }),
  getWebhook: operation({
    id: 'webhooks.getWebhook',
    method: 'GET',
    path: '/api/webhooks/:webhook',
    summary: 'One webhook.',
    params: OneWebhook,
    response: Webhook,
    errors: ['WEBHOOK_NOT_FOUND'],
  }),
  changeWebhook: operation({
    id: 'webhooks.changeWebhook',
    method: 'PATCH',
    path: '/api/webhooks/:webhook',
    summary: 'Changes what is given of a webhook.',
    params: OneWebhook,
    body: Type.Object(
      {
        name: Type.Optional(fields.name),
        url: Type.Optional(fields.url),
        events: Type.Optional(fields.events),
        description: Type.Optional(fields.description),
        active: Type.Optional(fields.active),
        secret: Type.Optional(secret),
      },
      { additionalProperties: false },
    ),
    response: Webhook,
    errors: ['WEBHOOK_NOT_FOUND', ...INPUT_ERRORS],
  }),
  deleteWebhook: operation({
    id: 'webhooks.deleteWebhook',
    method: 'DELETE',
    path: '/api/webhooks/:webhook',
    summary: 'Deletes a webhook with what waits for it.',
    params: OneWebhook,
    response: 'none',
    errors: ['WEBHOOK_NOT_FOUND'],
  }),
  testWebhook: operation({
    id: 'webhooks.testWebhook',
    method: 'POST',
    path: '/api/webhooks/:webhook/test',
    summary: 'Sends an example of an event now, once, and tells what came of it.',
    params: OneWebhook,
    body: Type.Object(
      { event: Type.Optional(EventName) },
      { additionalProperties: false, description: 'Without an event the first of those it is told of.' },
    ),
    response: WebhookTest,
    errors: ['WEBHOOK_NOT_FOUND', 'WEBHOOK_EVENTS_INVALID', 'WEBHOOK_SECRET_UNREADABLE'],
  }),
  listDeliveries: operation({
    id: 'webhooks.listDeliveries',
    method: 'GET',
    path: '/api/webhooks/:webhook/deliveries',
    summary: 'Messages to a webhook of the last seven days and those that wait, the latest event first.',
    params: OneWebhook,
    query: Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50, description: 'Messages at most.' })),
    }),
    response: Type.Object({ deliveries: Type.Array(WebhookDelivery) }),
    errors: ['WEBHOOK_NOT_FOUND'],
  }),
};
