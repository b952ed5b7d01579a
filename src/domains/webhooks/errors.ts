import { defineErrors } from '#platform/kernel';

export const webhookErrors = defineErrors({
  WEBHOOK_NOT_FOUND: {
    kind: 'not-found',
    message: (d: { webhook: string }) => `There is no webhook ${d.webhook}. It may have been deleted.`,
  },
  WEBHOOK_NAME_INVALID: {
    kind: 'invalid',
    message: (d: { name: string }) =>
      `"${d.name}" cannot be the name of a webhook: use 1 to 63 letters, digits, dots, underscores and hyphens, with a letter or a digit at both ends.`,
  },
  WEBHOOK_URL_INVALID: {
    kind: 'invalid',
    message: (d: { url: string; problem: UrlProblem; found: string; schemes: string }) =>
      `A webhook cannot go to "${d.url}": ${URL_PROBLEMS[d.problem](d)}.`,
  },
  WEBHOOK_EVENTS_INVALID: {
    kind: 'invalid',
    message: (d: { entity?: string; action?: string; actions?: string }) =>
      d.entity === undefined
        ? 'A webhook needs at least one event to be told of.'
        : `There is no event "${d.action}" of "${d.entity}"${d.actions ? `; there are ${d.actions}` : ''}.`,
  },
  WEBHOOK_SECRET_UNREADABLE: {
    kind: 'unavailable',
    message: (d: { webhook: string }) =>
      `The secret of webhook ${d.webhook} was stored with another key than this server has. Set TRIMTAB_WEBHOOK_SECRET_KEY as it was, or give the webhook a new secret.`,
  },
});

export type UrlProblem = 'empty' | 'unreadable' | 'scheme' | 'host' | 'credentials' | 'unresolved' | 'private';

const URL_PROBLEMS: Readonly<Record<UrlProblem, (d: { found: string; schemes: string }) => string>> = {
  empty: () => 'it is empty',
  unreadable: () => 'it is no URL',
  scheme: ({ found, schemes }) => `its scheme is "${found}", and allowed are ${schemes}`,
  host: () => 'it names no host',
  credentials: () => 'it holds a name or a password; use the secret instead',
  unresolved: ({ found }) => `its host cannot be found (${found})`,
  private: ({ found }) => `its host is at ${found}, which is no public address`,
};
