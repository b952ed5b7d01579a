import { open, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { isTrimtabError } from '#platform/kernel';
import { tableErrors } from './errors.ts';
import type { Session } from './session.ts';
import {
  csvSource,
  csvTextSource,
  formatOf,
  jsonSource,
  parquetSource,
  type TableFormat,
  type TableSource,
} from './source.ts';

/** What a file with tabular content holds. */
export interface TableDescription {
  readonly format: TableFormat;
  readonly rowCount: number;
  /** Columns in the order of the file; `type` is the SQL type, e.g. BIGINT, DOUBLE, VARCHAR, TIMESTAMP. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

const DELIMITERS = [',', ';', '\t', '|'];
const HEAD_BYTES = 256 * 1024;

/**
 * Finds out how a file is to be read, by the format its name promises, else by its first bytes.
 *
 * @param name what the file is called where it comes from; its extension counts, and errors name it
 * @returns undefined for a file that does not claim to be a table
 * @throws TABLE_FILE_INVALID when it claims to be one and plainly is not
 */
export async function openSource(path: string, name: string): Promise<TableSource | undefined> {
  const { head, tail, sizeBytes } = await endsOf(path);
  const magic = head.subarray(0, 4).toString('latin1') === 'PAR1';
  const format = formatOf(name) ?? (magic ? 'parquet' : undefined);
  const invalid = (problem: string) => tableErrors.TABLE_FILE_INVALID({ file: name, problem });
  if (format !== undefined && extname(name).toLowerCase() !== '.json' && sizeBytes === 0)
    throw invalid('it is empty, 0 bytes');
  if (format === 'parquet') {
    if (!magic) throw invalid('it is not Parquet, which begins with the bytes PAR1');
    if (sizeBytes < 12 || tail.toString('latin1') !== 'PAR1') {
      throw invalid(`it is a truncated Parquet file: the footer is missing after ${sizeBytes} bytes`);
    }
    return parquetSource(path);
  }
  if (format === 'csv') {
    if (magic) throw invalid('it is Parquet, not CSV; give it a name that ends in .parquet');
    if (head.includes(0)) throw invalid(`it is not text: there is a zero byte at position ${head.indexOf(0)}`);
    return csvSource(path, delimiterOf(firstLine(head)));
  }
  if (format === 'json') {
    const first = head.toString('utf8').trimStart()[0];
    if (extname(name).toLowerCase() !== '.json') return jsonSource(path, 'newline_delimited');
    return first === '[' ? jsonSource(path, 'array') : undefined;
  }
  return undefined;
}

/** Reads the schema and counts the rows. @throws TABLE_FILE_INVALID, TABLE_EMPTY */
export async function describeSource(
  session: Session,
  source: TableSource,
  path: string,
  name: string,
): Promise<TableDescription> {
  try {
    const columns = await session.describe(`select * from ${source.sql}`);
    const [counted] = await session.query(`select count(*) as n from ${source.sql}`);
    const rowCount = Number(counted?.n ?? 0);
    if (columns.length === 0 || rowCount === 0) throw tableErrors.TABLE_EMPTY({ file: name });
    return { format: source.format, rowCount, columns };
  } catch (error) {
    throw await explained(session, source, path, name, error);
  }
}

/** The error of the file that a failed read means; errors that mean something else pass through. */
async function explained(session: Session, source: TableSource, path: string, name: string, error: unknown) {
  if (isTrimtabError(error)) return error;
  if (source.format !== 'csv' || !messageOf(error).includes('sniffing')) return asFileError(error, name);
  // Guessing the types gave up without saying where; reading plain text says which line is ragged.
  const line = firstLine((await endsOf(path)).head);
  const delimiter = delimiterOf(line);
  const names = cellsOf(line, delimiter).map((_, index) => `column${index}`);
  try {
    await session.query(`select count(columns(*)) from ${csvTextSource(path, delimiter, names).sql}`);
    return asFileError(error, name);
  } catch (second) {
    return isTrimtabError(second) ? second : asFileError(second, name);
  }
}

/**
 * Turns what DuckDB says of a broken file into TABLE_FILE_INVALID, with the line or the place where it says one.
 * Anything that is not about the file is returned as it is.
 */
export function asFileError(error: unknown, name: string): unknown {
  const message = messageOf(error);
  if (
    isTrimtabError(error) ||
    !/^(Invalid Input|IO|Invalid|Conversion|Serialization) Error|^(TProtocol|Thrift)|corrupt|snappy|zstd/i.test(message)
  ) {
    return error;
  }
  return tableErrors.TABLE_FILE_INVALID({ file: name, problem: problemOf(message) }, error);
}

function problemOf(message: string): string {
  const line = /(?:CSV Error on Line|Line): (\d+)/.exec(message)?.[1];
  const cells = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message);
  if (line && cells) return `line ${line} has ${cells[2]} cells where the header has ${cells[1]}`;
  const json = /at byte (\d+) in line (\d+): (.*)/.exec(message);
  if (json) return `line ${json[2]}, byte ${json[1]}: ${json[3]?.replace(/[.\s]+$/, '')}`;
  if (line && /unicode|utf-?8/i.test(message)) return `line ${line} is not UTF-8 text`;
  if (/sniffing/.test(message)) return 'it is not CSV with a header line and the same number of cells in each row';
  const first = message.split('\n').find((text) => text.trim() !== '') ?? message;
  const plain = first.replace(/^[A-Za-z ]*Error: ?/, '').replace(/ ?(of|in) file "?'?[^"']*["']\.?/g, '');
  return line ? `line ${line}: ${plain}` : plain.replace(/[.\s]+$/, '');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function firstLine(head: Buffer): string {
  const text = head.toString('utf8').replace(/^\uFEFF/, '');
  const end = /\r?\n/.exec(text);
  return end ? text.slice(0, end.index) : text;
}

/** The delimiter that divides the header line most often outside of quotes. */
function delimiterOf(line: string): string {
  const counts = DELIMITERS.map((delimiter) => cellsOf(line, delimiter).length);
  const most = Math.max(...counts);
  return DELIMITERS[counts.indexOf(most)] ?? ',';
}

function cellsOf(line: string, delimiter: string): readonly string[] {
  const cells: string[] = [''];
  let quoted = false;
  for (const character of line) {
    if (character === '"') quoted = !quoted;
    if (character === delimiter && !quoted) cells.push('');
    else cells[cells.length - 1] += character;
  }
  return cells;
}

async function endsOf(path: string): Promise<{ head: Buffer; tail: Buffer; sizeBytes: number }> {
  const { size } = await stat(path);
  const file = await open(path, 'r');
  try {
    const read = async (position: number, length: number) => {
      const buffer = Buffer.alloc(length);
      const { bytesRead } = await file.read(buffer, 0, length, position);
      return buffer.subarray(0, bytesRead);
    };
    return {
      head: await read(0, Math.min(size, HEAD_BYTES)),
      tail: await read(Math.max(0, size - 4), Math.min(size, 4)),
      sizeBytes: size,
    };
  } finally {
    await file.close();
  }
}
