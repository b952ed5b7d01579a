import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { serveModels } from '#testing/domains/registry';
import { runCommand } from '../testing.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A server with model `delays` of two versions. */
async function setUp() {
  const { url } = await serveModels();
  const folder = await mkdtemp(join(tmpdir(), 'trimtab-cli-'));
  folders.push(folder);
  const card = (...words: string[]) => runCommand('--url', url, 'model', 'card', ...words);
  return { card, url, path: (name: string) => join(folder, name) };
}

it('writes a section from a file, hands it on, and shows the card', async () => {
  const { card, path } = await setUp();
  await writeFile(path('use.md'), 'To warn travellers.\n');
  const edit = ['edit', 'delays', '1', '--section'];
  expect(await card(...edit, 'Intended use', '--file', path('use.md'))).toMatchObject({
    code: 0,
    stdout: '"Intended use" of version 1 is at revision 1.\n',
  });
  // Without a version, and by the command alone.
  const shown = await card('delays');
  expect(shown.stdout).toMatch(/^---\nlibrary_name: onnx\n/);
  expect(shown.stdout).toContain('# delays, version 2');
  expect(shown.stdout).toContain('To warn travellers.\n\n*Written for version 1.*');
  expect(await card(...edit, 'intended-use', '--text', 'Never.', '--revision', '0')).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(/at revision 1, written by user:ann, .* from revision 0/),
  });
  expect((await card(...edit, 'intended-use', '--text', 'Anything.')).stdout).toMatch(/at revision 2/);
  expect((await card('edit', 'delays', '2', '--section', 'Night', '--text', 'x')).stdout).toMatch(
    /"Night" of version 2/,
  );
  expect((await card('edit', 'delays', '2', '--section', 'Night', '--inherit')).stdout).toMatch(/^Nothing is written/);
  const { stdout } = await card('history', 'delays', '--section', 'intended-use');
  expect(stdout).toMatch(/^ +2 +1 +user:ann .* Anything\.$/m);
  expect(stdout).toMatch(/^ +1 +1 +user:ann .* To warn travellers\.$/m);
});

it('writes cards to files as HTML, Markdown and JSON', async () => {
  const { card, path } = await setUp();
  const write = async (format: string) => {
    const file = path(`card.${format}`);
    const outcome = await card('show', 'delays', '1', '--format', format, '--output', file);
    expect(outcome).toMatchObject({ code: 0, stdout: '', stderr: `Wrote ${file}.\n` });
    return readFile(file, 'utf8');
  };
  expect(await write('html')).toMatch(/^<!doctype html>[\s\S]*<h1>delays, version 1<\/h1>/);
  expect(await write('markdown')).toMatch(/^---\n/);
  expect(JSON.parse(await write('json'))).toMatchObject({ version: { ref: 'version:delays/1' } });
  expect(JSON.parse((await card('delays', '1', '--json')).stdout)).toMatchObject({ metricsFrom: 'version' });
  expect(await card('edit', 'delays', '1', '--section', 'x')).toMatchObject({ code: 2 });
});

it('is answered as a document that a browser does not run', async () => {
  const { url } = await setUp();
  const address = `${url}/api/models/delays/versions/1/card/document?format=html`;
  const answer = await fetch(address);
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(answer.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
  const etag = answer.headers.get('etag') ?? '';
  expect((await fetch(address, { headers: { 'if-none-match': etag } })).status).toBe(304);
});
