import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A larger patch is of data, not of code. */
const MAX_PATCH_BYTES = 20 * 1024 * 1024;

/** Where the code of a folder stands. */
export interface GitState {
  /** Top of the repository, absolute. */
  readonly root: string;
  readonly commit: string;
  /** Undefined when no branch is checked out. */
  readonly branch: string | undefined;
  /** Address of the remote called origin, without credentials. */
  readonly remote: string | undefined;
  /** The folder below the root, empty at the top. */
  readonly folder: string;
  /**
   * What differs from the commit, new files that are not ignored included; empty when nothing does, undefined when it is
   * too large to keep. `git apply --binary` takes it.
   */
  readonly patch: Buffer | undefined;
}

/** Undefined where there is no git repository, or no commit in it yet. */
export async function gitState(folder: string): Promise<GitState | undefined> {
  const git = async (...words: string[]) => (await run('git', words, { cwd: folder })).stdout.trim();
  try {
    const root = await git('rev-parse', '--show-toplevel');
    return {
      root,
      commit: await git('rev-parse', 'HEAD'),
      branch: (await git('branch', '--show-current')) || undefined,
      remote: withoutCredentials(await git('remote', 'get-url', 'origin').catch(() => '')),
      folder: (await git('rev-parse', '--show-prefix')).replace(/\/$/, ''),
      patch: await patchOf(root),
    };
  } catch {
    return undefined;
  }
}

/** The difference as git would commit it, through an index of its own, so that the user's stays as it is. */
async function patchOf(root: string): Promise<Buffer | undefined> {
  const scratch = await mkdtemp(join(tmpdir(), 'trimtab-index-'));
  const index = join(scratch, 'index');
  const options = { cwd: root, env: { ...process.env, GIT_INDEX_FILE: index }, maxBuffer: MAX_PATCH_BYTES };
  try {
    const { stdout } = await run('git', ['rev-parse', '--git-path', 'index'], { cwd: root });
    await copyFile(join(root, stdout.trim()), index).catch(() => undefined);
    await run('git', ['add', '--all'], options);
    const diff = await run('git', ['diff', '--cached', '--binary', 'HEAD'], { ...options, encoding: 'buffer' });
    return diff.stdout;
  } catch {
    return undefined;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function withoutCredentials(remote: string): string | undefined {
  if (remote === '') return undefined;
  if (!URL.canParse(remote)) return remote;
  const url = new URL(remote);
  url.username = url.password = '';
  return url.href;
}
