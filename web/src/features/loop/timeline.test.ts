import { describe, expect, it } from 'vitest';
import type { Transition } from '#contract';
import { apart, faultsOf, marksOf } from './timeline.tsx';

function transition(kind: string, atMs: number, sequence = atMs, evidence: unknown = {}): Transition {
  return { sequence, from: 'steady', to: 'steady', kind, atMs, recordedAtMs: 0, words: '', evidence };
}

describe('what the timeline marks', () => {
  const story = [
    transition('started', 1),
    transition('data-fault-found', 3),
    transition('data-fault-ended', 5),
    transition('gate-refused', 7),
    transition('paused', 7, 8),
    transition('data-fault-found', 9, 9, { window: { startMs: 8, endMs: 9 } }),
  ];

  it('marks every transition but the start, those of one moment together', () => {
    expect(marksOf(story).map((mark) => [mark.x, mark.label])).toEqual([
      [3, '3'],
      [5, '5'],
      [7, '7, 8'],
      [9, '9'],
    ]);
  });

  it('puts the numbers of close marks together, and keeps every line', () => {
    const marks = apart(marksOf([3, 4, 5, 90].map((at) => transition('promoted', at))), 100);
    expect(marks.map(({ x, label }) => [x, label])).toEqual([
      [3, '3, 4, 5'],
      [4, ''],
      [5, ''],
      [90, '90'],
    ]);
  });

  it('shades faults, and one that lasts to the end of the timeline', () => {
    expect(faultsOf(story, 12).map(({ fromX, toX }) => [fromX, toX])).toEqual([
      [3, 5],
      [8, 12],
    ]);
  });
});
