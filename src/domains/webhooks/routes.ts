import { webhookOperations as operations, type Webhook as WebhookAnswer } from '#contract';
import { type Route, route } from '#platform/http';
import { eventNamed, eventNames, type Message, nameOf, type Webhook, type WebhookEvent } from './model.ts';
import type { Webhooks } from './webhooks.ts';

/** @param exampleOf what a test tells of an event */
export function webhookRoutes(webhooks: Webhooks, exampleOf: (event: WebhookEvent) => Message): readonly Route[] {
  return [
    route(operations.listWebhooks, async ({ query }) => {
      const page = { offset: query.offset ?? 0, limit: query.limit ?? 100 };
      const { webhooks: found, total } = await webhooks.listWebhooks(page);
      return { webhooks: found.map(answerOf), total, events: [...eventNames()] };
    }),
    route(operations.createWebhook, async ({ body, principal }) =>
      answerOf(await webhooks.createWebhook({ ...body, events: body.events.map(eventNamed) }, principal.id)),
    ),
    route(operations.getWebhook, async ({ params }) => answerOf(await webhooks.getWebhook(params.webhook))),
    route(operations.changeWebhook, async ({ params, body, principal }) => {
      const { events, ...others } = body;
      const change = events === undefined ? others : { ...others, events: events.map(eventNamed) };
      return answerOf(await webhooks.changeWebhook(params.webhook, change, principal.id));
    }),
    route(operations.deleteWebhook, ({ params, principal }) => webhooks.deleteWebhook(params.webhook, principal.id)),
    route(operations.testWebhook, async ({ params, body }) => {
      const { events } = await webhooks.getWebhook(params.webhook);
      // A webhook has at least one event.
      const event = body.event === undefined ? (events[0] as WebhookEvent) : eventNamed(body.event);
      const outcome = await webhooks.testWebhook(params.webhook, exampleOf(event));
      const told = { event: nameOf(event) };
      if ('error' in outcome) return { ...told, isDelivered: false, status: null, body: null, error: outcome.error };
      const { status, body: answered } = outcome;
      return { ...told, isDelivered: status < 400, status, body: answered, error: null };
    }),
    route(operations.listDeliveries, async ({ params, query }) => {
      const found = await webhooks.listDeliveries(params.webhook, query.limit ?? 50);
      return { deliveries: found.map(({ message, ...delivery }) => ({ ...delivery, event: nameOf(message) })) };
    }),
  ];
}

function answerOf({ events, ...webhook }: Webhook): WebhookAnswer {
  return { ...webhook, events: events.map(nameOf) };
}
