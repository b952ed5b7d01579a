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

/** Rows as aligned columns. Numbers to the right, text to the left; `empty` says what to do when there are none. */
export function table(rows: readonly Readonly<Record<string, string | number | null>>[], empty: string): string {
  const [first] = rows;
  if (!first) return empty;
  const names = Object.keys(first);
  const cells = rows.map((row) => names.map((name) => String(row[name] ?? '-')));
  const widths = names.map((name, i) => Math.max(name.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const right = names.map((name) => rows.every((row) => row[name] === null || typeof row[name] === 'number'));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (right[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(names), ...cells.map(line)].join('\n');
}

/** A time in UTC, to the second. */
export function utc(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').slice(0, 19);
}
