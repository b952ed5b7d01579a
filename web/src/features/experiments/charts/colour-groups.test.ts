import { describe, expect, it } from 'vitest';
import { colourGroups } from './colour-groups.ts';

const parts = (values: readonly (number | string | null)[]) =>
  colourGroups(values, 'x').map(({ name, members }) => [name, members]);

describe('colours of runs', () => {
  it('are one a text, those without it last', () => {
    expect(parts(['b', 'a', null, 'b'])).toEqual([
      ['x a', [1]],
      ['x b', [0, 3]],
      ['without x', [2]],
    ]);
  });

  it('are shades of the fifths of many numbers, each run in one of them', () => {
    const values = [...Array.from({ length: 100 }, (_, i) => i), null];
    const groups = colourGroups(values, 'x');
    expect(groups).toHaveLength(6);
    expect(groups.flatMap(({ members }) => members).sort((a, b) => a - b)).toEqual([...values.keys()]);
  });

  it('keep to those that can be told apart', () => {
    const groups = colourGroups(
      Array.from({ length: 40 }, (_, i) => `t${i}`),
      'x',
    );
    expect(groups).toHaveLength(13);
    expect(groups.at(-1)).toMatchObject({ name: 'others' });
    expect(groups.at(-1)?.members).toHaveLength(28);
  });
});
