import { Type } from 'typebox';
import { operation } from '#platform/operation';
import {
  Branch,
  Change,
  Commit,
  CommitId,
  Diff,
  FileEntry,
  Name,
  Next,
  NO_ZERO,
  Path,
  RefText,
  Repository,
  RepositoryDetail,
  StorageFigures,
  Tag,
  Upload,
} from './data-model.ts';

export {
  Branch,
  Change,
  Commit,
  Diff,
  FileChange,
  FileEntry,
  Repository,
  RepositoryDetail,
  StorageFigures,
  TableFacts,
  Tag,
  Upload,
} from './data-model.ts';

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
    ranges: true,
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
