import type { Registry } from '#domains/registry';
import type { Tracking } from '#domains/tracking';
import { isTrimtabError } from '#platform/kernel';
import type { SourcePlaces } from '#protocols/mlflow';

/** The tag in which MLflow keeps the versions that a logged model was registered as. */
const VERSIONS_TAG = 'mlflow.modelVersions';

/** Where tracking keeps the files that registered versions point to. */
export function sourcePlaces(
  tracking: Pick<Tracking, 'getRun' | 'getLoggedModel' | 'changeLoggedModel'>,
  registry: Pick<Registry, 'versionsOfLoggedModel'>,
): SourcePlaces {
  return {
    artifactUriOfRun: (run) => ifThere(async () => (await tracking.getRun(run)).artifactUri),
    loggedModel: (id) => ifThere(() => tracking.getLoggedModel(id)),
    async noteRegistration(id) {
      // Whoever registers at the same time writes the same tag: the last to write must have seen all.
      for (let text = await registered(id); ; ) {
        await tracking.changeLoggedModel(id, { tags: new Map([[VERSIONS_TAG, text]]) });
        const now = await registered(id);
        if (now === text) return;
        text = now;
      }
    },
  };

  async function registered(id: string): Promise<string> {
    const versions = await registry.versionsOfLoggedModel(id);
    // Spaced as Python's: MLflow's clients may compare the text.
    const told = versions.map(({ name, version }) => `{"name": ${JSON.stringify(name)}, "version": ${version}}`);
    return `[${told.join(', ')}]`;
  }
}

async function ifThere<Found>(find: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await find();
  } catch (error) {
    if (isTrimtabError(error) && error.kind === 'not-found') return undefined;
    throw error;
  }
}
