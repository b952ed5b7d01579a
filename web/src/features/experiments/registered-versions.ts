interface RegisteredVersion {
  readonly name: string;
  readonly version: string;
}

/** MLflow's clients note here what was registered from a logged model. */
const VERSIONS_TAG = 'mlflow.modelVersions';

/** The versions of registered models that a logged model became, as its tag tells them. */
export function versionsIn(tags: Readonly<Record<string, string>>): readonly RegisteredVersion[] {
  try {
    const told: unknown = JSON.parse(tags[VERSIONS_TAG] ?? '[]');
    const versions = Array.isArray(told) ? told.flatMap(versionOf) : [];
    // Numbers and their texts are noted side by side.
    return [...new Map(versions.map((one) => [`${one.version} ${one.name}`, one])).values()];
  } catch {
    // A tag that any client may set need not be JSON.
    return [];
  }
}

function versionOf(told: unknown): readonly RegisteredVersion[] {
  if (typeof told !== 'object' || told === null || !('name' in told) || !('version' in told)) return [];
  const { name, version } = told;
  return typeof name === 'string' && (typeof version === 'number' || typeof version === 'string')
    ? [{ name, version: String(version) }]
    : [];
}
