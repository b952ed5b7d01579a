import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useRef } from 'react';
import { Failure, Waiting } from '../../../parts/answer.tsx';
import { ATTRIBUTES } from '../table/columns.ts';
import { type ColumnKey, type KeysWanted, useKeys } from './use-keys.ts';

/** A key of runs, or an attribute that every run has. */
export interface ListedKey {
  readonly kind: ColumnKey['kind'] | 'attributes';
  readonly key: string;
  /** As the server spells it. */
  readonly column: string;
  readonly runs: number | undefined;
}

const ROW_PX = 30;

interface KeyListProps {
  readonly wanted: KeysWanted;
  /** Attributes that are offered before the keys. */
  readonly attributes?: readonly string[];
  readonly label: string;
  readonly children: (key: ListedKey) => ReactNode;
}

/** Thousands of keys as a list that scrolls; the server looks for those that are wanted. */
export function KeyList({ wanted, attributes = [], label, children }: KeyListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const range = useRef<readonly [number, number]>([0, 0]);
  const keys = useKeys(wanted, range.current);
  const words = wanted.search.toLowerCase().split(/\s+/).filter(Boolean);
  const own = wanted.kind === undefined ? attributes.filter((name) => isMeant(name, words)) : [];
  const count = own.length + keys.total;
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
    useFlushSync: false,
    initialRect: { width: 300, height: 320 },
  });
  const items = virtual.getVirtualItems();
  range.current = [(items[0]?.index ?? 0) - own.length, (items.at(-1)?.index ?? 0) - own.length];
  const listed = (index: number): ListedKey | undefined => {
    const attribute = own[index];
    if (attribute !== undefined) return { kind: 'attributes', key: attribute, column: attribute, runs: undefined };
    return keys.keyAt(index - own.length);
  };
  if (keys.error && count === 0) return <Failure error={keys.error} />;
  if (keys.isLoading && count === 0) return <Waiting heightPx={120} />;
  return (
    <div ref={scroller} className="key-list">
      {count === 0 && <p className="small dimmed">No such key.</p>}
      <ul aria-label={label} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const key = listed(index);
          return (
            <li key={index} aria-setsize={count} aria-posinset={index + 1} style={{ top: start, height: ROW_PX }}>
              {key ? children(key) : <i className="not-yet" />}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function isMeant(attribute: string, words: readonly string[]): boolean {
  const text = `${attribute} ${ATTRIBUTES[attribute] ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
