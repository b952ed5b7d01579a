import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';

/**
 * Markdown as HTML that can do nothing: tags that stand in the text are shown as text, and addresses that are none of
 * http, https or mailto are dropped.
 */
export function htmlOf(markdown: string): string {
  return micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()] });
}

/**
 * Markdown that ends where it ends: what opens something and leaves it open, such as a fence, would swallow all that
 * stands behind it, and is put into a quotation, which holds it.
 */
export function contained(markdown: string): string {
  let behind = 'behind';
  while (markdown.includes(behind)) behind += 'd';
  if (htmlOf(`${markdown}\n\n${behind}`).includes(`<p>${behind}</p>`)) return markdown;
  return markdown
    .split(/\r\n|\n|\r/)
    .map((line) => `> ${line}`)
    .join('\n');
}
