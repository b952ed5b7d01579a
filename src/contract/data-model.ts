import { type Static, Type } from 'typebox';

/** Any text but the zero character, which a database may refuse. */
export const NO_ZERO = '^[^\\u0000]*$';
export const Name = (of: string) =>
  Type.String({ minLength: 1, maxLength: 128, pattern: NO_ZERO, description: `Name of ${of}.` });
const Text = (description: string) => Type.String({ description });
const At = (what: string) => Type.Integer({ description: `${what}, ms since the epoch, UTC.` });
const Count = (description: string) => Type.Integer({ minimum: 0, description });
const Digest = (of: string) =>
  Type.String({ pattern: '^[0-9a-f]{64}$', description: `SHA-256 of ${of}, 64 hex digits.` });
export const CommitId = (description: string) => Type.String({ pattern: '^[0-9a-f]{64}$', description });
export const RefText = (description: string) =>
  Type.String({ minLength: 1, maxLength: 128, pattern: NO_ZERO, description });
export const Path = Type.String({
  minLength: 1,
  maxLength: 1024,
  description: 'Path in the repository: names joined by /, such as raw/2001-01.parquet.',
});

export const TableFacts = Type.Object({
  format: Type.Union([Type.Literal('parquet'), Type.Literal('csv'), Type.Literal('json')], {
    description: 'How the table is written.',
  }),
  rowCount: Count('Rows, without a header line.'),
  columns: Type.Array(
    Type.Object({
      name: Text('Name of the column.'),
      type: Text('SQL type of its values, such as BIGINT, DOUBLE, VARCHAR, TIMESTAMP.'),
    }),
    { description: 'Columns in the order of the file.' },
  ),
});
export type TableFacts = Static<typeof TableFacts>;

const Table = Type.Union([TableFacts, Type.Null()], { description: 'Schema and row count; null for other files.' });

export const Branch = Type.Object({
  name: Name('the branch'),
  head: CommitId('Id of the commit it points to.'),
  movedAtMs: At('When it was last moved'),
});
export type Branch = Static<typeof Branch>;

export const Tag = Type.Object({
  name: Name('the tag'),
  commit: CommitId('Id of the commit it names, for ever.'),
  createdBy: Text('Who made it.'),
  createdAtMs: At('When it was made'),
});
export type Tag = Static<typeof Tag>;

export const Commit = Type.Object({
  id: CommitId('SHA-256 of the tree, parents, message, author and meta.'),
  ref: Text('Typed reference of the commit: commit:<repository>/<id>.'),
  repository: Name('the repository'),
  parents: Type.Array(CommitId('Id of a commit it follows.'), { description: 'Empty for the first commit.' }),
  message: Text('What changed and why.'),
  author: Text('Who made it.'),
  createdAtMs: At('When it was made'),
  meta: Type.Record(Type.String(), Type.Unknown(), { description: 'Facts its maker attached, any JSON.' }),
  entries: Count('Files it holds.'),
  sizeBytes: Count('Sum of the sizes of its files, bytes.'),
});
export type Commit = Static<typeof Commit>;

export const Repository = Type.Object({
  name: Name('the repository'),
  description: Text('What it holds, for people; may be empty.'),
  defaultBranch: Name('the branch that is meant when none is named'),
  createdBy: Text('Who made it.'),
  createdAtMs: At('When it was made'),
  commits: Count('Commits on all branches, the first empty one included.'),
  latest: Type.Union([Commit, Type.Null()], { description: 'Head of the default branch.' }),
});
export type Repository = Static<typeof Repository>;

export const RepositoryDetail = Type.Object({
  ...Repository.properties,
  branches: Type.Array(Branch, { description: 'By name.' }),
  tags: Type.Array(Tag, { description: 'By name.' }),
});
export type RepositoryDetail = Static<typeof RepositoryDetail>;

export const Upload = Type.Object({
  object: Digest('the bytes; names the file in a commit'),
  sizeBytes: Count('Size, bytes.'),
  table: Table,
});
export type Upload = Static<typeof Upload>;

export const Change = Type.Union(
  [
    Type.Object({ path: Path, object: Digest('the bytes, as answered by an upload') }, { additionalProperties: false }),
    Type.Object(
      { path: Path, remove: Type.Literal(true, { description: 'Takes the file away.' }) },
      { additionalProperties: false },
    ),
  ],
  { description: 'A file to add, replace or take away.' },
);
export type Change = Static<typeof Change>;

export const FileEntry = Type.Object({
  path: Path,
  object: Digest('the bytes'),
  sizeBytes: Count('Size, bytes.'),
  table: Table,
});
export type FileEntry = Static<typeof FileEntry>;

const DiffSide = (which: string) =>
  Type.Union([Type.Omit(FileEntry, ['path']), Type.Null()], {
    description: `The file in the ${which} commit; null if absent.`,
  });

export const FileChange = Type.Object({
  path: Path,
  change: Type.Union([Type.Literal('added'), Type.Literal('removed'), Type.Literal('changed')], {
    description: 'What became of the file on the way from one commit to the other.',
  }),
  from: DiffSide('first'),
  to: DiffSide('second'),
});
export type FileChange = Static<typeof FileChange>;

export const Next = Type.Union([Type.String(), Type.Null()], {
  description: 'Send it as `after` for the next page; null when there is none.',
});

export const Diff = Type.Object({
  from: CommitId('Id of the first commit.'),
  to: CommitId('Id of the second commit.'),
  added: Count('Files only the second has.'),
  removed: Count('Files only the first has.'),
  changed: Count('Files both have, with different bytes.'),
  files: Type.Array(FileChange, { description: 'In the order of their paths.' }),
  next: Next,
});
export type Diff = Static<typeof Diff>;

export const StorageFigures = Type.Object({
  objects: Count('Distinct files.'),
  logicalBytes: Count('Their sizes added up, bytes: what plain copies would take.'),
  storedBytes: Count('What their distinct chunks take in packs, after compression, bytes.'),
  chunks: Count('Distinct chunks.'),
  sharedChunks: Count('How many of the chunks are also part of `from`, or, without `from`, of another file counted.'),
  sharedBytes: Count('What the shared chunks take, bytes: storedBytes less this is what `to` added.'),
});
export type StorageFigures = Static<typeof StorageFigures>;
