import type { Texts } from '../model.ts';

/**
 * Tags by which MLflow's clients tell what is a property of a run here. They are kept as the property and never as a
 * tag: whoever sets the tag sets the property, and whoever reads it as MLflow's client finds it among the tags.
 */
export const MIRRORED_TAGS = {
  'mlflow.runName': 'name',
  'mlflow.parentRunId': 'parent',
  'mlflow.source.git.commit': 'codeCommit',
} as const;

/** Of an experiment: its description. */
export const DESCRIPTION_TAG = 'mlflow.note.content';

export interface MirroredProperties {
  readonly name?: string;
  readonly parent?: string;
  readonly codeCommit?: string;
}

/** Parts tags into those that are kept and the properties that the others set. */
export function partTags(tags: Texts): { readonly kept: Texts; readonly properties: MirroredProperties } {
  const mirrored = Object.entries(MIRRORED_TAGS).filter(([tag]) => tags.has(tag));
  if (mirrored.length === 0) return { kept: tags, properties: {} };
  const kept = new Map(tags);
  for (const [tag] of mirrored) kept.delete(tag);
  const properties = Object.fromEntries(mirrored.map(([tag, property]) => [property, tags.get(tag)]));
  return { kept, properties };
}
