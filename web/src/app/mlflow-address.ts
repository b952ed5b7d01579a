/** A page of ours, for an address of MLflow's page. */
export type PageMeant =
  | { readonly page: 'experiments' }
  /** An experiment by its number, which our addresses do not name. */
  | { readonly page: 'experiment' | 'traces'; readonly id: string }
  | { readonly page: 'run' | 'model' | 'trace'; readonly id: string }
  | { readonly page: 'version'; readonly id: string; readonly version: string }
  | { readonly page: 'compare'; readonly runs: readonly string[] }
  | { readonly page: 'models' };

/**
 * What an address of MLflow's page means, which its clients print and people keep: the part behind `#`, such as
 * `/experiments/1/runs/<id>`. Undefined for what is none.
 */
export function pageMeant(hash: string): PageMeant | undefined {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?');
  const parts = path.split('/').filter((part) => part !== '');
  const [place, id, inside, inner] = parts.map(decoded);
  const search = new URLSearchParams(query);
  if (place === 'compare-runs') return { page: 'compare', runs: texts(search.get('runs')) };
  if (place === 'models') {
    if (id === undefined) return { page: 'models' };
    return inside === 'versions' && inner !== undefined
      ? { page: 'version', id, version: inner }
      : { page: 'model', id };
  }
  if (place === 'runs' && id !== undefined) return { page: 'run', id };
  if (place !== 'experiments') return undefined;
  if (id === undefined) return { page: 'experiments' };
  if (inside === 'runs' && inner !== undefined) return { page: 'run', id: inner };
  if (inside !== 'traces') return { page: 'experiment', id };
  const trace = inner ?? search.get('selectedEvaluationId') ?? search.get('selectedTraceId');
  return trace === null ? { page: 'traces', id } : { page: 'trace', id: trace };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function texts(json: string | null): readonly string[] {
  try {
    const told: unknown = JSON.parse(json ?? '[]');
    return Array.isArray(told) ? told.filter((item) => typeof item === 'string') : [];
  } catch {
    return [];
  }
}
