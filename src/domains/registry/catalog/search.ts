import type { CatalogEntry, CatalogVersion } from '#contract';
import type { Principal } from '#platform/http';
import { comparator, type Field, type FieldValue, fieldsOf, type Lookup, matcher, type Order } from '#platform/search';
import { PROMPT_TAG, versionRef } from '../model.ts';
import type { RunFacts } from '../ports.ts';
import type { Room } from '../room.ts';
import type { StoredModel } from '../store/model-store.ts';
import type { Tags } from '../store/tag-store.ts';
import { catalogErrors } from './errors.ts';
import { type CatalogRow, CatalogStore } from './store.ts';
import { type Attribute, parseCatalogFilter, parseCatalogOrder } from './vocabulary.ts';

export interface CatalogSearch {
  readonly text?: string | undefined;
  readonly filter?: string | undefined;
  readonly orderBy?: string | undefined;
  readonly each: 'model' | 'version';
  readonly limit: number;
  readonly pageToken?: string | undefined;
}

interface CatalogPage {
  readonly entries: CatalogEntry[];
  readonly total: number;
  readonly nextPageToken: string | null;
}

/** A model with one of its versions, or a model that has none. */
interface Item {
  readonly model: StoredModel;
  readonly modelTags: Tags;
  readonly versions: number;
  readonly row: CatalogRow | undefined;
  readonly tags: Tags;
  readonly aliases: readonly string[];
  readonly environments: readonly string[];
  readonly gatePassed: boolean | null;
  run: RunFacts | undefined;
}

/** Verbs of the catalog. What is looked at is read at once and kept for the time of the search alone. */
export function catalogSearchVerbs(room: Room) {
  const { runsOf, mayRead } = room.options;
  const store = new CatalogStore(room.options.database);

  /** Every version with what a search can ask of it, by model and newest first; a model without any stands alone. */
  async function readItems(reader: Principal, withColumns: boolean): Promise<Item[]> {
    const [models, modelTags, rows, tags, aliases, verdicts, environments] = await Promise.all([
      room.models.list(),
      room.tags.ofModels(),
      store.versions({ withColumns }),
      room.tags.ofVersions(),
      room.aliases.list(),
      store.verdicts(),
      store.environments(),
    ]);
    const rowsOf = Map.groupBy(rows, ({ model }) => model);
    const aliasesOf = Map.groupBy(aliases, ({ model, version }) => `${model}/${version}`);
    return models
      .filter(({ key, name }) => modelTags.get(key)?.[PROMPT_TAG]?.toLowerCase() !== 'true' && mayRead(reader, name))
      .flatMap((model): Item[] => {
        const own = rowsOf.get(model.key) ?? [];
        return [...own, ...(own.length === 0 ? [undefined] : [])].map((row) => {
          const at = `${model.key}/${row?.number}`;
          return {
            ...{ model, row, run: undefined, versions: own.length },
            modelTags: modelTags.get(model.key) ?? {},
            tags: tags.get(at) ?? {},
            aliases: (aliasesOf.get(at) ?? []).map(({ alias }) => alias),
            environments: environments.get(at) ?? [],
            gatePassed: verdicts.get(at) ?? null,
          };
        });
      });
  }

  /** Adds what the runs of items tell. */
  async function addRuns(items: readonly Item[], reader: Principal): Promise<void> {
    const runs = await runsOf([...new Set(items.flatMap(({ row }) => row?.run ?? []))], reader);
    for (const item of items) item.run = runs.get(item.row?.run ?? '');
  }

  return {
    /**
     * Models or versions that match, a page at a time.
     *
     * @throws REGISTRY_CATALOG_FILTER_INVALID, REGISTRY_CATALOG_PAGE_INVALID
     */
    async searchCatalog(search: CatalogSearch, reader: Principal): Promise<CatalogPage> {
      const condition = parseCatalogFilter(search.filter ?? '');
      const orders = search.orderBy?.trim() ? [parseCatalogOrder(search.orderBy)] : [];
      const offset = offsetOf(search.pageToken);
      const words = (search.text ?? '').toLowerCase().split(/\s+/).filter(Boolean);
      const fields = [...(condition ? fieldsOf(condition) : []), ...orders.map(({ field }) => field)];
      const withColumns = words.length > 0 || fields.some(isOfColumns);
      const items = await readItems(reader, withColumns);
      if (fields.some(isOfRun)) await addRuns(items, reader);
      const holds = condition ? matcher(condition) : () => true;
      const found = items.filter((item) => hasWords(item, words) && holds(lookupOf(item)));
      const groups = grouped(sorted(found, orders), search.each);
      const page = groups.slice(offset, offset + search.limit);
      if (!fields.some(isOfRun))
        await addRuns(
          page.flatMap(([first]) => first ?? []),
          reader,
        );
      const end = offset + page.length;
      return {
        entries: page.flatMap(([first, ...others]) => (first ? [toEntry(first, others.length + 1)] : [])),
        total: groups.length,
        nextPageToken: end < groups.length ? String(end) : null,
      };
    },
  };
}

