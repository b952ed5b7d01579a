/** Columns of metrics that a table of versions has room for. */
const MOST = 4;

const UNITS: Readonly<Record<string, string>> = {
  logLoss: 'nats',
  log_loss: 'nats',
  'log loss': 'nats',
  auc: '0 to 1',
  brier: '0 to 1',
};

/** `test.logLoss` as `test.logLoss, nats`: the unit of metrics that have one. */
export function metricName(name: string): string {
  const unit = UNITS[name.slice(name.lastIndexOf('.') + 1)];
  return unit ? `${name}, ${unit}` : name;
}

/** The metrics that tell most about a version: those of the test split, then those that most versions have. */
export function telling(names: readonly string[], most = MOST): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const rank = (name: string) => (name.startsWith('test') ? 0 : 1);
  return [...counts]
    .toSorted(([a, countA], [b, countB]) => rank(a) - rank(b) || countB - countA || a.localeCompare(b, 'en'))
    .slice(0, most)
    .map(([name]) => name);
}
