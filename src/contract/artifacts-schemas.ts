import { type Static, type TSchema, Type } from 'typebox';

const OrNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Size = Type.Integer({ description: 'Size, bytes.' });
const Digest = OrNull(
  Type.String({
    description:
      'SHA-256 of its bytes, 64 hex digits; null where files lie in a folder or bucket that others write too.',
  }),
);
const ContentType = Type.String({ description: 'Media type, from the ending of its path.' });

export const ArtifactEntry = Type.Object({
  path: Type.String({ description: 'Path inside the run.' }),
  sizeBytes: Size,
  digest: Digest,
  contentType: ContentType,
  createdAtMs: Type.Integer({ description: 'When it was stored, ms since the epoch.' }),
});
export type ArtifactEntry = Static<typeof ArtifactEntry>;

const ArtifactKind = Type.Union(
  [
    Type.Literal('image'),
    Type.Literal('audio'),
    Type.Literal('video'),
    Type.Literal('table'),
    Type.Literal('html'),
    Type.Literal('markdown'),
    Type.Literal('plotly'),
    Type.Literal('vega'),
    Type.Literal('confusion-matrix'),
    Type.Literal('roc-curve'),
    Type.Literal('pr-curve'),
    Type.Literal('json'),
    Type.Literal('code'),
    Type.Literal('text'),
    Type.Literal('pdf'),
    Type.Literal('binary'),
  ],
  {
    description:
      'What it is. A listing tells it by the name alone; a preview looks into JSON: a table of log_table, a Plotly figure, a Vega chart, a confusion matrix, a ROC or PR curve.',
  },
);

const ArtifactFolderEntry = Type.Object({
  name: Type.String({ description: 'Name inside its folder.' }),
  path: Type.String({ description: 'Path from the root of the artifacts.' }),
  isFolder: Type.Boolean({ description: 'True for a folder.' }),
  sizeBytes: OrNull(Type.Integer({ description: 'Size of a file, bytes; null for a folder.' })),
  kind: OrNull(ArtifactKind),
  contentType: OrNull(Type.String({ description: 'Media type of a file; null for a folder.' })),
});

export const ArtifactFolder = Type.Object({
  rootUri: Type.String({ description: 'Where the artifacts are kept, as clients of MLflow name it.' }),
  folder: Type.String({ description: 'The folder asked for; empty for the root.' }),
  entries: Type.Array(ArtifactFolderEntry, { description: 'What it holds directly, by name; folders first.' }),
});
export type ArtifactFolder = Static<typeof ArtifactFolder>;

const Cell = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);

const TablePreview = Type.Object({
  columns: Type.Array(
    Type.Object({
      name: Type.String({ description: 'Name of the column.' }),
      type: Type.Union([Type.Literal('number'), Type.Literal('text'), Type.Literal('flag'), Type.Literal('other')], {
        description: 'What its cells are.',
      }),
    }),
  ),
  rows: Type.Array(Type.Array(Cell), {
    description: 'The first rows, each with a cell a column; what is neither number, text nor flag stands as text.',
  }),
  totalRows: OrNull(Type.Integer({ description: 'How many rows it has, a count; null when only its start was read.' })),
});

const CurvePreview = Type.Object({
  name: Type.String({ description: 'What the curve is of, e.g. a class; may be empty.' }),
  x: Type.Array(Type.Number(), { description: 'ROC: false positive rate; PR: recall. Fractions from 0 to 1.' }),
  y: Type.Array(Type.Number(), { description: 'ROC: true positive rate; PR: precision. Fractions from 0 to 1.' }),
});

export const ArtifactPreview = Type.Object({
  path: Type.String({ description: 'Path from the root of the artifacts.' }),
  kind: ArtifactKind,
  contentType: ContentType,
  sizeBytes: Size,
  digest: Digest,
  language: OrNull(Type.String({ description: 'Language of code or text by its ending, e.g. python, yaml.' })),
  table: OrNull(TablePreview),
  text: OrNull(
    Type.Object({
      content: Type.String({ description: 'The text, or its start.' }),
      complete: Type.Boolean({ description: 'False when it goes on.' }),
    }),
  ),
  chart: OrNull(Type.Unknown({ description: 'Plotly: the figure with data and layout; Vega: the specification.' })),
  matrix: OrNull(
    Type.Object({
      labels: Type.Array(Type.String(), { description: 'Names of the classes.' }),
      counts: Type.Array(Type.Array(Type.Number()), {
        description: 'A row a true class, a column a predicted one; counts.',
      }),
    }),
  ),
  curves: OrNull(Type.Array(CurvePreview)),
});
export type ArtifactPreview = Static<typeof ArtifactPreview>;
