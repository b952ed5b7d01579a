import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsync } from 'fastify';

const BUILT_PAGE = fileURLToPath(new URL('../../dist/web', import.meta.url));
const NOT_BUILT =
  'The page is not built. Run "npm run build" in the folder of Trimtab and reload; the API answers meanwhile, see /docs.\n';
/** Addresses that are never the page's. */
const MACHINES = /^\/(api|v2|docs|metrics|health)(\/|$|\?)/;

/** The web page: its files, and its index for every address of its own that somebody opens or reloads. */
export const webPage: FastifyPluginAsync = async (app) => {
  if (!existsSync(join(BUILT_PAGE, 'index.html'))) {
    app.get('/', (_, reply) => reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT));
    return;
  }
  // File names under assets/ hold a digest of the content, so they can be kept for good; the index cannot.
  await app.register(fastifyStatic, {
    root: BUILT_PAGE,
    serve: false,
    cacheControl: false,
  });
  app.get('/assets/*', (request, reply) => {
    const { '*': file } = request.params as { '*': string };
    return reply.header('cache-control', 'public, max-age=31536000, immutable').sendFile(`assets/${file}`);
  });
  app.get('/favicon.svg', (_, reply) => reply.sendFile('favicon.svg'));
  app.get('/*', (request, reply) => {
    if (MACHINES.test(request.url) || !request.headers.accept?.includes('text/html')) return reply.callNotFound();
    return reply.header('cache-control', 'no-cache').sendFile('index.html');
  });
};
