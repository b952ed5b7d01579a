import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Rules about the source that no linter knows. */

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'));
const textOf = (file: string) => readFileSync(file, 'utf8');
const isTest = (file: string) => /\.test\.tsx?$/.test(file);

it('keeps files at a size one can read', () => {
  const long = files.filter((file) => textOf(file).split('\n').length - 1 > (isTest(file) ? 600 : 400));
  expect(long).toEqual([]);
});

it('takes time and chance from Clock and Rng alone', () => {
  const allowed = /^(src\/platform\/kernel\/|web\/|bench\/|tools\/|test\/|examples\/)/;
  const offenders = files.filter(
    (file) =>
      !allowed.test(file) && !isTest(file) && /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(/.test(textOf(file)),
  );
  expect(offenders).toEqual([]);
});

it('leaves nothing half done', () => {
  const marks = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'not ' + 'implemented'].join('|'));
  expect(files.filter((file) => marks.test(textOf(file)))).toEqual([]);
});

it('has a README in every domain', () => {
  const domains = readdirSync('src/domains');
  const missing = domains.filter((domain) => !readdirSync(`src/domains/${domain}`).includes('README.md'));
  expect(missing).toEqual([]);
});

it('documents every error code, and no other', () => {
  const defined = files
    .filter((file) => file.endsWith('errors.ts') || /defineErrors\(/.test(textOf(file)))
    .filter((file) => !isTest(file) && file !== 'src/platform/kernel/errors.ts')
    .flatMap((file) => [...textOf(file).matchAll(/^ {2}([A-Z][A-Z0-9_]+): \{/gm)].map((match) => match[1] ?? ''));
  const documented = readdirSync('docs/errors').flatMap((file) =>
    [...readFileSync(`docs/errors/${file}`, 'utf8').matchAll(/^\| `?([A-Z][A-Z0-9_]+)`? \|/gm)].map(
      (match) => match[1] ?? '',
    ),
  );
  expect(documented.sort()).toEqual([...defined, 'INTERNAL'].sort());
});

it('names no path of a developer machine and no registry host', () => {
  const tracked = execFileSync('git', ['ls-files'], { encoding: 'utf8' })
    .split('\n')
    .filter((file) => /\.(ts|tsx|md|json|cjs|html)$/.test(file));
  const bad = new RegExp(['/wo' + 'rk/main', '/wo' + 'rk/shared', 'registry\\.' + 'npmjs'].join('|'));
  expect(tracked.filter((file) => bad.test(textOf(file)))).toEqual([]);
});

it('loads the style sheet of every Mantine component in use', () => {
  const used = files
    .filter((file) => file.startsWith('web/src/'))
    .flatMap((file) => [...textOf(file).matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)])
    .flatMap(([, names = '']) => names.split(',').map((name) => name.trim()));
  const sheets = new Set(readdirSync('node_modules/@mantine/core/styles'));
  const loaded = textOf('web/src/app/mantine.css');
  const missing = [...new Set(used)].filter(
    (name) => sheets.has(`${name}.css`) && !loaded.includes(`/styles/${name}.css`),
  );
  expect(missing).toEqual([]);
});
