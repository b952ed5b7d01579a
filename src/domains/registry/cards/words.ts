/** Text of others as Markdown (CommonMark with the tables of GitHub) that says that text and nothing else. */

/** On one line, with every sign that could mean something escaped. */
export function plain(text: string): string {
  return oneLine(text).replace(/[\\`*_[\]<>~&#!$@]/g, (sign) => `\\${sign}`);
}

/** A name or a digest, as code. */
export function code(text: string): string {
  const shown = oneLine(text);
  if (shown === '') return '–';
  // No code in a table can say a backslash before a bar.
  if (shown.includes('\\|')) return plain(shown);
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const pad = shown.startsWith('`') || shown.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** Rows as a table; no more than the limit, and then a line that says how many more there are. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[], limit = 100): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const shown = rows.slice(0, limit).map(line);
  const more = rows.length - shown.length;
  return [line(header), line(header.map(() => '---')), ...shown, ...(more > 0 ? ['', `And ${more} more.`] : [])].join(
    '\n',
  );
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
