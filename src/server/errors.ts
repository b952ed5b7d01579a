import { defineErrors } from '#platform/kernel';

export const serverErrors = defineErrors({
  SERVER_CONFIG_INVALID: {
    kind: 'invalid',
    message: (d: { setting: string; value: string; expected: string }) =>
      `${d.setting} is "${d.value}", but must be ${d.expected}.`,
  },
  SERVER_OPEN_TO_ALL: {
    kind: 'forbidden',
    message: (d: { host: string }) =>
      `Listening on ${d.host} would let everybody on the network in. Set TRIMTAB_TOKEN, or say --insecure if that is what you want.`,
  },
  SERVER_ADMIN_PASSWORD_MISSING: {
    kind: 'forbidden',
    message: (d: { host: string }) =>
      `Listening on ${d.host} needs a first administrator whose password nobody else knows. Set TRIMTAB_ADMIN_PASSWORD, 12 characters or more.`,
  },
  SERVER_ADMIN_PASSWORD_KNOWN: {
    kind: 'forbidden',
    message: (d: { user: string }) =>
      `The administrator "${d.user}" still has the password everybody knows. Start on 127.0.0.1 and change it with: trimtab user passwd ${d.user}`,
  },
  SERVER_ALREADY_RUNNING: {
    kind: 'conflict',
    message: (d: { folder: string; pid: number; url: string }) =>
      `A server (process ${d.pid}) already keeps its data in ${d.folder} and answers at ${d.url}. Use it, stop it, or choose another --data-dir.`,
  },
  SERVER_PORT_TAKEN: {
    kind: 'conflict',
    message: (d: { host: string; port: number }) =>
      `Something else listens on ${d.host}:${d.port}. Choose another port with --port, or 0 for any free one.`,
  },
  SERVER_CLOCK_REAL: {
    kind: 'conflict',
    message: (_: Record<string, never>) =>
      'This server lives in real time. Start one with --simulated-clock to replay history.',
  },
  SERVER_NO_LABELLED_ROWS: {
    kind: 'conflict',
    message: (d: { endpoint: string }) =>
      `No prediction of endpoint "${d.endpoint}" in this span has a label yet, or all are excluded. Record labels, or choose another span.`,
  },
});
