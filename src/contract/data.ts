import { type Static, Type } from 'typebox';
import { operation } from '#platform/operation';

/** Any text but the zero character, which a database may refuse. */
const NO_ZERO = '^[^\\u0000]*$';
const Name = (of: string) =>
  Type.String({ minLength: 1, maxLength: 128, pattern: NO_ZERO, description: `Name of ${of}.` });
const Text = (description: string) => Type.String({ description });
const At = (what: string) => Type.Integer({ description: `${what}, ms since the epoch, UTC.` });
const Count = (description: string) => Type.Integer({ minimum: 0, description });
const Digest = (of: string) =>
  Type.String({ pattern: '^[0-9a-f]{64}$', description: `SHA-256 of ${of}, 64 hex digits.` });
const CommitId = (description: string) => Type.String({ pattern: '^[0-9a-f]{64}$', description });
const RefText = (description: string) => Type.String({ minLength: 1, maxLength: 128, pattern: NO_ZERO, description });
const Path = Type.String({
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

const Next = Type.Union([Type.String(), Type.Null()], {
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

const OneRepository = Type.Object({ repository: Name('the repository') });
const Reason = Type.String({ minLength: 1, maxLength: 2000, pattern: NO_ZERO, description: 'Why, for the audit log.' });
const After = Type.Optional(Type.String({ maxLength: 1024, description: 'Only paths after this one.' }));
const Limit = (byDefault: number) =>
  Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10_000, default: byDefault, description: 'At most this many answers.' }),
  );
const NotFound = ['DATA_REPOSITORY_NOT_FOUND'];
const RefErrors = [...NotFound, 'DATA_REF_NOT_FOUND'];

/** Largest file one upload may hold. */
export const UPLOAD_LIMIT_BYTES = 2 * 1024 ** 3;

export const dataOperations = {
  listRepositories: operation({
    id: 'data.listRepositories',
    method: 'GET',
    path: '/api/repositories',
    summary: 'All repositories, by name.',
    response: Type.Object({ repositories: Type.Array(Repository) }),
  }),
  createRepository: operation({
    id: 'data.createRepository',
    method: 'POST',
    path: '/api/repositories',
    summary: 'Makes a repository with a branch main and an empty first commit.',
    description: 'The same request again changes nothing.',
    body: Type.Object(
      {
        name: Name('the repository'),
        description: Type.Optional(
          Type.String({ maxLength: 2000, pattern: NO_ZERO, description: 'What it holds, for people.' }),
        ),
      },
      { additionalProperties: false },
    ),
    response: RepositoryDetail,
    status: 201,
    errors: ['KERNEL_NAME_INVALID'],
  }),
  getRepository: operation({
    id: 'data.getRepository',
    method: 'GET',
    path: '/api/repositories/:repository',
    summary: 'One repository with its branches and tags.',
    params: OneRepository,
    response: RepositoryDetail,
    errors: NotFound,
  }),
  listBranches: operation({
    id: 'data.listBranches',
    method: 'GET',
    path: '/api/repositories/:repository/branches',
    summary: 'Branches, by name.',
    params: OneRepository,
    response: Type.Object({ branches: Type.Array(Branch) }),
    errors: NotFound,
  }),
  createBranch: operation({
    id: 'data.createBranch',
    method: 'POST',
    path: '/api/repositories/:repository/branches',
    summary: 'Makes a branch that starts at a commit. The same request again changes nothing.',
    params: OneRepository,
    body: Type.Object(
      { name: Name('the branch'), from: RefText('Branch, tag or commit id it starts from.') },
      { additionalProperties: false },
    ),
    response: Branch,
    status: 201,
    errors: [...RefErrors, 'DATA_NAME_TAKEN', 'KERNEL_NAME_INVALID'],
  }),
  deleteBranch: operation({
    id: 'data.deleteBranch',
    method: 'DELETE',
    path: '/api/repositories/:repository/branches/:branch',
    summary: 'Takes a branch away; its commits are kept.',
    params: Type.Object({ repository: Name('the repository'), branch: Name('the branch') }),
    query: Type.Object({ reason: Type.Optional(Reason) }),
    response: 'none',
    errors: [...NotFound, 'DATA_BRANCH_NOT_FOUND', 'DATA_BRANCH_PROTECTED', 'DATA_BRANCH_MOVED'],
  }),
  listTags: operation({
    id: 'data.listTags',
    method: 'GET',
    path: '/api/repositories/:repository/tags',
    summary: 'Tags, by name.',
    params: OneRepository,
    response: Type.Object({ tags: Type.Array(Tag) }),
    errors: NotFound,
  }),
  createTag: operation({
    id: 'data.createTag',
    method: 'POST',
    path: '/api/repositories/:repository/tags',
    summary: 'Names a commit for ever. The same request again changes nothing.',
    params: OneRepository,
    body: Type.Object(
      { name: Name('the tag'), ref: RefText('Branch, tag or commit id to name.') },
      { additionalProperties: false },
    ),
    response: Tag,
    status: 201,
    errors: [...RefErrors, 'DATA_NAME_TAKEN', 'KERNEL_NAME_INVALID'],
  }),
  uploadFile: operation({
    id: 'data.uploadFile',
    method: 'PUT',
    path: '/api/repositories/:repository/uploads',
    summary: 'Stores the bytes of one file, to be named in a commit.',
    description:
      'Up to 2 GiB, streamed. A name that ends in .parquet or .csv must hold a table: anything else is refused and nothing is kept. Sending the same bytes again is harmless and stores nothing new.',
    params: OneRepository,
    query: Type.Object({ name: Path }),
    body: 'bytes',
    bodyLimitBytes: UPLOAD_LIMIT_BYTES,
    response: Upload,
    status: 201,
    errors: [...NotFound, 'DATA_PATH_INVALID', 'DATA_TABLE_INVALID', 'DATA_UPLOAD_TOO_LARGE', 'DATA_UPLOAD_BROKEN'],
  }),
  commit: operation({
    id: 'data.commit',
    method: 'POST',
    path: '/api/repositories/:repository/commits',
    summary: 'Adds a commit to a branch: all of its changes or none.',
    description:
      'The branch moves only from the head this request saw; who comes second gets DATA_BRANCH_MOVED and may send the same changes again. A commit that would change no file answers the head. With an idempotency key a repeated request answers the first commit.',
    params: OneRepository,
    body: Type.Object(
      {
        branch: Name('the branch'),
        message: Type.String({
          minLength: 1,
          maxLength: 10_000,
          pattern: NO_ZERO,
          description: 'What changed and why.',
        }),
        changes: Type.Array(Change, { minItems: 1, maxItems: 200_000, description: 'At most one for each path.' }),
        expectedHead: Type.Optional(CommitId('Refuse when the branch is not at this commit any more.')),
        idempotencyKey: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 256,
            pattern: NO_ZERO,
            description: 'Any text that names this commit.',
          }),
        ),
        meta: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'Facts to attach, any JSON.' })),
      },
      { additionalProperties: false },
    ),
    bodyLimitBytes: 64 * 1024 * 1024,
    response: Commit,
    status: 201,
    errors: [
      ...NotFound,
      'DATA_BRANCH_NOT_FOUND',
      'DATA_BRANCH_MOVED',
      'DATA_OBJECT_NOT_FOUND',
      'DATA_PATH_INVALID',
      'DATA_PATH_NOT_FOUND',
      'DATA_CHANGES_CONFLICT',
      'DATA_TABLE_INVALID',
      'DATA_KEY_REUSED',
    ],
  }),
  listCommits: operation({
    id: 'data.listCommits',
    method: 'GET',
    path: '/api/repositories/:repository/commits',
    summary: 'The commits that lead to a ref, newest first.',
    params: OneRepository,
    query: Type.Object({
      ref: Type.Optional(RefText('Branch, tag or commit id; main when left out.')),
      limit: Limit(50),
      before: Type.Optional(CommitId('Only commits that lead to this one, for the next page.')),
    }),
    response: Type.Object({ commits: Type.Array(Commit) }),
    errors: RefErrors,
  }),
  getCommit: operation({
    id: 'data.getCommit',
    method: 'GET',
    path: '/api/repositories/:repository/commits/:ref',
    summary: 'One commit, by id, tag or branch.',
    params: Type.Object({ repository: Name('the repository'), ref: RefText('Branch, tag or commit id.') }),
    response: Commit,
    errors: RefErrors,
  }),
  listEntries: operation({
    id: 'data.listEntries',
    method: 'GET',
    path: '/api/repositories/:repository/entries',
    summary: 'Files of a commit, in the order of their paths.',
    params: OneRepository,
    query: Type.Object({
      ref: Type.Optional(RefText('Branch, tag or commit id; main when left out.')),
      prefix: Type.Optional(Type.String({ maxLength: 1024, description: 'Only paths that start with it.' })),
      after: After,
      limit: Limit(1000),
    }),
    response: Type.Object({
      commit: CommitId('Id of the commit they belong to.'),
      entries: Type.Array(FileEntry),
      next: Next,
    }),
    errors: RefErrors,
  }),
  diff: operation({
    id: 'data.diff',
    method: 'GET',
    path: '/api/repositories/:repository/diff',
    summary: 'Which files differ between two commits.',
    params: OneRepository,
    query: Type.Object({
      from: RefText('Branch, tag or commit id of the first.'),
      to: RefText('Branch, tag or commit id of the second.'),
      after: After,
      limit: Limit(1000),
    }),
    response: Diff,
    errors: RefErrors,
  }),
  readFile: operation({
    id: 'data.readFile',
    method: 'GET',
    path: '/api/repositories/:repository/files',
    summary: 'The bytes of a file.',
    description: 'Streams. Takes a Range header of one range; the ETag is the SHA-256 of the bytes.',
    params: OneRepository,
    query: Type.Object({
      ref: Type.Optional(RefText('Branch, tag or commit id; main when left out.')),
      path: Path,
    }),
    response: 'bytes',
    errors: [...RefErrors, 'DATA_PATH_NOT_FOUND'],
  }),
  getStorage: operation({
    id: 'data.getStorage',
    method: 'GET',
    path: '/api/repositories/:repository/storage',
    summary: 'What files take, and how much of it is shared.',
    description:
      'Without refs: every file ever stored in the repository. With `to`: the files of that commit. With `from` as well: the files of `to`, and how much of them was there in `from` already.',
    params: OneRepository,
    query: Type.Object({
      from: Type.Optional(RefText('Branch, tag or commit id to compare with.')),
      to: Type.Optional(RefText('Branch, tag or commit id to count.')),
    }),
    response: StorageFigures,
    errors: RefErrors,
  }),
} as const;
