import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const PROGRAM = new URL('../../bin/trimtab.js', import.meta.url).pathname;
const BUILT_AT = new Date('2026-02-01');
let folder = '';

/** Writes a file of the checkout that was last changed at a time. */
function write(path: string, text: string, changedAt: Date): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  utimesSync(file, changedAt, changedAt);
}

/** Gives every folder of the sources a time: writing into one has changed it. */
function foldersChangedAt(changedAt: Date): void {
  for (const name of ['src/cli', 'src', 'sdk']) utimesSync(join(folder, name), changedAt, changedAt);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trimtab-built-'));
  const before = new Date('2026-01-01');
  write('package.json', '{ "type": "module" }', before);
  write('package-lock.json', '{}', before);
  write('sdk/index.ts', '', before);
  write('src/cli/main.ts', "export const main = () => console.log('source');", before);
  write('dist/program/main.js', "export const main = () => console.log('built');", BUILT_AT);
  mkdirSync(join(folder, 'bin'));
  copyFileSync(PROGRAM, join(folder, 'bin/trimtab.js'));
  foldersChangedAt(before);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const started = () => execFileSync(process.execPath, [join(folder, 'bin/trimtab.js')], { encoding: 'utf8' }).trim();

it('starts what was built, as long as no source is newer', () => {
  expect(started()).toBe('built');
});

it.each(['src/cli/main.ts', 'sdk/index.ts', 'package-lock.json'])('starts the sources when %s has changed', (path) => {
  utimesSync(join(folder, path), new Date('2026-03-01'), new Date('2026-03-01'));
  expect(started()).toBe('source');
});

it('starts the sources when a file is gone, or nothing was built', () => {
  rmSync(join(folder, 'sdk/index.ts'));
  expect(started()).toBe('source');
  foldersChangedAt(new Date('2026-01-01'));
  expect(started()).toBe('built');
  rmSync(join(folder, 'dist'), { recursive: true });
  expect(started()).toBe('source');
});
