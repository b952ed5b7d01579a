import type { SourceVersion } from './facts.ts';

/** A version as MLflow tells of it, over HTTP or in a file: by the same names. */
export function versionOf(
  version: Readonly<Record<string, unknown>>,
  tags: Readonly<Record<string, string>>,
): SourceVersion {
  return {
    version: Number(version.version),
    createdAtMs: Number(version.creation_timestamp ?? 0),
    changedAtMs: Number(version.last_updated_timestamp ?? 0),
    description: String(version.description ?? ''),
    userId: String(version.user_id ?? ''),
    stage: String(version.current_stage ?? 'None'),
    source: String(version.source ?? ''),
    run: version.run_id ? String(version.run_id) : null,
    tags,
  };
}
