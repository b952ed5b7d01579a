import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Branch, type Place, placeAt, rowsIn } from './tree.ts';

/** Every row of a tree, written out. */
function written(branch: Branch, depth = 0): Place[] {
  return Array.from({ length: branch.count }, (_, index) => index).flatMap((index) => [
    { source: branch.source, index, depth },
    ...branch.open.filter((one) => one.index === index).flatMap(({ branch: below }) => written(below, depth + 1)),
  ]);
}

const leaf = fc.record({ source: fc.string(), count: fc.nat(4), open: fc.constant([]) });
const { tree } = fc.letrec<{ tree: Branch }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.record({
      source: fc.string(),
      count: fc.nat(5),
      open: fc.uniqueArray(fc.record({ index: fc.nat(5), branch: tie('tree') }), {
        maxLength: 3,
        selector: ({ index }) => index,
      }),
    }),
  ),
}));

describe('rows that fold out', () => {
  it('are found without writing them out', () => {
    const within = (branch: Branch): Branch => ({
      ...branch,
      open: branch.open
        .filter(({ index }) => index < branch.count)
        .map(({ index, branch: below }) => ({ index, branch: within(below) })),
    });
    fc.assert(
      fc.property(tree, (given) => {
        const branch = within(given);
        const rows = written(branch);
        expect(rowsIn(branch)).toBe(rows.length);
        expect(rows.map((_, row) => placeAt(branch, row))).toEqual(rows);
        expect(placeAt(branch, rows.length)).toBeUndefined();
      }),
    );
  });

  it('are found at once among many', () => {
    const open = [{ index: 3, branch: { source: 'b', count: 1_000_000, open: [] } }];
    const branch = { source: 'a', count: 100_000, open };
    expect(placeAt(branch, 1_000_004)).toEqual({ source: 'a', index: 4, depth: 0 });
    expect(placeAt(branch, 500_004)).toEqual({ source: 'b', index: 500_000, depth: 1 });
  });
});
