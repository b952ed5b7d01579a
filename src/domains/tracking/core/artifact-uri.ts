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
  if (location.length > MAX_LOCATION) return `has ${location.length} characters and may have ${MAX_LOCATION}`;
  if (location.includes('#')) return "URL can't include fragments or params";
  if (/^[a-z][a-z0-9+.-]*:/i.test(location) && location.includes(';')) return "URL can't include fragments or params";
  if (/\?.*\.\./.test(location)) return 'has a query with .. in it';
  if (/^runs:/i.test(location)) return 'cannot be a runs:/ URL: that is where files of a run are, not where they go';
  return undefined;
}

const MAX_LOCATION = 2048;

/** A local path without a scheme, or a `file:` URI with a relative path: `./here`, `file:here`. */
export function localPathIn(location: string): { readonly scheme: '' | 'file:'; readonly path: string } | undefined {
  if (/^file:(?!\/)/i.test(location)) return { scheme: 'file:', path: location.slice('file:'.length) };
  if (/^[a-z][a-z0-9+.-]*:/i.test(location)) return undefined;
  return { scheme: '', path: location };
}
