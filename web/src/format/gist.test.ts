import { describe, expect, it } from 'vitest';
import { gist } from './gist.ts';

describe('the gist of a text', () => {
  it('leaves out the marks of Markdown', () => {
    expect(
      gist(
        '# Iris\n\nTells **three** kinds of `flowers` apart, *quickly*.\n\n- small\n- [fast](https://x.org/a)\n\n| a | b |\n|--|--|\n| 1 | 2 |',
      ),
    ).toBe('Iris Tells three kinds of flowers apart, quickly. small fast a b 1 2');
  });

  it('leaves plain text as it is', () => {
    expect(gist('a_name_of_parts, 2 * 3 = 6 and 4 * 5 - 1')).toBe('a_name_of_parts, 2 * 3 = 6 and 4 * 5 - 1');
  });

  it('ends long ones', () => {
    expect(gist('word '.repeat(1000))).toHaveLength(241);
  });
});
