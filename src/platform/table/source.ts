import { extname } from 'node:path';

export type TableFormat = 'parquet' | 'csv' | 'json';

const FORMAT_BY_EXTENSION: Readonly<Record<string, TableFormat>> = {
  '.parquet': 'parquet',
  '.pq': 'parquet',
  '.csv': 'csv',
  '.tsv': 'csv',
  '.json': 'json',
  '.jsonl': 'json',
  '.ndjson': 'json',
};

/** A file with tabular content, as SQL can read it. */
export interface TableSource {
  readonly format: TableFormat;
  /** A table expression: `select … from ${sql}`. */
  readonly sql: string;
  /**
   * A table expression with one column more in front, which holds each row's position in the file, from 0.
   * @param name of that column; must not be one of the table's
   */
  numbered(name: string): string;
  /** CSV only: the same with the cells of these columns left as text. */
  withText?(columns: readonly string[]): TableSource;
}

/** The format a file name promises, by its extension. */
export function formatOf(name: string): TableFormat | undefined {
  return FORMAT_BY_EXTENSION[extname(name).toLowerCase()];
}

/** A column or table name as SQL text. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text literal as SQL text. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A path as the literal of one file: DuckDB would expand * ? and [ to several. */
function quotePath(path: string): string {
  return quoteText(path.replace(/[*?[]/g, '[$&]'));
}

export function parquetSource(path: string): TableSource {
  const sql = `read_parquet(${quotePath(path)}, hive_partitioning = false)`;
  return {
    format: 'parquet',
    sql,
    numbered: (name) => `(select file_row_number as ${quoteName(name)}, * from ${sql})`,
  };
}

/**
 * A CSV file with a header line, read strictly: a row with more or fewer cells than the header is an error. Types are
 * found from all rows, so that a column is a number only when all of its cells are.
 */
export function csvSource(path: string, delimiter: string): TableSource {
  const read = `read_csv(${quotePath(path)}, ${csvDialect(delimiter)}, sample_size = -1`;
  return {
    ...unnumbered('csv', `${read})`),
    withText: (columns) => {
      const types = columns.map((name) => `${quoteText(name)}: 'VARCHAR'`).join(', ');
      return unnumbered('csv', `${read}, types = {${types}})`);
    },
  };
}

/** The same cells as text, by the given names; without guessing, so that an error names its line. */
export function csvTextSource(path: string, delimiter: string, columns: readonly string[]): TableSource {
  const types = columns.map((name) => `${quoteText(name)}: 'VARCHAR'`).join(', ');
  return unnumbered(
    'csv',
    `read_csv(${quotePath(path)}, ${csvDialect(delimiter)}, auto_detect = false, columns = {${types}})`,
  );
}

function csvDialect(delimiter: string): string {
  return `header = true, skip = 0, delim = ${quoteText(delimiter)}, quote = '"', escape = '"', comment = '', null_padding = false, ignore_errors = false, strict_mode = true, hive_partitioning = false`;
}

export function jsonSource(path: string, layout: 'array' | 'newline_delimited'): TableSource {
  return unnumbered(
    'json',
    `read_json(${quotePath(path)}, format = '${layout}', records = true, sample_size = -1, hive_partitioning = false)`,
  );
}

function unnumbered(format: TableFormat, sql: string): TableSource {
  // A window without an order streams in the order of the scan, which DuckDB keeps for files.
  return { format, sql, numbered: (name) => `(select row_number() over () - 1 as ${quoteName(name)}, * from ${sql})` };
}
