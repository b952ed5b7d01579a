import { aliasVerbs } from './aliases.ts';
import { fileVerbs, sizeOfOnnxFile } from './files.ts';
import { gateVerbs } from './gates.ts';
import { modelVerbs } from './models.ts';
import { openRoom, type RegistryOptions } from './room.ts';
import { versionVerbs } from './versions.ts';

export type Registry = ReturnType<typeof createRegistry>;

/**
 * The verbs of the registry: models, their immutable versions, aliases that name versions, and gates that judge them.
 * Its `load` fills serving's `ModelSource` port.
 */
export function createRegistry(options: RegistryOptions) {
  const room = openRoom(options);
  return {
    ...modelVerbs(room),
    ...fileVerbs(room),
    ...versionVerbs(room, (digest) => sizeOfOnnxFile(room, digest)),
    ...aliasVerbs(room),
    ...gateVerbs(room),
  };
}
