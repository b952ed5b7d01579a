import { aliasVerbs } from './aliases.ts';
import { cardVerbs } from './cards/cards.ts';
import { catalogSearchVerbs } from './catalog/search.ts';
import { comparisonVerbs } from './comparing/verbs.ts';
import { fileVerbs, sizeOfOnnxFile } from './files.ts';
import { gateVerbs } from './gates.ts';
import { modelChangeVerbs } from './model-changes.ts';
import { modelVerbs } from './models.ts';
import { environmentVerbs } from './promotions/environments.ts';
import { promotionVerbs } from './promotions/promotions.ts';
import { openRoom, type RegistryOptions } from './room.ts';
import { catalogVerbs } from './search/catalog.ts';
import { versionChangeVerbs } from './version-changes.ts';
import { versionVerbs } from './versions.ts';

export type Registry = ReturnType<typeof createRegistry>;

/**
 * The verbs of the registry: models, their versions, aliases that name versions, and gates that judge them.
 * Its `load` fills serving's `ModelSource` port.
 */
export function createRegistry(options: RegistryOptions) {
  const room = openRoom(options);
  const models = modelVerbs(room);
  const versions = versionVerbs(room, (digest) => sizeOfOnnxFile(room, digest));
  const promotions = promotionVerbs(room, options.rolesOf ?? noRoles);
  return {
    ...models,
    ...modelChangeVerbs(room, models.getModel),
    ...fileVerbs(room),
    ...versions,
    ...versionChangeVerbs(room, versions.getVersion),
    ...aliasVerbs(room),
    ...gateVerbs(room),
    ...environmentVerbs(room),
    ...promotions,
    ...cardVerbs(room, { ...versions, ...promotions }),
    ...comparisonVerbs(room, versions.getVersion),
    ...catalogVerbs(room),
    ...catalogSearchVerbs(room),
  };
}

/** Where there are no users nobody has a role. */
const noRoles = async () => [];
