import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useRef } from 'react';
import type { ColumnKeys } from '#contract';
import { client } from '../../../app/client.ts';

export type ColumnKey = ColumnKeys['keys'][number];
export type KeyKind = ColumnKey['kind'];

export interface KeysWanted {
  readonly experiments: readonly string[];
  readonly search: string;
  readonly kind: KeyKind | undefined;
}

const BLOCK = 200;
/** Counting keys of many runs takes the server a while, and a picker need not be newer than this. */
const FRESH_MS = 30_000;

/** Keys that match, loaded by blocks as a list scrolls. */
export function useKeys(wanted: KeysWanted, range: readonly [first: number, last: number]) {
  const known = useRef(new Map<number, readonly ColumnKey[]>());
  const total = useRef(0);
  const [first, last] = [Math.floor(Math.max(0, range[0]) / BLOCK), Math.floor(Math.max(0, range[1]) / BLOCK)];
  const numbers = [...new Set([0, ...Array.from({ length: last - first + 1 }, (_, i) => first + i)])];
  const answers = useQueries({ queries: numbers.map((number) => keysQuery(wanted, number * BLOCK, BLOCK)) });
  answers.forEach(({ data }, i) => {
    if (!data) return;
    total.current = data.total;
    known.current.set(numbers[i] as number, data.keys);
  });
  return {
    total: total.current,
    isLoading: answers[0]?.data === undefined && answers[0]?.error === null,
    error: answers.find(({ error }) => error !== null)?.error ?? undefined,
    keyAt: (index: number) => known.current.get(Math.floor(index / BLOCK))?.[index % BLOCK],
  };
}

/** Some keys of experiments, by name. */
export function keysQuery({ experiments, search, kind }: KeysWanted, offset: number, limit: number) {
  const body = {
    experiments: [...experiments],
    offset,
    limit,
    ...(search === '' ? {} : { search }),
    ...(kind === undefined ? {} : { kind }),
  };
  return {
    queryKey: ['tracking', 'keys', body],
    queryFn: () => client.tracking.findColumnKeys({ body }),
    staleTime: FRESH_MS,
    placeholderData: keepPreviousData,
  };
}
