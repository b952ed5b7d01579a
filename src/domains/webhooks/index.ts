export { type Message, WEBHOOK_ACTIONS, type Webhook, type WebhookEvent } from './model.ts';
export { webhookRoutes } from './routes.ts';
export { webhookMigrations } from './store/schema.ts';
export { createWebhooks, type Webhooks } from './webhooks.ts';
