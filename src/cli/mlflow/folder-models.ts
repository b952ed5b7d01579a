import { join } from 'node:path';
import type { SourceModel, SourceVersion } from './facts.ts';
import { foldersIn, type Meta, metaIn, textsIn } from './meta-files.ts';
import { versionOf } from './source-version.ts';

/** A registered model that lies in a folder of `mlruns/models`. */
export async function registeredModelIn(folder: string, meta: Meta): Promise<SourceModel> {
  const versions: SourceVersion[] = [];
  for (const name of await foldersIn(folder)) {
    const version = name.startsWith('version-') ? await metaIn(join(folder, name)) : undefined;
    if (version) versions.push(versionOf(version, await textsIn(join(folder, name, 'tags'))));
  }
  const aliases = await textsIn(join(folder, 'aliases'));
  return {
    name: String(meta.name),
    createdAtMs: Number(meta.creation_timestamp ?? 0),
    changedAtMs: Number(meta.last_updated_timestamp ?? 0),
    description: String(meta.description ?? ''),
    tags: await textsIn(join(folder, 'tags')),
    aliases: Object.fromEntries(Object.entries(aliases).map(([alias, version]) => [alias, Number(version)])),
    versions: versions.filter(({ stage }) => stage !== 'Deleted_Internal').sort((a, b) => a.version - b.version),
  };
}
