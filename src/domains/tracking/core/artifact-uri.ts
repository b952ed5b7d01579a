/**
 * Puts parts below a URI: `s3://bucket/a?version=1` and `b` make `s3://bucket/a/b?version=1`, `mlflow-artifacts:/` and
 * `1` make `mlflow-artifacts:/1`.
 */
export function belowUri(uri: string, ...parts: readonly string[]): string {
  const query = uri.indexOf('?');
  const path = query < 0 ? uri : uri.slice(0, query);
  const below = parts.join('/');
  return `${path}${path.endsWith('/') ? '' : '/'}${below}${query < 0 ? '' : uri.slice(query)}`;
}

/** What is wrong with a place for artifacts, if anything. */
export function locationProblem(location: string): string | undefined {
  const tooLong = lengthProblem(location);
  if (tooLong) return tooLong;
  if (location.includes('#')) return "URL can't include fragments or params";
  if (/^[a-z][a-z0-9+.-]*:/i.test(location) && location.includes(';')) return "URL can't include fragments or params";
  if (/\?.*\.\./.test(location)) return 'has a query with .. in it';
  if (/^runs:/i.test(location)) return 'cannot be a runs:/ URL: that is where files of a run are, not where they go';
  return undefined;
}

const MAX_LOCATION = 2048;

/** Whether a place is longer than what the API says of places. */
export function lengthProblem(location: string): string | undefined {
  if (location.length <= MAX_LOCATION) return undefined;
  return `has ${location.length} characters and may have ${MAX_LOCATION}`;
}

/** A local path without a scheme, or a `file:` URI with a relative path: `./here`, `file:here`. */
export function localPathIn(location: string): { readonly scheme: '' | 'file:'; readonly path: string } | undefined {
  if (/^file:(?!\/)/i.test(location)) return { scheme: 'file:', path: location.slice('file:'.length) };
  if (/^[a-z][a-z0-9+.-]*:/i.test(location)) return undefined;
  return { scheme: '', path: location };
}

const HTTP_ROUTE = '/api/2.0/mlflow-artifacts/artifacts';

/**
 * The path below this server's own files that a URI names, empty for their root: of `mlflow-artifacts:` whatever host it
 * names, and of an address of MLflow's artifact proxy. Undefined for other places, and for a path that climbs.
 */
export function ownPathIn(uri: string): string | undefined {
  const proxied = /^mlflow-artifacts:(?:\/\/[^/]*)?(.*)$/i.exec(uri)?.[1] ?? httpPath(uri);
  if (proxied === undefined) return undefined;
  const names = proxied.split('/').filter((name) => name !== '' && name !== '.');
  return names.includes('..') ? undefined : names.join('/');
}

/** Whether files below one place may be files below the other too. */
export function placesOverlap(one: string, other: string): boolean {
  const [a, b] = [`${plainPlace(one)}/`, `${plainPlace(other)}/`];
  return a.startsWith(b) || b.startsWith(a);
}

/** A place in one spelling, whichever it was written in. */
function plainPlace(uri: string): string {
  const own = ownPathIn(uri);
  if (own !== undefined) return own === '' ? 'own:' : `own:/${own}`;
  const file = /^file:(?:\/\/[^/]*)?(\/.*)$/i.exec(uri)?.[1];
  if (file !== undefined) return plainPath(decodedOnce(file));
  const path = localPathIn(uri)?.path;
  if (path !== undefined) return plainPath(path);
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:)([^?#]*)/i.exec(uri) ?? [];
  return scheme.toLowerCase() + plainPath(decodedOnce(rest));
}

/** A path without empty names and steps. */
function plainPath(path: string): string {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return names.map((name) => `/${name}`).join('');
}

function decodedOnce(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function httpPath(uri: string): string | undefined {
  if (!/^https?:\/\//i.test(uri)) return undefined;
  const at = uri.indexOf(HTTP_ROUTE);
  const path = at < 0 ? undefined : uri.slice(at + HTTP_ROUTE.length);
  return path === '' || path?.startsWith('/') ? path : undefined;
}
