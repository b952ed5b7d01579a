import type { TableFacts } from '#contract';
import { isTrimtabError, type TrimtabError } from '#platform/kernel';
import { extensionOf } from './core/path.ts';
import { dataErrors } from './errors.ts';
import type { TableInspector } from './ports.ts';

/** Extensions that promise a table: such a file is refused when it holds none. */
const PROMISING: readonly string[] = ['.parquet', '.pq', '.csv', '.tsv', '.jsonl', '.ndjson'];

/** Whether a file of this name is looked into at all; JSON may be a table, or anything else. */
export function mayHoldTable(path: string): boolean {
  const extension = extensionOf(path);
  return extension === '.json' || PROMISING.includes(extension);
}

/**
 * Schema and row count of a file on the local disk; null when it is no table and its path promises none.
 *
 * @throws DATA_TABLE_INVALID when the path promises a table and the file holds none, or one without rows
 */
export async function inspectTable(
  inspector: TableInspector,
  file: { readonly path: string; readonly localPath: string },
): Promise<TableFacts | null> {
  if (!mayHoldTable(file.path)) return null;
  try {
    const facts = await inspector.describeFile(file.localPath, file.path);
    return facts ? { ...facts, columns: facts.columns.map(({ name, type }) => ({ name, type })) } : null;
  } catch (error) {
    if (!isTrimtabError(error) || error.kind !== 'invalid') throw error;
    if (!PROMISING.includes(extensionOf(file.path))) return null;
    throw dataErrors.DATA_TABLE_INVALID({ path: file.path, problem: problemOf(error) }, error);
  }
}

function problemOf(error: TrimtabError): string {
  if (error.code === 'TABLE_EMPTY') return 'it holds no rows';
  return typeof error.details.problem === 'string' ? error.details.problem : error.message;
}
