import type { Lineage, LineageEdge } from '#contract';
import { short } from './terminal.ts';

/** What a fact was made from and what was made from it, as two trees. What stands above is not told again. */
export function lineageInWords(found: Lineage, direction: 'up' | 'down' | 'both'): string {
  const { ref, edges, truncated } = found;
  if (edges.length === 0) return `Nothing is known to hang together with ${short(ref)}.`;
  const up = branches(ref, edges, { at: 'to', other: 'from' });
  const down = branches(ref, edges, { at: 'from', other: 'to' });
  return [
    short(ref),
    ...(direction === 'down' ? [] : titled('was made from', up)),
    ...(direction === 'up' ? [] : titled('was used to make', down)),
    ...(truncated ? ['There is more: raise --depth, or ask for one of these.'] : []),
  ].join('\n');
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return [`${title}${lines.length === 0 ? ' nothing that is known' : ''}`, ...lines];
}

/** One line an edge, deeper by one step for each step away; a fact is followed where it is first met. */
function branches(ref: string, edges: readonly LineageEdge[], ends: { at: 'from' | 'to'; other: 'from' | 'to' }) {
  const lines: string[] = [];
  const told = new Set<string>([ref]);
  const follow = (fact: string, depth: number): void => {
    for (const [other, relations] of neighbours(fact, edges, ends)) {
      const known = told.has(other);
      const leads = edges.some((edge) => edge[ends.at] === other);
      lines.push(
        `${'  '.repeat(depth)}${short(other)}  (${relations.join(', ')})${known && leads ? ', as above' : ''}`,
      );
      told.add(other);
      if (!known) follow(other, depth + 1);
    }
  };
  follow(ref, 1);
  return lines;
}

function neighbours(fact: string, edges: readonly LineageEdge[], ends: { at: 'from' | 'to'; other: 'from' | 'to' }) {
  const found = new Map<string, string[]>();
  for (const edge of edges) {
    if (edge[ends.at] !== fact) continue;
    found.set(edge[ends.other], [...(found.get(edge[ends.other]) ?? []), edge.relation]);
  }
  // By reference: facts noted in the same millisecond come in no order of their own.
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}
