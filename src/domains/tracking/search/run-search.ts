import type { Field, Order } from '#platform/search';
import { fieldsOf, pageTokens } from '#platform/search';
import type { Database } from '#platform/sql';
import { trackingErrors } from '../errors.ts';
import type { Run, RunLifecycle } from '../model.ts';
import { ALL_COLUMNS, type Columns, readRuns } from '../store/run-store.ts';
import { readExperimentNames } from '../store/search.ts';
import { ColumnStore, DEFAULT_COLUMN_BYTES } from './column-store.ts';
import { sortHits, tableAt } from './order.ts';
import type { RunColumns } from './run-columns.ts';
import { DEFAULT_DOCUMENT_BYTES, RunDocuments, type RunFormat, type RunKey } from './run-documents.ts';
import { type Selection, selectRows } from './select.ts';
import { STANDING_FROM } from './standing-order.ts';
import { runField, runFilter, runOrders } from './vocabulary.ts';

/** How much memory searches may keep. */
export interface SearchMemory {
  readonly columnBytes?: number;
  readonly documentBytes?: number;
  /** Runs of an experiment from which they are kept in the orders that are asked for. */
  readonly standingFrom?: number;
}

/** Which runs are meant. */
export interface RunSelection {
  /** Names; all experiments if left out. */
  readonly experiments?: readonly string[];
  /** See `vocabulary.ts` and the grammar in `#platform/search`. */
  readonly filter?: string;
  readonly lifecycle?: RunLifecycle | 'all';
}

export interface RunSearchRequest extends RunSelection {
  /** `metrics.auc desc`; newest first if left out. */
  readonly orderBy?: readonly string[];
  readonly limit?: number;
  readonly pageToken?: string;
  /** `metrics.auc`, `params.depth`, `tags.stage`, `inputs`; all if left out. */
  readonly columns?: readonly string[];
}

export interface RunPage {
  readonly runs: readonly Run[];
  readonly nextPageToken: string | null;
}

/** A search by numbers of experiments and by offset, as protocols ask; numbers that nothing has are passed over. */
export interface RunDocumentsRequest {
  readonly experimentIds: readonly number[];
  readonly filter?: string;
  /** A field that comes twice is refused. */
  readonly orderBy?: readonly string[];
  readonly lifecycle?: RunLifecycle | 'all';
  readonly offset: number;
  readonly limit: number;
}

export interface RunDocumentsPage {
  readonly texts: readonly string[];
  /** Whether there are runs on further pages. */
  readonly more: boolean;
}

const DEFAULT_LIMIT = 100;

/** What other searches of runs build on. */
export type RunSearch = ReturnType<typeof createRunSearch>;

export function createRunSearch(database: Database, memory: SearchMemory = {}) {
  const columns = new ColumnStore(database, memory.columnBytes ?? DEFAULT_COLUMN_BYTES);
  const standingFrom = memory.standingFrom ?? STANDING_FROM;
  const documents = new RunDocuments(database, memory.documentBytes ?? DEFAULT_DOCUMENT_BYTES);

  /** Looks at the runs of experiments with their names known. */
  async function look<Result>(
    experiments: ReadonlyMap<number, string>,
    fields: readonly Field[],
    see: (tables: readonly RunColumns[]) => Result,
  ): Promise<Result> {
    return columns.look([...experiments.keys()], fields, (tables) => {
      for (const table of tables) table.experimentName = experiments.get(table.experiment) ?? '';
      return see(tables);
    });
  }

  /** @throws TRACKING_EXPERIMENT_NOT_FOUND */
  async function experimentsOf(names: readonly string[] | undefined): Promise<ReadonlyMap<number, string>> {
    if (names?.length === 0) return new Map();
    const known = await readExperimentNames(database, names && [...new Set(names)]);
    const found = new Set(known.values());
    const missing = names?.find((name) => !found.has(name));
    if (missing !== undefined) throw trackingErrors.TRACKING_EXPERIMENT_NOT_FOUND({ experiment: missing });
    return known;
  }

  async function searchRuns(request: RunSearchRequest): Promise<RunPage> {
    const { experiments, filter = '', orderBy = [], lifecycle = 'active', limit = DEFAULT_LIMIT } = request;
    const pages = pageTokens({ experiments: experiments ?? null, filter, orderBy, lifecycle }, () =>
      trackingErrors.TRACKING_PAGE_TOKEN_INVALID({}),
    );
    const offset = pages.offsetOf(request.pageToken);
    const wanted = columnsOf(request.columns);
    const selection: Selection = { lifecycle, condition: runFilter(filter) };
    const orders = runOrders(orderBy, 'ignore');
    const fields = [...orders.map(({ field }) => field), ...(selection.condition ? fieldsOf(selection.condition) : [])];
    const { keys, more } = await look(await experimentsOf(experiments), fields, (tables) => {
      return pageOf(tables, selection, orders, { offset, limit });
    });
    const ids = keys.map(({ id }) => id);
    const runs = await readRuns(database, ids, wanted);
    return { runs, nextPageToken: pages.tokenOf(more ? offset + limit : null) };
  }

  async function searchRunDocuments(request: RunDocumentsRequest, format: RunFormat): Promise<RunDocumentsPage> {
    const { filter = '', orderBy = [], lifecycle = 'active', offset, limit } = request;
    const selection: Selection = { lifecycle, condition: runFilter(filter) };
    const orders = runOrders(orderBy, 'refuse');
    const fields = [...orders.map(({ field }) => field), ...(selection.condition ? fieldsOf(selection.condition) : [])];
    const usesNames = fields.some(({ entity, key }) => entity === 'attributes' && key === 'experiment');
    const names = usesNames ? await readExperimentNames(database) : new Map<number, string>();
    const experiments = new Map([...new Set(request.experimentIds)].map((id) => [id, names.get(id) ?? '']));
    const { keys, more } = await look(experiments, fields, (tables) => {
      return pageOf(tables, selection, orders, { offset, limit });
    });
    return { texts: await documents.write(keys, format), more };
  }

  /** Ids and revisions of the runs of a page, and whether there are more. */
  function pageOf(
    tables: readonly RunColumns[],
    selection: Selection,
    orders: readonly Order[],
    { offset, limit }: { readonly offset: number; readonly limit: number },
  ): { keys: RunKey[]; more: boolean } {
    const wanted = offset + limit + 1;
    const rows = tables.map(
      (table) =>
        (table.rows >= standingFrom ? table.orders.first(selection, orders, wanted) : undefined) ??
        selectRows(table, selection),
    );
    const hits = sortHits(tables, rows, orders, wanted);
    const end = Math.min(hits.rowOf.length, offset + limit);
    const keys: RunKey[] = [];
    for (let hit = offset; hit < end; hit++) {
      const table = tableAt(hits, hit);
      const row = hits.rowOf[hit] as number;
      keys.push({ id: table.ids.get(row), revision: table.revisionAt(row) });
    }
    return { keys, more: hits.rowOf.length > end };
  }

  return { look, experimentsOf, searchRuns, searchRunDocuments };
}

function columnsOf(names: readonly string[] | undefined): Columns {
  if (names === undefined) return ALL_COLUMNS;
  const columns = { params: [] as string[], metrics: [] as string[], tags: [] as string[], inputs: false };
  for (const name of names) {
    if (name === 'inputs') {
      columns.inputs = true;
      continue;
    }
    const { entity, key } = runField(name);
    if (entity === 'inputs' || entity === 'datasets') columns.inputs = true;
    else if (entity === 'params' || entity === 'tags') columns[entity].push(key);
    else if (entity !== 'attributes') columns.metrics.push(key);
  }
  return columns;
}
