import { expect, it } from 'vitest';
import { isTrimtabError } from '#platform/kernel';
import { readWebhookEnv, webhookConfig } from './webhook-config.ts';

it('calls https on the public internet alone when nobody says otherwise', () => {
  expect(webhookConfig(readWebhookEnv({}))).toEqual({
    ...{ schemes: ['https'], privateHosts: false, maxRetries: 3, timeoutMs: 30_000, secretKey: undefined },
  });
});

it("reads our names, and MLflow's where ours are not set", () => {
  const theirs = {
    MLFLOW_WEBHOOK_ALLOWED_SCHEMES: ' HTTP , https ',
    MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: 'True',
    MLFLOW_WEBHOOK_REQUEST_MAX_RETRIES: '0',
    MLFLOW_WEBHOOK_REQUEST_TIMEOUT: '5',
    MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY: 'theirs',
  };
  expect(webhookConfig(readWebhookEnv(theirs))).toEqual({
    ...{ schemes: ['http', 'https'], privateHosts: true, maxRetries: 0, timeoutMs: 5000, secretKey: 'theirs' },
  });
  const ours = {
    TRIMTAB_WEBHOOK_SCHEMES: 'https',
    TRIMTAB_WEBHOOK_PRIVATE_HOSTS: 'false',
    TRIMTAB_WEBHOOK_RETRIES: '7',
    TRIMTAB_WEBHOOK_TIMEOUT_SECONDS: '300',
    TRIMTAB_WEBHOOK_SECRET_KEY: 'ours',
  };
  expect(webhookConfig(readWebhookEnv({ ...theirs, ...ours }))).toEqual({
    ...{ schemes: ['https'], privateHosts: false, maxRetries: 7, timeoutMs: 300_000, secretKey: 'ours' },
  });
});

it.each([
  ['webhook schemes', { webhookSchemes: 'https,ftp' }],
  ['webhook schemes', { webhookSchemes: ',' }],
  ['webhook retries', { webhookRetries: '21' }],
  ['webhook retries', { webhookRetries: '-1' }],
  ['webhook retries', { webhookRetries: '1e1' }],
  ['webhook timeout', { webhookTimeoutSeconds: '0' }],
  ['webhook timeout', { webhookTimeoutSeconds: 'soon' }],
])('refuses %s of %j and names it', (setting, given) => {
  expect(() => webhookConfig(given)).toThrow(
    expect.toSatisfy((error) => isTrimtabError(error, 'SERVER_CONFIG_INVALID') && String(error).includes(setting)),
  );
});
