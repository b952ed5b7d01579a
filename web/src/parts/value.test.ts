import { describe, expect, it } from 'vitest';
import { withUnit, words } from './value.tsx';

describe('values of unknown shape', () => {
  it.each([
    [Date.UTC(2001, 3, 1), 'startMs', '2001-04-01 00:00 UTC'],
    [12.5, 'latencyMs', '12.5 ms'],
    [2048, 'sizeBytes', '2 KiB'],
    [0.51234, 'psi', '0.5123'],
    [2001, 'items', '2,001'],
    [2.9e-165, 'qValue', '< 0.0001'],
  ])('writes %s of %s with its unit', (value, name, text) => expect(withUnit(value, name)).toBe(text));

  it('reads names as words', () => {
    expect(words('expectedLogLoss')).toBe('expected log loss');
    expect(words('latencyMs')).toBe('latency');
    expect(words('learning_rate')).toBe('learning_rate');
    expect(words('Ms')).toBe('Ms');
  });
});
