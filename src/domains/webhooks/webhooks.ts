import { randomUUID } from 'node:crypto';
import type { Clock, Rng } from '#platform/kernel';
import type { Database, Sql } from '#platform/sql';
import { type DeliveryOptions, deliverer } from './deliveries.ts';
import { webhookErrors } from './errors.ts';
import {
  type DeliveryState,
  type Message,
  nameOf,
  type StoredWebhook,
  WEBHOOK_ACTIONS,
  type Webhook,
  type WebhookEvent,
} from './model.ts';
import type { PointerLog, Resolve } from './ports.ts';
import { secretKeeper } from './secrets.ts';
import { resolveTarget, type SendingRules, send, type TestOutcome } from './send.ts';
import { DeliveryStore } from './store/delivery-store.ts';
import { WebhookStore } from './store/webhook-store.ts';

export interface WebhooksOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly pointerLog: PointerLog;
  readonly resolve: Resolve;
  readonly schemes: readonly string[];
  readonly privateHosts: boolean;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  /** Any text; without one secrets are stored as they are. */
  readonly secretKey: string | undefined;
  readonly onFailure: DeliveryOptions['onFailure'];
}

export interface NewWebhook {
  readonly name: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly description?: string | undefined;
  readonly secret?: string | undefined;
  readonly active?: boolean | undefined;
}

export type Webhooks = ReturnType<typeof createWebhooks>;

