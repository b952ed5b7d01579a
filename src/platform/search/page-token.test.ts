import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pageTokens } from './page-token.ts';

const pagesOf = (filter: string) => pageTokens({ filter }, () => new Error(`no token of ${filter}`));

test('a token leads to its offset, and only in the search that it comes from', () => {
  const offset = fc.integer({ min: 0, max: 999_999_999_999_999 });
  fc.assert(
    fc.property(offset, fc.string(), fc.string(), (far, filter, other) => {
      const token = pagesOf(filter).tokenOf(far) ?? '';
      expect(pagesOf(filter).offsetOf(token)).toBe(far);
      if (other !== filter) expect(() => pagesOf(other).offsetOf(token)).toThrow('no token of');
    }),
  );
});

test('a search begins at 0, and has no token behind its last page', () => {
  expect(pagesOf('').offsetOf(undefined)).toBe(0);
  expect(pagesOf('').tokenOf(null)).toBeNull();
});

test('what is no token is refused', () => {
  fc.assert(fc.property(fc.string(), (text) => void expect(() => pagesOf('').offsetOf(text)).toThrow('no token of')));
  const [mark] = Buffer.from(pagesOf('').tokenOf(0) ?? '', 'base64url')
    .toString()
    .split('.');
  for (const offset of ['', '-1', '1e3', '1234567890123456']) {
    const token = Buffer.from(`${mark}.${offset}`).toString('base64url');
    expect(() => pagesOf('').offsetOf(token)).toThrow('no token of');
  }
});
