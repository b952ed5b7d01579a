import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
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
  const policy = policyFor(readFileSync(join(BUILT_PAGE, 'index.html'), 'utf8'));
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
    const headers = { 'cache-control': 'no-cache', 'content-security-policy': policy };
    return reply.headers(headers).sendFile('index.html');
  });
};

/**
 * What the page may do: run the scripts of the build and the one written into its index, talk to this server, and show
 * what it has fetched. Files of strangers that it shows can load nothing from elsewhere, and no text becomes code.
 */
function policyFor(index: string): string {
  const scripts = [...index.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src 'self' ${scripts.join(' ')}`,
    // Components and charts set the style of what they draw.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join('; ');
}