/** Verbs of webhooks, and what delivers to them once it is started. */
export function createWebhooks(options: WebhooksOptions) {
  const { database, clock, rng, timeoutMs, maxRetries, onFailure } = options;
  const rules: SendingRules = { ...options, timeoutMs };
  const webhooks = new WebhookStore(database);
  const deliveries = new DeliveryStore(database);
  const secrets = secretKeeper(options.secretKey);
  const delivering = deliverer({ clock, rng, webhooks, deliveries, secrets, rules, maxRetries, onFailure });

  async function find(id: string): Promise<StoredWebhook> {
    const webhook = await webhooks.find(id);
    if (webhook) return webhook;
    throw webhookErrors.WEBHOOK_NOT_FOUND({ webhook: id });
  }

  /** Notes what became of a webhook in the audit log. */
  async function note(
    tx: Sql,
    actor: string,
    before: StoredWebhook | undefined,
    after: StoredWebhook | undefined,
  ): Promise<void> {
    const { id, name } = (after ?? before) as StoredWebhook;
    const done = before === undefined ? 'made' : after === undefined ? 'deleted' : 'changed';
    await options.pointerLog.record(tx, {
      ...{
        actor,
        pointer: `webhook:${id}`,
        from: before ? summaryOf(before) : null,
        to: after ? summaryOf(after) : null,
      },
      reason: `The webhook ${name} was ${done}.`,
    });
  }

  return {
    /** @throws WEBHOOK_NAME_INVALID, WEBHOOK_URL_INVALID, WEBHOOK_EVENTS_INVALID */
    async createWebhook(input: NewWebhook, actor: string): Promise<Webhook> {
      assertName(input.name);
      await resolveTarget(input.url, rules);
      assertEvents(input.events);
      const now = clock.now();
      const webhook: StoredWebhook = {
        id: randomUUID(),
        name: input.name,
        description: input.description ?? '',
        url: input.url,
        events: input.events,
        secret: input.secret === undefined ? null : secrets.seal(input.secret),
        active: input.active ?? true,
        createdAtMs: now,
        updatedAtMs: now,
      };
      await database.transaction(async (tx) => {
        await webhooks.add(tx, webhook);
        await note(tx, actor, undefined, webhook);
      });
      return told(webhook);
    },

    getWebhook: async (id: string): Promise<Webhook> => told(await find(id)),

    /** A page, those made last first, and how many there are. */
    async listWebhooks(page: { readonly offset: number; readonly limit: number }) {
      const [found, total] = await Promise.all([webhooks.list(page), webhooks.count()]);
      return { webhooks: found.map(told), total };
    },

    /** Changes what is given. @throws as `createWebhook`, and WEBHOOK_NOT_FOUND */
    async changeWebhook(id: string, change: Partial<NewWebhook>, actor: string): Promise<Webhook> {
      if (change.name !== undefined) assertName(change.name);
      if (change.url !== undefined) await resolveTarget(change.url, rules);
      if (change.events !== undefined) assertEvents(change.events);
      for (;;) {
        const before = await find(id);
        const { name, description, url, events, secret, active } = change;
        const after: StoredWebhook = {
          ...before,
          ...(name === undefined ? {} : { name }),
          ...(description === undefined ? {} : { description }),
          ...(url === undefined ? {} : { url }),
          ...(events === undefined ? {} : { events }),
          ...(secret === undefined ? {} : { secret: secrets.seal(secret) }),
          ...(active === undefined ? {} : { active }),
          updatedAtMs: Math.max(clock.now(), before.updatedAtMs + 1),
        };
        const isDone = await database.transaction(async (tx) => {
          if (!(await webhooks.replace(tx, after, before))) return false;
          await note(tx, actor, before, after);
          return true;
        });
        if (isDone) return told(after);
      }
    },

    async deleteWebhook(id: string, actor: string): Promise<void> {
      for (;;) {
        const before = await find(id);
        const isDone = await database.transaction(async (tx) => {
          if (!(await webhooks.delete(tx, before))) return false;
          await note(tx, actor, before, undefined);
          return true;
        });
        if (isDone) return;
      }
    },

    /** What became of messages to a webhook, the latest event first. */
    async listDeliveries(id: string, limit: number): Promise<readonly DeliveryState[]> {
      await find(id);
      return deliveries.list(id, limit);
    },

    /** Sends a message now, once, and tells what came of it. @throws WEBHOOK_EVENTS_INVALID */
    async testWebhook(id: string, message: Message): Promise<TestOutcome> {
      assertEvents([message]);
      const { url, secret: sealed } = await find(id);
      const secret = sealed === null ? undefined : secrets.open(id, sealed);
      const nowMs = clock.now();
      return send({ id: randomUUID(), url, message, happenedAtMs: nowMs, nowMs, secret }, rules);
    },

    /** Stores a message for every webhook that asked for its event, once for each number of an event. */
    async enqueue(sequence: number, message: Message, happenedAtMs: number): Promise<void> {
      const asking = (await webhooks.list()).filter(({ active, events }) => active && events.some(isEventOf(message)));
      const dueAtMs = clock.now();
      const waiting = asking.map(({ id: webhook }) => ({
        ...{ id: randomUUID(), webhook, message, happenedAtMs, attempts: 0, dueAtMs },
      }));
      await deliveries.add(sequence, waiting);
      if (waiting.length > 0) delivering.nudge();
    },

    start: delivering.start,
    stop: delivering.stop,
  };
}

const NAME = /^(?=.{1,63}$)[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i;

function assertName(name: string): void {
  if (!NAME.test(name)) throw webhookErrors.WEBHOOK_NAME_INVALID({ name: name.slice(0, 200) });
}

function assertEvents(events: readonly WebhookEvent[]): void {
  if (events.length === 0) throw webhookErrors.WEBHOOK_EVENTS_INVALID({});
  for (const { entity, action } of events) {
    const actions: readonly string[] = Object.hasOwn(WEBHOOK_ACTIONS, entity) ? WEBHOOK_ACTIONS[entity] : [];
    if (actions.includes(action)) continue;
    throw webhookErrors.WEBHOOK_EVENTS_INVALID({ entity, action, actions: actions.join(', ') });
  }
}

/** What a webhook does, for the audit log: the host alone, for the rest of an address is a secret with many services. */
function summaryOf({ url, events, active, secret }: StoredWebhook): string {
  const facts = [events.map(nameOf).join(', '), secret === null ? 'unsigned' : 'signed', active ? 'active' : 'off'];
  return `${new URL(url).host}: ${facts.join('; ')}`;
}

function isEventOf({ entity, action }: WebhookEvent) {
  return (event: WebhookEvent) => event.entity === entity && event.action === action;
}

function told({ secret: _, ...webhook }: StoredWebhook): Webhook {
  return webhook;
}
