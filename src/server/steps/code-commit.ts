import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { VERSION } from '../version.ts';

const FOLDER = dirname(fileURLToPath(import.meta.url));
const run = promisify(execFile);

/**
 * The commit of the code that runs: git's, with `-changed` when files differ from it; the version of the package where it
 * was installed without git.
 */
export async function codeCommit(): Promise<string> {
  try {
    const { stdout: head } = await run('git', ['rev-parse', 'HEAD'], { cwd: FOLDER });
    const { stdout: changes } = await run('git', ['status', '--porcelain', '--', '.'], { cwd: `${FOLDER}/../..` });
    return changes.trim() === '' ? head.trim() : `${head.trim()}-changed`;
  } catch {
    return `trimtab-${VERSION}`;
  }
}
