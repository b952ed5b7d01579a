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

export interface WebhookEvent {
  readonly entity: keyof typeof WEBHOOK_ACTIONS;
  readonly action: string;
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
