import { digestOf } from '#platform/digest';
import type { Database } from '#platform/sql';
import { type Order, parseColumn, parseFilter, parseOrder } from './core/filter.ts';
import { trackingErrors } from './errors.ts';
import type { Run, RunLifecycle } from './model.ts';
import { findExperimentId } from './store/experiment-store.ts';
import { ALL_COLUMNS, type Columns, readRuns } from './store/run-store.ts';
import { findRunIds } from './store/search.ts';

export interface RunSearchRequest {
  readonly experiments?: readonly string[];
  /** See `core/filter.ts`. */
  readonly filter?: string;
  /** `metrics.auc desc`; newest first if left out. */
  readonly orderBy?: readonly string[];
  readonly lifecycle?: RunLifecycle | 'all';
  readonly limit?: number;
  readonly pageToken?: string;
  /** `metrics.auc`, `params.depth`, `tags.stage`, `inputs`; all if left out. */
  readonly columns?: readonly string[];
}

export interface RunPage {
  readonly runs: readonly Run[];
  readonly nextPageToken: string | null;
}

const DEFAULT_LIMIT = 100;

export function createRunSearch(database: Database) {
  return async function searchRuns(request: RunSearchRequest): Promise<RunPage> {
    const { experiments, filter = '', orderBy = [], lifecycle = 'active', limit = DEFAULT_LIMIT } = request;
    const search = digestOf({ experiments: experiments ?? null, filter, orderBy, lifecycle }).slice(0, 16);
    const offset = request.pageToken === undefined ? 0 : offsetIn(request.pageToken, search);
    // One more than asked for tells whether there is a next page.
    const ids = await findRunIds(database, {
      experimentIds: experiments && (await idsOf(database, experiments)),
      lifecycle,
      condition: filter.trim() === '' ? undefined : parseFilter(filter),
      orders: distinct(orderBy.map(parseOrder)),
      limit: limit + 1,
      offset,
    });
    const runs = await readRuns(database, ids.slice(0, limit), columnsOf(request.columns));
    return { runs, nextPageToken: ids.length > limit ? tokenOf(offset + limit, search) : null };
  };
}

async function idsOf(database: Database, names: readonly string[]): Promise<number[]> {
  const ids: number[] = [];
  for (const name of new Set(names)) {
    const id = await findExperimentId(database, name);
    if (id === undefined) throw trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment: name });
    ids.push(id);
  }
  return ids;
}

/** An order of something that is sorted by already decides nothing. */
function distinct(orders: readonly Order[]): Order[] {
  const seen = new Set<string>();
  return orders.filter(({ field }) => {
    const name = `${field.entity}.${field.key}`;
    const fresh = !seen.has(name);
    seen.add(name);
    return fresh;
  });
}

function columnsOf(names: readonly string[] | undefined): Columns {
  if (names === undefined) return ALL_COLUMNS;
  const columns = { params: [] as string[], metrics: [] as string[], tags: [] as string[], inputs: false };
  for (const { entity, key } of names.map(parseColumn)) {
    if (entity === 'inputs') columns.inputs = true;
    else if (entity !== 'attributes') columns[entity].push(key);
  }
  return columns;
}

/** A token holds how far the search came and which search it is. */
function tokenOf(offset: number, search: string): string {
  return Buffer.from(`${search}.${offset}`).toString('base64url');
}

function offsetIn(token: string, search: string): number {
  const [of, offset] = Buffer.from(token, 'base64url').toString().split('.');
  if (of === search && offset !== undefined && /^\d{1,15}$/.test(offset)) return Number(offset);
  throw trackingErrors.TRACKING_PAGE_TOKEN_INVALID({});
}
