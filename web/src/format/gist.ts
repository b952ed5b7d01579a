/** So much of a text is shown where it has one or two lines. */
const MAX_LENGTH = 240;

/** What a text in Markdown says, as one line without its marks, for lists. */
export function gist(markdown: string): string {
  const line = markdown
    .slice(0, 8 * MAX_LENGTH)
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^\s*(```.*|\|?[\s:|-]*-[\s:|-]*)$/gm, '')
    .replace(/^\s*(#{1,6}|>|[-*+]|\d+\.)\s+/gm, '')
    .replace(/^\s*\|.*\|\s*$/gm, (row) => row.replaceAll('|', ' '))
    .replace(/(\*\*|__|`|~~)/g, '')
    .replace(/(?<!\w)[*_](\S(?:[^*_]*\S)?)[*_](?!\w)/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}
