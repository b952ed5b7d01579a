import type { Json } from '#platform/kernel';

/** What a webhook can be told of: actions by entity, in MLflow's words. */
export const WEBHOOK_ACTIONS = {
  registered_model: ['created'],
  model_version: ['created'],
  model_version_tag: ['set', 'deleted'],
  model_version_alias: ['created', 'deleted'],
  prompt: ['created'],
  prompt_version: ['created'],
  prompt_tag: ['set', 'deleted'],
  prompt_version_tag: ['set', 'deleted'],
  prompt_alias: ['created', 'deleted'],
  budget_policy: ['exceeded'],
} as const;

/** Events that this server has none of: it keeps no budgets. */
const NEVER: readonly string[] = ['budget_policy'];

export interface WebhookEvent {
  readonly entity: keyof typeof WEBHOOK_ACTIONS;
  readonly action: string;
}

/** `model_version.created` */
export function nameOf({ entity, action }: WebhookEvent): string {
  return `${entity}.${action}`;
}

/** An event by its name. Whether there is one is asked where it is used. */
export function eventNamed(name: string): WebhookEvent {
  const [entity = '', action = ''] = name.split('.');
  return { entity: entity as WebhookEvent['entity'], action };
}

/** Names of the events that happen here. */
export function eventNames(): readonly string[] {
  return Object.entries(WEBHOOK_ACTIONS)
    .filter(([entity]) => !NEVER.includes(entity))
    .flatMap(([entity, actions]) => actions.map((action) => `${entity}.${action}`));
}

/** A message to whoever asked for its event. */
export interface Message extends WebhookEvent {
  readonly data: Json;
}

export interface Webhook {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly active: boolean;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** A webhook with its secret as it is stored; null without one. */
export interface StoredWebhook extends Webhook {
  readonly secret: string | null;
}

export interface Delivery {
  readonly id: string;
  readonly webhook: string;
  readonly message: Message;
  readonly happenedAtMs: number;
  /** How often it was tried. */
  readonly attempts: number;
  readonly dueAtMs: number;
}

/** What became of a delivery. */
export interface DeliveryState {
  readonly id: string;
  readonly message: Message;
  readonly state: 'waiting' | 'delivered' | 'failed';
  readonly attempts: number;
  /** What the last try came to; null before the first. */
  readonly outcome: string | null;
  readonly happenedAtMs: number;
  /** Null when it has ended. */
  readonly dueAtMs: number | null;
  /** Null while it waits. */
  readonly endedAtMs: number | null;
}
