import type { TableFacts } from '#contract';
import { isTrimtabError } from '#platform/kernel';
import { extensionOf } from './core/path.ts';
import { dataErrors } from './errors.ts';
import type { TableInspector } from './ports.ts';

/** Extensions that promise a table: such a file is refused when it holds none. */
const PROMISING: readonly string[] = ['.parquet', '.csv'];
/** Extensions of files that may hold one. */
const POSSIBLE: readonly string[] = [...PROMISING, '.json', '.jsonl', '.ndjson'];

/** Whether a file of this name is looked into at all. */
export function mayHoldTable(path: string): boolean {
  return POSSIBLE.includes(extensionOf(path));
}

/**
 * Schema and row count of a file on the local disk, which keeps the extension of the path it has for its user.
 *
 * @throws DATA_TABLE_INVALID when the path promises a table and the file holds none
 */
export async function inspectTable(
  inspector: TableInspector,
  file: { readonly path: string; readonly localPath: string },
): Promise<TableFacts | null> {
  if (!mayHoldTable(file.path)) return null;
  const promised = PROMISING.includes(extensionOf(file.path));
  try {
    const facts = await inspector.inspect(file.localPath);
    if (facts || !promised) return facts ?? null;
  } catch (error) {
    if (!isTrimtabError(error) || error.kind !== 'invalid') throw error;
    if (!promised) return null;
    throw dataErrors.DATA_TABLE_INVALID({ path: file.path, problem: problemOf(error, file) }, error);
  }
  const problem = `it is no ${extensionOf(file.path) === '.csv' ? 'CSV' : 'Parquet'} file`;
  throw dataErrors.DATA_TABLE_INVALID({ path: file.path, problem });
}

/** The inspector's words, with the user's path in place of the local one. */
function problemOf(
  error: Error & { readonly details: Readonly<Record<string, unknown>> },
  file: { readonly path: string; readonly localPath: string },
): string {
  const words = typeof error.details.problem === 'string' ? error.details.problem : error.message;
  return words.replaceAll(file.localPath, file.path).replace(/\.$/, '');
}
