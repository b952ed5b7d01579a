import { Type } from 'typebox';
import { operation } from '#platform/operation';
import { ArtifactEntry, ArtifactFolder, ArtifactPreview } from './artifacts-schemas.ts';
import { RunId } from './tracking-schemas.ts';

export { ArtifactEntry, ArtifactPreview } from './artifacts-schemas.ts';

const OneRun = Type.Object({ run: RunId });
const ArtifactPath = Type.Object({
  run: RunId,
  path: Type.String({ description: 'Path of the artifact inside the run, e.g. plots/roc.png.' }),
});
const Of = Type.String({
  minLength: 1,
  maxLength: 600,
  description: 'Reference of whose artifacts, e.g. run:<id> or logged-model:<m-id>.',
});
const Path = Type.String({ maxLength: 1000, description: 'Path of the file among its artifacts, e.g. plots/roc.png.' });

const Writing = ['TRACKING_RUN_NOT_FOUND', 'TRACKING_RUN_DELETED'];
const Rooted = ['TRACKING_ARTIFACT_ROOT_FOREIGN', 'TRACKING_PATH_INVALID'];
const Reading = ['TRACKING_RUN_NOT_FOUND', 'TRACKING_ARTIFACT_NOT_FOUND', ...Rooted];
const Owned = ['TRACKING_ARTIFACT_OWNER_UNKNOWN', ...Reading];

/** Files of runs and of logged models, wherever they are kept. */
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
    mediaTypes: ['*/*'],
    ranges: true,
    errors: Reading,
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
  browseArtifacts: operation({
    id: 'tracking.browseArtifacts',
    method: 'GET',
    path: '/api/artifacts',
    summary: 'What a folder of artifacts holds directly: files with what they are, and folders.',
    query: Type.Object({
      of: Of,
      folder: Type.Optional(Type.String({ maxLength: 1000, description: 'The folder; the root when left out.' })),
    }),
    response: ArtifactFolder,
    errors: Owned,
  }),
  previewArtifact: operation({
    id: 'tracking.previewArtifact',
    method: 'GET',
    path: '/api/artifacts/preview',
    summary: 'What a file is and how it begins: the first rows of a table, the start of a text, a chart as JSON.',
    query: Type.Object({
      of: Of,
      path: Path,
      rows: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 1000, description: 'Rows of a table at most, 100 unless told; a count.' }),
      ),
    }),
    response: ArtifactPreview,
    errors: Owned,
  }),
  readArtifact: operation({
    id: 'tracking.readArtifact',
    method: 'GET',
    path: '/api/artifacts/file',
    summary: 'The bytes of a file, for saving; to be shown in a sandbox without scripts with inline.',
    query: Type.Object({
      of: Of,
      path: Path,
      inline: Type.Optional(Type.Boolean({ description: 'True: shown by a browser, in a sandbox, not saved.' })),
    }),
    response: 'bytes',
    mediaTypes: ['*/*'],
    ranges: true,
    errors: Owned,
  }),
};
