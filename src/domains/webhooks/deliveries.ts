import type { Clock, Rng } from '#platform/kernel';
import { mayRetry, pauseMs } from './core/retry.ts';
import type { Delivery } from './model.ts';
import type { SecretKeeper } from './secrets.ts';
import { type SendingRules, send, type TestOutcome } from './send.ts';
import type { DeliveryStore } from './store/delivery-store.ts';
import type { WebhookStore } from './store/webhook-store.ts';

const AT_ONCE = 10;
/** Others that share the database may have stored a delivery, or left one behind. */
const LOOK_MS = 1000;
const KEPT_MS = 7 * 86_400_000;

export interface DeliveryOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly webhooks: WebhookStore;
  readonly deliveries: DeliveryStore;
  readonly secrets: SecretKeeper;
  readonly rules: SendingRules;
  /** Tries after the first. */
  readonly maxRetries: number;
  readonly onFailure: (failure: { readonly webhook: string; readonly url: string; readonly outcome: string }) => void;
}

/** Sends what is due until it is stopped. Calls `nudge` when something was stored. */
export function deliverer(options: DeliveryOptions) {
  const { clock, rng, webhooks, deliveries, secrets, rules, maxRetries, onFailure } = options;
  let stopped = true;
  let wake: () => void = () => undefined;
  let running = Promise.resolve();

  async function deliver(delivery: Delivery): Promise<void> {
    const webhook = await webhooks.find(delivery.webhook);
    // It was deleted since the delivery was read.
    if (!webhook) return;
    // Whoever is killed while he tries leaves it to the next one, when he should long have had an answer.
    if (!(await deliveries.claim(delivery, clock.now() + 2 * rules.timeoutMs))) return;
    if (!webhook.active) return deliveries.end(delivery.id, 'failed', 'the webhook is disabled', clock.now());
    const attempts = delivery.attempts + 1;
    const outcome = await attempt(delivery, webhook);
    const words = 'error' in outcome ? outcome.error : `answered ${outcome.status}`;
    const status = 'error' in outcome ? undefined : outcome.status;
    if (status !== undefined && status < 400) return deliveries.end(delivery.id, 'delivered', words, clock.now());
    if (attempts <= maxRetries && mayRetry(status)) {
      const asked = 'error' in outcome ? undefined : outcome.retryAfter;
      return deliveries.wait(delivery.id, clock.now() + pauseMs(attempts, asked, rng.next()), words);
    }
    await deliveries.end(delivery.id, 'failed', words, clock.now());
    onFailure({ webhook: webhook.name, url: webhook.url, outcome: words });
  }

  async function attempt(
    { id, message, happenedAtMs }: Delivery,
    webhook: { readonly id: string; readonly url: string; readonly secret: string | null },
  ): Promise<TestOutcome> {
    try {
      const secret = webhook.secret === null ? undefined : secrets.open(webhook.id, webhook.secret);
      return await send({ id, url: webhook.url, message, happenedAtMs, nowMs: clock.now(), secret }, rules);
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  async function loop(): Promise<void> {
    let forgottenMs = 0;
    while (!stopped) {
      const now = clock.now();
      if (now - forgottenMs > KEPT_MS / 100) {
        forgottenMs = now;
        await deliveries.forget(now - KEPT_MS);
      }
      const due = await deliveries.due(now, AT_ONCE);
      await Promise.all(due.map(deliver));
      if (due.length === AT_ONCE || stopped) continue;
      const next = await deliveries.nextDueMs();
      await pause(Math.min(LOOK_MS, Math.max(10, (next ?? Number.POSITIVE_INFINITY) - clock.now())));
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    nudge: () => wake(),
    start(onError: (error: unknown) => void): void {
      stopped = false;
      running = again(onError);
    },
    async stop(): Promise<void> {
      stopped = true;
      wake();
      await running;
    },
  };

  /** The loop, begun again when the database was away. */
  async function again(onError: (error: unknown) => void): Promise<void> {
    while (!stopped) {
      try {
        await loop();
      } catch (error) {
        onError(error);
        await pause(LOOK_MS);
      }
    }
  }
}
