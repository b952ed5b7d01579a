import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { filesBelow } from './local-files.ts';

/** What a `meta.yaml` of MLflow says. */
export type Meta = Readonly<Record<string, unknown>>;

/** Texts by key; a key with slashes is a file in folders. */
export async function textsIn(folder: string): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for await (const { path } of filesBelow(folder)) texts[path] = await readFile(join(folder, path), 'utf8');
  return texts;
}

export async function foldersIn(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  return found
    .filter((item) => item.isDirectory())
    .map((item) => item.name)
    .sort();
}

export async function metaIn(folder: string): Promise<Meta | undefined> {
  const text = await readFile(join(folder, 'meta.yaml'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // Numbers beyond 2^53 are no facts of ours; dates stay text.
  return (parse(text) ?? {}) as Meta;
}
