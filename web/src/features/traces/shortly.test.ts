import { describe, expect, it } from 'vitest';
import { shortly, shortlyOfJson } from './shortly.ts';

describe('what was asked, in short', () => {
  it('is the text, when there is but one', () => {
    expect(shortly({ question: 'How late?' })).toBe('How late?');
    expect(shortlyOfJson('{"question": "How late?"}')).toBe('How late?');
    expect(shortlyOfJson('"plain"')).toBe('plain');
  });

  it('is JSON, when there is more to it', () => {
    expect(shortly({ a: 1, b: 'x' })).toBe('{"a":1,"b":"x"}');
    expect(shortlyOfJson('{"a": 1}')).toBe('{"a":1}');
  });

  it('stays as it is, when it was cut off or is no JSON', () => {
    expect(shortlyOfJson('{"question": "How la...')).toBe('{"question": "How la...');
    expect(shortlyOfJson('12 minutes')).toBe('12 minutes');
  });
});
