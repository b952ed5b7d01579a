import { join } from 'node:path';
import { quoteName, quoteText } from '#platform/table';
import { freeName } from '../core/quality/data-type.ts';
import type { CheckedTable } from './checking.ts';
import { qualityErrors } from './errors.ts';
import type { OpenTable } from './open-table.ts';

export interface WrittenRows {
  /** The file with the rows; undefined when the source itself is that file. */
  readonly file: string | undefined;
  readonly rows: number;
}

/**
 * Writes the rows that break a failed rule of severity error to one file and all others to another. A row goes by one
 * condition that is never unknown, so it is in exactly one of the two.
 *
 * @throws DATA_QUALITY_TABLE_UNFIT when the table as a whole breaks a rule
 */
export async function writeApart(
  table: OpenTable,
  checked: CheckedTable,
  to: { readonly folder: string; readonly path: string },
): Promise<{ readonly clean: WrittenRows; readonly failed: WrittenRows }> {
  if (checked.wholeFailures.length > 0) {
    throw qualityErrors.DATA_QUALITY_TABLE_UNFIT({ path: to.path, rules: checked.wholeFailures });
  }
  const { session, numbered, position } = table;
  const any = checked.failing.length === 0 ? 'false' : `(${checked.failing.map(({ sql }) => sql).join(' or ')})`;
  const failed = { file: join(to.folder, 'failed.parquet'), rows: checked.failedRows };
  const clean = { file: join(to.folder, 'clean.parquet'), rows: table.rowCount - checked.failedRows };
  if (failed.rows > 0) {
    const reasons = checked.failing.map(({ id, sql }) => `case when ${sql} then ${quoteText(id)} end`);
    const reasonsName = quoteName(freeName('_reasons', table.columns));
    // concat_ws leaves out what is null.
    const select = `select *, concat_ws('; ', ${reasons.join(', ')}) as ${reasonsName} from ${numbered} where ${any} order by ${position}`;
    const written = await session.writeParquet(select, failed.file);
    assertRows(written.rowCount, failed.rows);
  }
  const asIs = failed.rows === 0 && table.format === 'parquet' && checked.output.every(({ changed }) => !changed);
  if (asIs) return { clean: { ...clean, file: undefined }, failed };
  if (clean.rows > 0) {
    const columns = checked.output.map(({ name, sql }) => `${sql} as ${quoteName(name)}`).join(', ');
    const written = await session.writeParquet(`select ${columns} from ${numbered} where not ${any}`, clean.file);
    assertRows(written.rowCount, clean.rows);
  }
  return { clean, failed };
}

/** A row lost or doubled would be a defect of this program; it must not become a commit. */
function assertRows(written: number, expected: number): void {
  if (written !== expected) throw new Error(`${written} rows were written where ${expected} were counted`);
}
