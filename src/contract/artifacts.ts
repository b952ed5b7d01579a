import { Type } from 'typebox';
import { operation } from '#platform/operation';
import { ArtifactEntry } from './artifacts-schemas.ts';
import { RunId } from './tracking-schemas.ts';

export { ArtifactEntry } from './artifacts-schemas.ts';

const OneRun = Type.Object({ run: RunId });
const ArtifactPath = Type.Object({
  run: RunId,
  path: Type.String({ description: 'Path of the artifact inside the run, e.g. plots/roc.png.' }),
});
const Writing = ['TRACKING_RUN_NOT_FOUND', 'TRACKING_RUN_DELETED'];
const Rooted = ['TRACKING_ARTIFACT_ROOT_FOREIGN', 'TRACKING_PATH_INVALID'];
/** Files of runs. */
export const artifactOperations = {
  listArtifacts: operation({
    id: 'tracking.listArtifacts',
    method: 'GET',
    path: '/api/runs/:run/artifacts',
    summary: 'All files of a run, by path.',
    params: OneRun,
    query: Type.Object({
      under: Type.Optional(Type.String({ description: 'Only inside this folder, e.g. plots.' })),
    }),
    response: Type.Object({ artifacts: Type.Array(ArtifactEntry) }),
    errors: ['TRACKING_RUN_NOT_FOUND', ...Rooted],
  }),
  putArtifact: operation({
    id: 'tracking.putArtifact',
    method: 'PUT',
    path: '/api/runs/:run/artifacts/*',
    summary: 'Stores a file with a run; a file of the same path is replaced.',
    params: ArtifactPath,
    body: 'bytes',
    bodyLimitBytes: 1024 ** 4,
    response: ArtifactEntry,
    errors: [...Writing, 'BLOB_KEY_INVALID', ...Rooted],
  }),
  getArtifact: operation({
    id: 'tracking.getArtifact',
    method: 'GET',
    path: '/api/runs/:run/artifacts/*',
    summary: 'The bytes of a file of a run, or the part of them that a Range header asks for.',
    params: ArtifactPath,
    response: 'bytes',
    errors: ['TRACKING_RUN_NOT_FOUND', 'TRACKING_ARTIFACT_NOT_FOUND', ...Rooted],
  }),
  deleteArtifact: operation({
    id: 'tracking.deleteArtifact',
    method: 'DELETE',
    path: '/api/runs/:run/artifacts/*',
    summary: 'Deletes a file or a folder of a run for good; one that is not there is no mistake.',
    params: ArtifactPath,
    response: 'none',
    errors: [...Writing, ...Rooted],
  }),
};
