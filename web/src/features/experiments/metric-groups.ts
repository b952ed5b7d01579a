import type { Run } from '#contract';

export interface MetricGroup {
  readonly name: string;
  readonly keys: readonly string[];
}

/** Whether a line by step tells more of a metric than its latest value does. */
export function isCurve({ step, min, max }: Run['metrics'][number]): boolean {
  return step > 0 && (min === null || min !== max);
}

/** Metrics that measure the same on different rows: `train.auc`, `valid/auc` and `auc` make the group `auc`. */
export function groupsOf(keys: readonly string[]): readonly MetricGroup[] {
  const groups = Map.groupBy(keys, (key) => /[^./]+$/.exec(key)?.[0] ?? key);
  return [...groups]
    .map(([name, members]) => ({ name, keys: members.toSorted((a, b) => a.localeCompare(b, 'en')) }))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
}
