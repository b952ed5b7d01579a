import { resolve } from 'node:path';
import { type FileTree, openFileTree } from '#platform/blob';
import type { Config } from '../config.ts';

type PlacesConfig = Pick<
  Config,
  | 'dataFolder'
  | 'databaseUrl'
  | 'blobUrl'
  | 'artifactRoot'
  | 'artifactsDestination'
  | 'serveArtifacts'
  | 'artifactLocations'
>;

/** Files of runs that lie in folders of this machine and in buckets: which of them the server reads and writes. */
export function artifactPlaces(config: PlacesConfig, env: NodeJS.ProcessEnv = process.env) {
  const { artifactsDestination, artifactRoot, artifactLocations } = config;
  const root = placeOf(artifactRoot);
  const allowed = artifactLocations === 'any' ? 'any' : artifactLocations.map(placeOf);
  const hidden = [config.dataFolder, localFile(config.databaseUrl), localFile(config.blobUrl)]
    .flatMap((path) => (path === undefined ? [] : [path, `${path}-wal`, `${path}-shm`]))
    .map((path) => resolve(path));

  function open(uri: string): FileTree | undefined {
    const place = placeOf(uri);
    if (!place) return undefined;
    const inRoot = root !== undefined && isWithin(place, root);
    if (!inRoot && allowed !== 'any' && !allowed.some((one) => one && isWithin(place, one))) return undefined;
    if (place.kind === 'folder') {
      // The operator may put the root below the data folder; then that much of it is meant to be read.
      const except = hidden.filter((path) => !(inRoot && isWithin(root, { kind: 'folder', path, query: '' })));
      return openFileTree(place.path, { except });
    }
    // Whoever names a bucket must not choose whom the server sends its credentials to.
    const settings = (inRoot && root.query) || environmentSettings(env);
    return openFileTree(`s3:/${place.path}${settings}`);
  }

  return {
    destination: artifactsDestination === undefined ? undefined : openDestination(artifactsDestination, env),
    serves: config.serveArtifacts,
    open,
    isOurs(uri: string) {
      const place = placeOf(uri);
      return place !== undefined && root !== undefined && isWithin(place, root);
    },
  };
}

/** A folder of this machine, or a bucket with its prefix as `/bucket/prefix`. */
interface Place {
  readonly kind: 'folder' | 's3';
  readonly path: string;
  /** Settings of a bucket, with the question mark. */
  readonly query: string;
}

function placeOf(uri: string): Place | undefined {
  const bucket = /^s3:\/(\/[^/?#]+[^?#]*)(\?[^#]*)?$/i.exec(uri);
  if (bucket) {
    const path = (bucket[1] ?? '').replace(/\/+$/, '');
    // A URL takes steps that are written with percent signs, too.
    const stepped = path.split('/').some((name) => ['.', '..', undefined].includes(decoded(name)));
    return stepped ? undefined : { kind: 's3', path, query: bucket[2] ?? '' };
  }
  const path = localPath(uri);
  return path === undefined || path.includes('\0') ? undefined : { kind: 'folder', path: resolve(path), query: '' };
}

function localPath(uri: string): string | undefined {
  const file = /^file:(?:\/\/(?:localhost)?(?=\/))?(.*)$/i.exec(uri)?.[1];
  if (file !== undefined) return file.startsWith('//') ? undefined : decoded(file);
  return uri === '' || /^[a-z][a-z0-9+.-]*:/i.test(uri) ? undefined : uri;
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function isWithin(place: Place, outer: Place): boolean {
  const { path } = outer;
  if (place.kind !== outer.kind || (place.query !== outer.query && place.query !== '')) return false;
  return place.path === path || place.path.startsWith(path.endsWith('/') ? path : `${path}/`);
}

/** The variable by which MLflow is told of a server that speaks S3. */
function environmentSettings(env: NodeJS.ProcessEnv): string {
  const endpoint = env.MLFLOW_S3_ENDPOINT_URL;
  return endpoint ? `?endpoint=${encodeURIComponent(endpoint)}&forcePathStyle=true` : '';
}

function openDestination(uri: string, env: NodeJS.ProcessEnv): FileTree {
  return openFileTree(uri.startsWith('s3:') && !uri.includes('?') ? uri + environmentSettings(env) : uri);
}

/** The file or folder of a URL of a database or of blobs, if it is one of this machine. */
function localFile(url: string): string | undefined {
  return /^(?:sqlite|file):(?:\/\/(?=\/))?(.+)$/.exec(url)?.[1];
}
