import type { DataSchema } from '#contract';
import { asFileError, quoteName, type TableFormat, type TableSession, type Tables } from '#platform/table';
import { isReadDirectly } from '../core/quality/column-reading.ts';
import { dataTypeOf, type FileColumn, freeName } from '../core/quality/data-type.ts';
import { qualityErrors } from './errors.ts';
import type { DataFiles, LocalTable } from './ports.ts';

/** Where a table is: a path as it was at a branch, tag or commit. */
export interface TablePlace {
  readonly repository: string;
  readonly ref: string;
  readonly path: string;
}

/** A table of a commit, open for queries on one connection. */
export interface OpenTable {
  readonly session: TableSession;
  readonly file: LocalTable;
  readonly format: TableFormat;
  /** Names its content and how it is read: the digest of the bytes and the format. */
  readonly content: string;
  readonly columns: readonly FileColumn[];
  readonly rowCount: number;
  /** Table expression with all columns. */
  readonly sql: string;
  /** Table expression with a column more, `position`, which holds each row's place in the file, from 0. */
  readonly numbered: string;
  /** Quoted name of that column; none of the table's. */
  readonly position: string;
}

/** Opens tables of commits and turns what goes wrong in reading them into errors that name the file. */
export class TableOpener {
  readonly #data: DataFiles;
  readonly #tables: Tables;

  constructor(data: DataFiles, tables: Tables) {
    this.#data = data;
    this.#tables = tables;
  }

  /** The file on the local disk, for as long as `work` takes. */
  async withFile<Result>(place: TablePlace, work: (file: LocalTable) => Promise<Result>): Promise<Result> {
    const file = await this.#data.localFile(place.repository, place.ref, place.path);
    try {
      return await work(file);
    } finally {
      await file.release();
    }
  }

  /**
   * @param schema when it will be read by one: columns of CSV that are not of its types as they stand are kept as text
   * @throws TABLE_FILE_INVALID, TABLE_EMPTY, DATA_QUALITY_NOT_TABLE
   */
  withTable<Result>(
    place: TablePlace,
    work: (table: OpenTable) => Promise<Result>,
    schema?: DataSchema,
  ): Promise<Result> {
    return this.withFile(place, async (file) => {
      const description = file.table ?? (await this.#tables.describeFile(file.path, place.path));
      if (!description) throw qualityErrors.DATA_QUALITY_NOT_TABLE({ path: place.path });
      const { format, rowCount } = description;
      const source = await this.#tables.from(file.path, place.path);
      const name = freeName('_row', description.columns);
      const position = quoteName(name);
      const common = { file, format, content: `${file.object}.${format}`, rowCount, position };
      try {
        return await this.#tables.session(async (session) => {
          if (format === 'parquet') {
            const { columns } = description;
            return work({ ...common, session, columns, sql: source.sql, numbered: source.numbered(name) });
          }
          // Text formats are parsed once, not once a query.
          const text = textColumns(description.columns, schema);
          const origin = text.size > 0 && source.withText ? source.withText([...text]) : source;
          await session.run(`create temp table opened_rows as select * from ${origin.numbered(name)}`);
          const columns = (await session.describe('select * from opened_rows')).filter(
            (column) => column.name !== name,
          );
          const sql = `(select * exclude (${position}) from opened_rows)`;
          return work({ ...common, session, columns, sql, numbered: 'opened_rows' });
        });
      } catch (error) {
        throw asFileError(error, place.path);
      }
    });
  }
}

/** Columns whose guessed type is not that of the schema: what was guessed to be a number may be a code like 007. */
function textColumns(columns: readonly FileColumn[], schema: DataSchema | undefined): ReadonlySet<string> {
  const declared = new Map(schema?.columns.map(({ name, type }) => [name, type]));
  const differing = columns.filter(
    ({ name, type }) => !isReadDirectly(declared.get(name) ?? dataTypeOf(type), dataTypeOf(type)),
  );
  return new Set(differing.map(({ name }) => name));
}

/** The column of the name. @throws DATA_QUALITY_COLUMN_UNKNOWN */
export function columnOf(table: OpenTable, path: string, column: string): FileColumn {
  const found = table.columns.find(({ name }) => name === column);
  if (found) return found;
  throw qualityErrors.DATA_QUALITY_COLUMN_UNKNOWN({ path, column, known: table.columns.map(({ name }) => name) });
}
