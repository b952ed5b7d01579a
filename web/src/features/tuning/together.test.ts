import { describe, expect, it } from 'vitest';
import type { Trial } from '#contract';
import { leading, paramOf } from './together.ts';

function trial(number: number, value: number | 'NaN' | null, state: Trial['state'] = 'complete'): Trial {
  const values = value === null ? null : [value];
  const params = { depth: 4, kind: true };
  return { study: 's', number, state, params, values, run: null, words: null, startedAtMs: 0, endedAtMs: null };
}

describe('trials over all params', () => {
  const trials = Array.from({ length: 20 }, (_, number) => trial(number, (number * 7) % 20));

  it('puts the best tenth of the complete trials first', () => {
    expect([...leading(trials, 'minimize')]).toEqual([0, 3]);
    expect([...leading(trials, 'maximize')]).toEqual([17, 14]);
  });

  it('lets no pruned trial and none without a finite value lead', () => {
    const others = [trial(20, -1, 'pruned'), trial(21, 'NaN'), trial(22, null)];
    expect([...leading([...others, ...trials], 'minimize')]).toEqual([0, 3]);
    expect(leading(others, 'minimize').size).toBe(0);
    expect([...leading([trial(4, 1)], 'minimize')]).toEqual([4]);
  });

  it('writes choices as text, numbers as numbers, and nothing for a param that was not given', () => {
    expect(paramOf(trial(0, 1), 'depth', { kind: 'int', low: 1, high: 8 })).toBe(4);
    expect(paramOf(trial(0, 1), 'kind', { kind: 'categorical', choices: [true, false] })).toBe('true');
    expect(paramOf(trial(0, 1), 'rate', { kind: 'float', low: 0, high: 1 })).toBeNull();
  });
});
