import type { Run } from '../model.ts';

interface ComparedKey<Value> {
  readonly key: string;
  /** One a run; null where the run lacks the key. */
  readonly values: readonly (Value | null)[];
  readonly differs: boolean;
}

export interface RunComparison {
  readonly runs: readonly Run[];
  readonly params: readonly ComparedKey<string>[];
  readonly metrics: readonly ComparedKey<number>[];
  readonly tags: readonly ComparedKey<string>[];
}

/** Params, latest metrics and tags of runs side by side, by key. */
export function compareRuns(runs: readonly Run[]): RunComparison {
  const latest = runs.map((run) => new Map(run.metrics.map(({ key, value }) => [key, value])));
  return {
    runs,
    params: sideBySide(runs.map(({ params }) => params)),
    metrics: sideBySide(latest),
    tags: sideBySide(runs.map(({ tags }) => tags)),
  };
}

function sideBySide<Value>(maps: readonly ReadonlyMap<string, Value>[]): ComparedKey<Value>[] {
  const keys = [...new Set(maps.flatMap((map) => [...map.keys()]))].sort();
  return keys.map((key) => {
    const values = maps.map((map) => map.get(key) ?? null);
    // Object.is: NaN is the same as NaN.
    return { key, values, differs: values.some((value) => !Object.is(value, values[0])) };
  });
}
