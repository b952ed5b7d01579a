import fc from 'fast-check';
import { expect, it } from 'vitest';
import { htmlOf } from './rendering.ts';
import { code, markdownTable, plain } from './words.ts';

/** Signs that mean something in Markdown, and some that do not. */
const texts = fc.string({
  unit: fc.constantFrom(...'ab1 \\`*_{}[]()<>#+-.!|~&$@:/\n\t"\'='),
  minLength: 1,
  maxLength: 30,
});

/** What a browser shows of HTML, as far as it is made here. */
function shown(html: string): string {
  const signs: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };
  return html.replace(/<[^>]*>/g, '').replace(/&(\w+);/g, (whole, name) => signs[name] ?? whole);
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

it('text in a line of Markdown is shown as it is', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(oneLine(shown(htmlOf(`- **x:** ${plain(text)}`)))).toBe(oneLine(`x: ${text}`));
    }),
  );
});

it('text and code in a table are shown as they are, each in its cell', () => {
  fc.assert(
    fc.property(texts, texts, (left, right) => {
      const html = htmlOf(markdownTable(['a', 'b'], [[plain(left), code(right)]]));
      const cells = [...html.matchAll(/<td>([\s\S]*?)<\/td>/g)].map(([, cell = '']) => oneLine(shown(cell)));
      expect(cells).toEqual([oneLine(left), oneLine(right) || '–']);
    }),
  );
});

it('a table is cut at its limit, and says so', () => {
  const text = markdownTable(['n'], [['1'], ['2'], ['3']], 2);
  expect(text.split('\n').slice(2)).toEqual(['| 1 |', '| 2 |', '', 'And 1 more.']);
});
