import type { Span } from '#contract';

/** A span in its place in the tree. */
export interface Row {
  readonly span: Span;
  readonly depth: number;
}

/** Spans as one reads them: each below its parent, by start. One whose parent is not there stands at the root. */
export function treeRows(spans: readonly Span[]): readonly Row[] {
  const known = new Set(spans.map(({ id }) => id));
  const below = new Map<string | null, Span[]>();
  for (const span of spans) {
    const parent = span.parent !== null && known.has(span.parent) ? span.parent : null;
    const siblings = below.get(parent) ?? [];
    below.set(parent, siblings);
    siblings.push(span);
  }
  const rows: Row[] = [];
  const placed = new Set<string>();
  // A stack instead of recursion: a trace may be as deep as a program that calls itself.
  const visit = (roots: readonly Span[]) => {
    const waiting: Row[] = roots.map((span) => ({ span, depth: 0 })).toReversed();
    for (let row = waiting.pop(); row; row = waiting.pop()) {
      if (placed.has(row.span.id)) continue;
      placed.add(row.span.id);
      rows.push(row);
      const children = (below.get(row.span.id) ?? []).toSorted((a, b) => a.offsetMs - b.offsetMs);
      for (const child of children.toReversed()) waiting.push({ span: child, depth: row.depth + 1 });
    }
  };
  visit((below.get(null) ?? []).toSorted((a, b) => a.offsetMs - b.offsetMs));
  // Spans that are each other's parents hang on no root.
  visit(spans.filter(({ id }) => !placed.has(id)));
  return rows;
}

/** The stretch of time that the bars are drawn over, ms after the start of the trace. */
export function stretchOf(spans: readonly Span[]): { readonly startMs: number; readonly lengthMs: number } {
  let [start, end] = [0, 0];
  for (const { offsetMs, durationMs } of spans) {
    start = Math.min(start, offsetMs);
    end = Math.max(end, offsetMs + (durationMs ?? 0));
  }
  return { startMs: start, lengthMs: Math.max(end - start, 0.001) };
}
