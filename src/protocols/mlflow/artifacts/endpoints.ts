import type { Tracking } from '#domains/tracking';
import { endpoint, type MlflowEndpoint } from '../endpoint.ts';
import { type ErrorWords, invalid, MlflowError } from '../errors.ts';
import type { Message } from '../message.ts';
import { mimeTypeOf } from './mime-type.ts';
import { nameOf, safePath } from './safe-path.ts';

const UPLOAD_SECONDS = 900;
/** A bucket signs for a week at most. */
const MAX_SECONDS = 604_800;

/** Files of runs and of logged models, listed by folder. */
export function artifactEndpoints(tracking: Tracking): readonly MlflowEndpoint[] {
  return [
    endpoint('GET', '/2.0/mlflow/artifacts/list', async ({ message }) => {
      const path = folderIn(message, 'path');
      const run = await tracking.getRun(runIn(message));
      return listing(tracking, run.artifactUri, path);
    }),
    endpoint('GET', '/2.0/mlflow/logged-models/:model_id/artifacts/directories', async ({ message, path }) => {
      const folder = folderIn(message, 'artifact_directory_path');
      const model = await tracking.getLoggedModel(path.model_id ?? '');
      return listing(tracking, model.artifactUri, folder);
    }),
    endpoint('POST', '/2.0/mlflow/artifacts/presigned-upload-url', async ({ message }) => {
      const run = message.requiredText('run_id');
      const path = safePath(message.requiredText('path'));
      const seconds = message.integer('expiration') ?? UPLOAD_SECONDS;
      if (seconds < 1 || seconds > MAX_SECONDS) {
        throw message.invalidValue('expiration', `It must be between 1 and ${MAX_SECONDS} seconds.`);
      }
      const { artifactUri } = await tracking.getRun(run);
      const scheme = /^(https?|mlflow-artifacts):/i.exec(artifactUri)?.[1];
      if (scheme === undefined) {
        const files = tracking.filesAt(artifactUri);
        if (!files.sign) throw notSupported('Presigned upload');
        const contentType = mimeTypeOf(nameOf(path));
        const url = await files.sign(path, { to: 'write', seconds, contentType });
        return { presigned_url: url, headers: { 'Content-Type': contentType } };
      }
      throw invalid(
        'Presigned upload is not supported for runs with proxied artifact storage ' +
          `(artifact URI scheme: ${scheme}). This endpoint requires a run with a direct cloud storage artifact URI.`,
      );
    }),
  ];
}

export const artifactWords: ErrorWords = {
  TRACKING_ARTIFACT_NOT_FOUND: ({ path }) => ['RESOURCE_DOES_NOT_EXIST', `No such artifact: '${path}'`],
};

/** Clients read the beginning of this text to try another way. */
export function notSupported(what: 'Multipart download' | 'Presigned upload'): MlflowError {
  return new MlflowError('NOT_IMPLEMENTED', `${what} is not supported for the current artifact repository`);
}

export function noSuchArtifact(path: string): MlflowError {
  return new MlflowError('RESOURCE_DOES_NOT_EXIST', `No such artifact: '${path}'`);
}

/** What a folder holds, as MLflow tells it. @param prefix what comes before the names */
export async function filesOfFolder(tracking: Tracking, uri: string, folder: string, prefix: string) {
  const entries = await tracking.filesAt(uri).list(folder);
  const files = entries.map(({ name, sizeBytes }) => ({
    path: prefix === '' ? name : `${prefix}/${name}`,
    is_dir: sizeBytes === null,
    // MLflow leaves out a size of nothing.
    ...(sizeBytes === null || sizeBytes === 0 ? {} : { file_size: sizeBytes }),
  }));
  return files.length === 0 ? {} : { files };
}

async function listing(tracking: Tracking, uri: string, folder: string): Promise<object> {
  return { ...(await filesOfFolder(tracking, uri, folder, folder)), root_uri: uri };
}

function folderIn(message: Message, name: string): string {
  return safePath(message.text(name) ?? '');
}

function runIn(message: Message): string {
  const run = message.text('run_id') || message.text('run_uuid');
  if (!run) throw message.missing('run_id');
  return run;
}
