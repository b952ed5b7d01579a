import { grouped, pairs, text, textOrNull } from './cells.ts';
import type { SourceModel, SourceVersion } from './facts.ts';
import type { Query, Row } from './query.ts';

/** Registered models of MLflow's database. */
export async function* registeredModels(query: Query, tables: ReadonlySet<string>): AsyncIterable<SourceModel> {
  const rowsIn = async (table: string) => (tables.has(table) ? query.rows(`select * from ${table}`) : []);
  const tags = grouped(await rowsIn('registered_model_tags'), 'name');
  const aliases = grouped(await rowsIn('registered_model_aliases'), 'name');
  const versionTags = grouped(await rowsIn('model_version_tags'), 'name');
  const versions = grouped(await query.rows('select * from model_versions order by name, version'), 'name');
  for (const row of await query.rows('select * from registered_models order by name')) {
    const name = text(row.name);
    const own = Map.groupBy(versionTags.get(name) ?? [], (tag) => Number(tag.version));
    yield {
      name,
      createdAtMs: Number(row.creation_time ?? 0),
      changedAtMs: Number(row.last_updated_time ?? 0),
      description: text(row.description),
      tags: pairs(tags.get(name), 'key', 'value'),
      aliases: Object.fromEntries((aliases.get(name) ?? []).map((alias) => [text(alias.alias), Number(alias.version)])),
      versions: (versions.get(name) ?? [])
        .filter((version) => version.current_stage !== 'Deleted_Internal')
        .map((version) => versionOf(version, own.get(Number(version.version)))),
    };
  }
}

function versionOf(version: Row, tags: readonly Row[] | undefined): SourceVersion {
  return {
    version: Number(version.version),
    createdAtMs: Number(version.creation_time ?? 0),
    changedAtMs: Number(version.last_updated_time ?? 0),
    description: text(version.description),
    userId: text(version.user_id),
    stage: text(version.current_stage) || 'None',
    source: text(version.source),
    run: textOrNull(version.run_id),
    tags: pairs(tags, 'key', 'value'),
  };
}
