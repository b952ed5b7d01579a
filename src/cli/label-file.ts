import type { NewLabel } from '#contract';

/**
 * Labels from the text of a file: CSV with a header naming inferenceId, value and optionally atMs, or one JSON object a
 * line with these properties.
 *
 * @param fail called with what is wrong and where; must not return
 */
export function parseLabels(text: string, file: string, fail: (problem: string) => never): NewLabel[] {
  const lines = text
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trim(), place: `${file} line ${index + 1}` }))
    .filter(({ line }) => line !== '');
  const [first, ...rest] = lines;
  if (!first) return fail(`${file} is empty`);
  if (first.line.startsWith('{'))
    return lines.map(({ line, place }) => labelOf(jsonOf(line, place, fail), place, fail));
  const names = first.line.split(',').map(unquoted);
  for (const name of ['inferenceId', 'value']) {
    if (!names.includes(name)) fail(`${first.place} has no column ${name}; it names ${names.join(', ')}`);
  }
  return rest.map(({ line, place }) => {
    const cells = line.split(',').map(unquoted);
    if (cells.length !== names.length) fail(`${place} has ${cells.length} values for ${names.length} columns`);
    return labelOf(Object.fromEntries(names.map((name, i) => [name, cells[i]])), place, fail);
  });
}

function labelOf(row: Record<string, unknown>, place: string, fail: (problem: string) => never): NewLabel {
  const { inferenceId, value, atMs } = row;
  if (typeof inferenceId !== 'string' || inferenceId === '') fail(`${place} has no inferenceId`);
  if (String(value) !== '0' && String(value) !== '1')
    fail(`${place} has the value ${JSON.stringify(value)}; give 0 or 1`);
  const label = { inferenceId: String(inferenceId), value: Number(value) };
  if (atMs === undefined || atMs === null || atMs === '') return label;
  if (!Number.isSafeInteger(Number(atMs)))
    fail(`${place} has the time ${JSON.stringify(atMs)}; give ms since the epoch`);
  return { ...label, atMs: Number(atMs) };
}

function jsonOf(line: string, place: string, fail: (problem: string) => never): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below, with the place.
  }
  return fail(`${place} is no JSON object`);
}

function unquoted(cell: string): string {
  const text = cell.trim();
  return text.startsWith('"') && text.endsWith('"') && text.length > 1 ? text.slice(1, -1).replaceAll('""', '"') : text;
}
