/** What a command writes. Results go to stdout, everything else to stderr, so that results can be piped. */
export interface Terminal {
  /** Prints a result: as JSON with --json, else by the given function. */
  result<T>(value: T, inWords: (value: T) => string): void;
  /** Prints a line of progress to stderr. */
  progress(line: string): void;
}

export function createTerminal(json: boolean): Terminal {
  return {
    result: (value, inWords) => {
      process.stdout.write(`${json ? JSON.stringify(value, null, 2) : inWords(value)}\n`);
    },
    progress: (line) => {
      process.stderr.write(`${line}\n`);
    },
  };
}

type Cell = string | number | null;

/** Columns are this far apart. */
const GAP = 2;
/** A column of words is not made narrower than this. */
const NARROWEST = 14;
/** Between words, but not between a day and its time. */
const BREAK = / (?!\d\d:\d\d:\d\d)/;

/**
 * Rows as aligned columns. Numbers to the right, text to the left; `empty` says what to do when there are none. Where the
 * terminal is too narrow, columns of words go on in further lines; what is one word, such as an id, is never divided. Where that is
 * not enough, each row becomes a block with a line for each of its cells.
 */
export function table(rows: readonly Readonly<Record<string, Cell>>[], empty: string, columns = width()): string {
  const [first] = rows;
  if (!first) return empty;
  const names = Object.keys(first);
  const cells = [names, ...rows.map((row) => names.map((name) => textOf(row[name])))];
  const right = names.map((name) => rows.every((row) => row[name] === null || typeof row[name] === 'number'));
  const widths = fittingWidths(
    names.map((_, i) => cells.map((row) => row[i] ?? '')),
    columns,
  );
  if (total(widths) > columns) return blocks(cells);
  return cells.flatMap((row) => linesOf(row, widths, right)).join('\n');
}

/** Columns of the terminal; unlimited where there is none, so that what is piped has one row a line. */
function width(): number {
  return process.stdout.columns ?? (Number(process.env.COLUMNS) || Number.POSITIVE_INFINITY);
}

function textOf(cell: Cell | undefined): string {
  return cell === null || cell === undefined || cell === '' ? '-' : String(cell);
}

/** Widths of columns: the widest column of words gives way until all fit, or none can. */
function fittingWidths(columns: readonly (readonly string[])[], room: number): number[] {
  const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  const least = columns.map((cells, i) => {
    const longestWord = Math.max(...cells.flatMap((cell) => cell.split(BREAK)).map((word) => word.length));
    return Math.min(widths[i] ?? 0, Math.max(longestWord, NARROWEST));
  });
  for (;;) {
    if (total(widths) <= room) return widths;
    const slack = widths.map((column, i) => (column > (least[i] ?? 0) ? column : 0));
    const widest = slack.indexOf(Math.max(...slack));
    if ((slack[widest] ?? 0) === 0) return widths;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, column) => sum + column, (widths.length - 1) * GAP);
}

function blocks([names = [], ...rows]: readonly (readonly string[])[]): string {
  const left = Math.max(...names.map((name) => name.length)) + GAP;
  const block = (row: readonly string[]) => row.map((cell, i) => `${(names[i] ?? '').padEnd(left)}${cell}`).join('\n');
  return rows.map(block).join('\n\n');
}

function linesOf(row: readonly string[], widths: readonly number[], right: readonly boolean[]): string[] {
  const parts = row.map((cell, i) => wrap(cell, widths[i] ?? 0));
  const height = Math.max(...parts.map((lines) => lines.length));
  return Array.from({ length: height }, (_, n) =>
    parts
      .map((lines, i) =>
        right[i] ? (lines[n] ?? '').padStart(widths[i] ?? 0) : (lines[n] ?? '').padEnd(widths[i] ?? 0),
      )
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

function wrap(text: string, room: number): readonly string[] {
  if (text.length <= room) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(BREAK)) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A time in UTC, to the second. */
export function utc(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').slice(0, 19);
}

/** The digests in a text, such as ids of commits, by their first twelve digits; `--json` has them whole. */
export function short(text: string): string {
  return text.replace(/\b([0-9a-f]{12})[0-9a-f]{28,52}\b/g, '$1');
}

/** Who did something, with the run on whose behalf by its first twelve digits. */
export function shortActor(actor: string): string {
  return actor.replace(/\b(pipeline-run:[0-9a-f]{12})[0-9a-f]{20}\b/, '$1');
}

/** `1 commit`, `2 commits`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

/** A measured number to five digits, or to the whole number; `--json` has all of them. */
export function figure(value: number): string {
  if (Math.abs(value) >= 10_000) return String(Math.round(value));
  return String(Number(value.toPrecision(5)));
}

/** A text on one line, cut with an ellipsis. */
export function oneLine(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
