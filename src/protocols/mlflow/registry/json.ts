import type { BriefVersion, ModelWithNewest } from '#domains/registry';
import { pairs } from '../pairs.ts';

/** A version as MLflow's clients read it. */
export function versionJson(version: BriefVersion): object {
  const { source, tags, aliases } = version;
  return {
    name: version.model,
    version: String(version.version),
    creation_timestamp: version.createdAtMs,
    last_updated_timestamp: version.updatedAtMs,
    current_stage: version.stage,
    description: version.description,
    // A version with an ONNX file here has no place where MLflow's clients could read it.
    source: source?.uri ?? `trimtab:/models/${encodeURIComponent(version.model)}/versions/${version.version}/file`,
    run_id: version.run?.replace(/^run:/, '') ?? '',
    status: 'READY',
    run_link: source?.runLink ?? '',
    ...listed('tags', pairs(Object.entries(tags))),
    ...listed('aliases', aliases),
  };
}

/** The same without its aliases, as searches and models tell of it. */
export function plainVersionJson(version: BriefVersion): object {
  return versionJson({ ...version, aliases: [] });
}

/** A model as MLflow's clients read it. */
export function modelJson({ model, newest }: ModelWithNewest): object {
  const aliases = model.aliases.map(({ alias, version }) => ({ alias, version: String(version) }));
  return {
    name: model.name,
    creation_timestamp: model.createdAtMs,
    last_updated_timestamp: model.updatedAtMs,
    ...(model.description === '' ? {} : { description: model.description }),
    ...listed('latest_versions', newest.map(plainVersionJson)),
    ...listed('tags', pairs(Object.entries(model.tags))),
    ...listed('aliases', aliases),
  };
}

/** An empty list is left out. */
export function listed(name: string, items: readonly unknown[]): object {
  return items.length === 0 ? {} : { [name]: items };
}
