import { useState } from 'react';
import { MAX_SELECTED_IN_ADDRESS, type RunsSearch } from './search-params.ts';

export interface Selection {
  readonly runs: readonly string[];
  has(run: string): boolean;
  toggle(runs: readonly string[], on: boolean): void;
  set(runs: readonly string[]): void;
  clear(): void;
}

/** The runs that are selected: in the address while they are few, in the page when they are many. */
export function useSelection(search: RunsSearch, change: (part: Partial<RunsSearch>) => void): Selection {
  const [many, setMany] = useState<readonly string[]>([]);
  const runs = many.length > 0 ? many : (search.selected ?? []);
  const chosen = new Set(runs);
  const set = (next: readonly string[]) => {
    const few = next.length <= MAX_SELECTED_IN_ADDRESS;
    setMany(few ? [] : next);
    change({ selected: few && next.length > 0 ? next : undefined });
  };
  return {
    runs,
    has: (run) => chosen.has(run),
    toggle(changed, on) {
      const given = new Set(changed);
      const others = runs.filter((run) => !given.has(run));
      set(on ? [...others, ...changed] : others);
    },
    set,
    clear: () => set([]),
  };
}