function offsetOf(token: string | undefined): number {
  if (token === undefined) return 0;
  if (!/^[1-9]\d{0,8}$/.test(token)) throw catalogErrors.REGISTRY_CATALOG_PAGE_INVALID({});
  return Number(token);
}

function isOfColumns({ entity, key }: Field): boolean {
  return entity === 'columns' || (entity === 'attributes' && key === 'column');
}

/** Whether the run of a version may have to be asked. */
function isOfRun({ entity, key }: Field): boolean {
  if (entity === 'params' || entity === 'metrics') return true;
  return entity === 'attributes' && ['runName', 'dataset', 'code'].includes(key);
}

function hasWords(item: Item, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const { model, row } = item;
  const said = [
    ...[model.name, model.description, ...Object.entries(item.modelTags).flat(), ...Object.entries(item.tags).flat()],
    ...[...item.aliases, ...item.environments],
    ...(row ? [`v${row.number}`, row.description, row.run, row.codeCommit, row.registeredBy, ...row.inputs] : []),
    ...(row ? [...row.columns.keys(), ...row.metrics.keys()] : []),
  ];
  const text = said.join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}

function metricsOf({ row, run }: Item): ReadonlyMap<string, number> {
  if (row && row.metrics.size > 0) return row.metrics;
  return run?.metrics ?? new Map<string, number>();
}

function lookupOf(item: Item): Lookup {
  return ({ entity, key }) => {
    switch (entity) {
      case 'metrics':
        return metricsOf(item).get(key);
      case 'params':
        return item.run?.params.get(key);
      case 'tags':
        return item.tags[key] ?? item.modelTags[key];
      case 'columns':
        return item.row?.columns.get(key);
      default:
        // The vocabulary knows no other keys.
        return attributeOf(item, key as Attribute);
    }
  };
}

function attributeOf(item: Item, key: Attribute): FieldValue | readonly FieldValue[] | null | undefined {
  const { model, row, run } = item;
  switch (key) {
    case 'model':
      return model.name;
    case 'description':
      return row?.description || model.description || null;
    case 'version':
      return row?.number;
    case 'run':
      return row?.run?.replace(/^run:/, '');
    case 'runName':
      return run?.name;
    case 'code':
      return row?.codeCommit ?? run?.codeCommit;
    case 'data':
      return row?.inputs;
    case 'dataset':
      return run?.datasets.flatMap(({ name, digest }) => [name, digest]);
    case 'column':
      return row && [...row.columns.keys()];
    case 'alias':
      return item.aliases;
    case 'environment':
      return item.environments;
    case 'stage':
      return row?.stage;
    case 'gate':
      return row && (item.gatePassed === null ? 'none' : item.gatePassed ? 'passed' : 'failed');
    case 'registeredBy':
      return row?.registeredBy;
    case 'createdAt':
      return row?.createdAtMs;
    case 'size':
      return row?.sizeBytes;
    case 'digest':
      return row?.digest;
  }
}

/** Those of the same rank stay by model and newest first, as they were read. */
function sorted(items: readonly Item[], orders: readonly Order[]): readonly Item[] {
  if (orders.length === 0) return items;
  const compare = comparator(orders);
  return items
    .map((item) => ({ item, lookup: lookupOf(item) }))
    .sort((a, b) => compare(a.lookup, b.lookup))
    .map(({ item }) => item);
}

/** Items of one entry, the one to be shown first. */
function grouped(items: readonly Item[], each: CatalogSearch['each']): readonly (readonly Item[])[] {
  if (each === 'version') return items.filter(({ row }) => row).map((item) => [item]);
  return [...Map.groupBy(items, ({ model }) => model.key).values()];
}

function toEntry(item: Item, matching: number): CatalogEntry {
  const { model, modelTags, versions, row } = item;
  return {
    model: model.name,
    description: model.description,
    tags: { ...modelTags },
    versions,
    matching: row ? matching : 0,
    version: row ? toVersion(item, row) : null,
  };
}

function toVersion(item: Item, row: CatalogRow): CatalogVersion {
  return {
    version: row.number,
    ref: versionRef(row.model, row.number),
    description: row.description,
    run: row.run,
    data: [...row.inputs],
    codeCommit: row.codeCommit ?? item.run?.codeCommit ?? null,
    metrics: Object.fromEntries(metricsOf(item)),
    tags: { ...item.tags },
    aliases: [...item.aliases],
    environments: [...item.environments],
    gatePassed: item.gatePassed,
    registeredBy: row.registeredBy,
    createdAtMs: row.createdAtMs,
  };
}
