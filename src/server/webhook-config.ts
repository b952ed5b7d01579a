import { serverErrors } from './errors.ts';

/** Where messages to webhooks may go, and how. */
export interface WebhookConfig {
  readonly schemes: readonly string[];
  /** Whether addresses of this machine and its networks may be called. */
  readonly privateHosts: boolean;
  readonly maxRetries: number;
  readonly timeoutMs: number;
  /** Secrets are stored encrypted with it; undefined: as they are. */
  readonly secretKey: string | undefined;
}

/** The same as text. */
export interface WebhookSettings {
  /** With commas between. */
  readonly webhookSchemes?: string | undefined;
  readonly webhookPrivateHosts?: boolean | undefined;
  readonly webhookRetries?: string | undefined;
  readonly webhookTimeoutSeconds?: string | undefined;
  readonly webhookSecretKey?: string | undefined;
}

/** Reads them from the environment, where MLflow's names do as well. */
export function readWebhookEnv(env: NodeJS.ProcessEnv): WebhookSettings {
  const hidden = env.TRIMTAB_WEBHOOK_PRIVATE_HOSTS ?? env.MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS;
  return {
    webhookSchemes: env.TRIMTAB_WEBHOOK_SCHEMES ?? env.MLFLOW_WEBHOOK_ALLOWED_SCHEMES,
    webhookPrivateHosts: hidden === undefined ? undefined : /^(true|1)$/i.test(hidden),
    webhookRetries: env.TRIMTAB_WEBHOOK_RETRIES ?? env.MLFLOW_WEBHOOK_REQUEST_MAX_RETRIES,
    webhookTimeoutSeconds: env.TRIMTAB_WEBHOOK_TIMEOUT_SECONDS ?? env.MLFLOW_WEBHOOK_REQUEST_TIMEOUT,
    webhookSecretKey: env.TRIMTAB_WEBHOOK_SECRET_KEY ?? env.MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY,
  };
}

/** @throws SERVER_CONFIG_INVALID naming the setting */
export function webhookConfig(settings: WebhookSettings): WebhookConfig {
  const { webhookSchemes, webhookPrivateHosts, webhookRetries, webhookTimeoutSeconds, webhookSecretKey } = settings;
  const schemes = (webhookSchemes || 'https').split(',').map((scheme) => scheme.trim().toLowerCase());
  const unknown = schemes.find((scheme) => scheme !== 'http' && scheme !== 'https');
  if (unknown !== undefined) throw invalid('webhook schemes', unknown, 'http and https, with a comma between');
  return {
    schemes,
    privateHosts: webhookPrivateHosts ?? false,
    maxRetries: whole('webhook retries', webhookRetries || '3', 0, 20),
    timeoutMs: 1000 * whole('webhook timeout', webhookTimeoutSeconds || '30', 1, 300),
    secretKey: webhookSecretKey || undefined,
  };
}

function whole(setting: string, value: string, least: number, most: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= least && number <= most) return number;
  throw invalid(setting, value, `a whole number from ${least} to ${most}`);
}

function invalid(setting: string, value: string, expected: string): Error {
  return serverErrors.SERVER_CONFIG_INVALID({ setting, value, expected });
}
