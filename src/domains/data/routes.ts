import { Readable } from 'node:stream';
import { dataOperations as operations } from '#contract';
import { type ByteAnswer, type Route, route } from '#platform/http';
import { rangeOf } from './core/range.ts';
import type { Data } from './data.ts';
import type { ReadableFile } from './reading.ts';

const DEFAULT_REF = 'main';
const PAGE = 1000;
const LOG_PAGE = 50;

/** Data versioning over HTTP. */
export function dataRoutes(data: Data): readonly Route[] {
  return [
    route(operations.listRepositories, async () => ({ repositories: [...(await data.listRepositories())] })),
    route(operations.createRepository, ({ body, principal }) => data.createRepository(body, principal.id)),
    route(operations.getRepository, ({ params }) => data.getRepository(params.repository)),
    route(operations.listBranches, async ({ params }) => ({
      branches: [...(await data.listBranches(params.repository))],
    })),
    route(operations.createBranch, ({ params, body, principal }) =>
      data.createBranch(params.repository, body, principal.id),
    ),
    route(operations.deleteBranch, ({ params, query, principal }) =>
      data.deleteBranch(params.repository, params.branch, principal.id, query.reason ?? 'Branch removed'),
    ),
    route(operations.listTags, async ({ params }) => ({ tags: [...(await data.listTags(params.repository))] })),
    route(operations.createTag, ({ params, body, principal }) => data.createTag(params.repository, body, principal.id)),
    route(operations.uploadFile, ({ params, query, body }) => data.upload(params.repository, query.name, body)),
    route(operations.commit, ({ params, body, principal }) =>
      data.commit({ repository: params.repository, ...body }, principal.id),
    ),
    route(operations.listCommits, async ({ params, query }) => ({
      commits: await data.listCommits(params.repository, { limit: LOG_PAGE, ...query, ref: query.ref ?? DEFAULT_REF }),
    })),
    route(operations.getCommit, ({ params }) => data.getCommit(params.repository, params.ref)),
    route(operations.listEntries, ({ params, query }) =>
      data.listEntries(params.repository, query.ref ?? DEFAULT_REF, { limit: PAGE, ...query }),
    ),
    route(operations.diff, ({ params, query }) =>
      data.diff(params.repository, query.from, query.to, { limit: PAGE, ...query }),
    ),
    route(operations.readFile, async ({ params, query, request }) => {
      const file = await data.readFile(params.repository, query.ref ?? DEFAULT_REF, query.path);
      return answer(file, query.path, request.headers.range);
    }),
    route(operations.getStorage, ({ params, query }) => data.getStorage(params.repository, query)),
  ];
}

/** The whole file, or the part a Range header asks for (RFC 9110, one range). */
function answer(file: ReadableFile, path: string, header: string | undefined): ByteAnswer {
  const name = encodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
  const headers = {
    etag: `"${file.object}"`,
    'accept-ranges': 'bytes',
    // Never shown in the page's origin: a stored file may be a web page of somebody else.
    'content-disposition': `attachment; filename*=UTF-8''${name}`,
    'x-content-type-options': 'nosniff',
  };
  const contentType = 'application/octet-stream';
  const range = rangeOf(header, file.sizeBytes);
  if (range === undefined) return { stream: file.stream(), contentType, sizeBytes: file.sizeBytes, headers };
  if (range === 'unsatisfiable') {
    const stream = Readable.from([], { objectMode: false });
    return { stream, contentType, status: 416, headers: { ...headers, 'content-range': `bytes */${file.sizeBytes}` } };
  }
  return {
    stream: file.stream(range),
    contentType,
    status: 206,
    sizeBytes: range.end - range.start,
    headers: { ...headers, 'content-range': `bytes ${range.start}-${range.end - 1}/${file.sizeBytes}` },
  };
}
