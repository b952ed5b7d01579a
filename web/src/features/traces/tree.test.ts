import { expect, it } from 'vitest';
import type { Span } from '#contract';
import { stretchOf, treeRows } from './tree.ts';

function span(id: string, parent: string | null, offsetMs: number, durationMs: number | null = 1): Span {
  return {
    ...{ id, parent, name: id, type: 'UNKNOWN', status: 'ok', statusMessage: '', offsetMs, durationMs, service: null },
    ...{ inputs: null, outputs: null, attributes: {}, events: [], tokens: null, model: null },
  };
}

it('puts each span below its parent, by start, and loses none', () => {
  const spans = [
    span('c', 'a', 5),
    span('a', null, 0),
    span('b', 'a', 2),
    span('d', 'b', 3),
    span('lost', 'gone', 1),
    span('x', 'y', 0),
    span('y', 'x', 0),
  ];
  expect(treeRows(spans).map((row) => `${row.depth}${row.span.id}`)).toEqual([
    ...['0a', '1b', '2d', '1c', '0lost', '0x', '1y'],
  ]);
});

it('takes a chain of many thousands', () => {
  const chain = Array.from({ length: 20_000 }, (_, n) => span(String(n), n === 0 ? null : String(n - 1), n));
  expect(treeRows(chain).at(-1)?.depth).toBe(19_999);
});

it('draws over the time from the first start to the last end', () => {
  expect(stretchOf([span('a', null, 0, 10), span('b', 'a', -2, null), span('c', 'a', 9, 4)])).toEqual({
    startMs: -2,
    lengthMs: 15,
  });
  expect(stretchOf([]).lengthMs).toBeGreaterThan(0);
});
