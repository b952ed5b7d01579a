import { type Static, type TSchema, Type } from 'typebox';
import { operation } from '#platform/operation';

const Nullable = <Schema extends TSchema>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const Texts = (what: string) => Type.Array(Type.String(), { description: what });
const Tags = (what: string) => Type.Record(Type.String(), Type.String(), { description: what });

export const CatalogVersion = Type.Object({
  version: Type.Integer({ description: 'Number of the version.' }),
  ref: Type.String({ description: 'Reference of the version.' }),
  description: Type.String({ description: 'For people.' }),
  run: Nullable(Type.String(), 'The run that made it; null when unknown.'),
  data: Texts('Data commits it was trained on.'),
  codeCommit: Nullable(Type.String(), 'Commit of the code; null when unknown.'),
  metrics: Type.Record(Type.String(), Type.Number(), {
    description: 'Figures by name: its own, or where it has none those of its run.',
  }),
  tags: Tags('Its tags.'),
  aliases: Texts('Aliases that name it.'),
  environments: Texts('Environments it is in.'),
  gatePassed: Nullable(Type.Boolean(), 'Verdict of its latest gate; null when none was run.'),
  registeredBy: Type.String({ description: 'Who registered it.' }),
  createdAtMs: Type.Integer({ description: 'When it was registered, ms since the epoch.' }),
});
export type CatalogVersion = Static<typeof CatalogVersion>;

export const CatalogEntry = Type.Object({
  model: Type.String({ description: 'Name of the model.' }),
  description: Type.String({ description: 'What the model is for.' }),
  tags: Tags('Tags of the model.'),
  versions: Type.Integer({ description: 'Versions of the model.' }),
  matching: Type.Integer({ description: 'Versions of the model that match; 0 when the model alone does.' }),
  version: Nullable(CatalogVersion, 'The first of the versions that match; null when the model has none.'),
});
export type CatalogEntry = Static<typeof CatalogEntry>;

export const registryCatalogOperations = {
  searchCatalog: operation({
    id: 'registry.searchCatalog',
    method: 'GET',
    path: '/api/catalog',
    summary: 'Finds models and versions by words, names, tags, metrics, columns, lineage, aliases and environments.',
    description:
      "Filter: `metrics.test.auc > 0.7 and column = 'origin' and environment = 'production'`. Names are metrics.<key>, " +
      'params.<key> (of the run), tags.<key> (of the version, or else of the model), columns.<name> (its type), and the ' +
      'attributes model, version, description, run, run_name, code, data, dataset, column, alias, environment, stage, gate ' +
      '(passed, failed, none), registered_by, created, size_bytes, digest. Operators: = != > >= < <= like ilike in, ' +
      'not in, is null, with and, or, not and parentheses; of several values, such as aliases, one must do.',
    query: Type.Object({
      text: Type.Optional(
        Type.String({
          maxLength: 500,
          description: 'Words that must all stand somewhere in the model or the version.',
        }),
      ),
      filter: Type.Optional(Type.String({ maxLength: 10_000, description: 'Which; all if left out.' })),
      orderBy: Type.Optional(
        Type.String({ maxLength: 600, description: '`metrics.test.auc desc`; by model and newest first if left out.' }),
      ),
      each: Type.Optional(
        Type.Enum(['model', 'version'], { default: 'model', description: 'An entry a model, or one a version.' }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Entries at most.' })),
      pageToken: Type.Optional(Type.String({ maxLength: 200, description: 'Of an answer to the same search.' })),
    }),
    response: Type.Object({
      entries: Type.Array(CatalogEntry, { description: 'In the order asked for.' }),
      total: Type.Integer({ description: 'Entries on all pages.' }),
      nextPageToken: Nullable(Type.String(), 'For the next page; null on the last.'),
    }),
    errors: ['REGISTRY_CATALOG_FILTER_INVALID', 'REGISTRY_CATALOG_PAGE_INVALID'],
  }),
};
