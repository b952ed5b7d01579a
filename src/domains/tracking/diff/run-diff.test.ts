import { applyPatch, createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDatabases } from '#testing/platform/sql';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from '../testing.ts';
import { packagesIn } from './packages.ts';
import { textDifference } from './text-difference.ts';
import { compareChanges } from './uncommitted.ts';

const told = (path: string, text: string) => packagesIn(path, text).map((p) => `${p.ecosystem} ${p.name} ${p.version}`);

describe('packages of an environment', () => {
  it('are read from requirements as pip understands them', () => {
    const text = `# made by hand
-r other.txt
--index-url https://example.org/simple
numpy==1.26.4
Scikit_Learn[alldeps] >= 1.3, <2 ; python_version > "3.8"
pandas
torch===2.1.0+cpu  # the small one
flask==3.0.0 \\
    --hash=sha256:aaaa \\
    --hash=sha256:bbbb
mine @ git+https://example.org/mine.git@main
./local/folder
-e git+https://example.org/x.git#egg=x
`;
    expect(told('model/requirements.txt', text)).toEqual([
      ...['pip numpy 1.26.4', 'pip scikit-learn >=1.3,<2', 'pip pandas ', 'pip torch 2.1.0+cpu', 'pip flask 3.0.0'],
      'pip mine git+https://example.org/mine.git@main',
    ]);
  });

  it('are read from conda.yaml, with those of pip inside', () => {
    const text = `channels: [conda-forge]
dependencies:
- python=3.11.2
- conda-forge::numpy==1.26.4=py311_0
- pip<=24
- pip:
  - mlflow==3.11.1
  - scikit-learn>=1
name: mlflow-env
`;
    expect(told('conda.yaml', text)).toEqual([
      ...['conda python 3.11.2', 'conda numpy 1.26.4', 'conda pip <=24', 'pip mlflow 3.11.1', 'pip scikit-learn >=1'],
    ]);
  });

  it('are read from lock files and from what was told of the machine', () => {
    const toml =
      '[[package]]\nname = "Foo_Bar"\nversion = "1.0"\n\n[package.extras]\nname = "no"\n[[package]]\nname = "b"\nversion = "2"\n';
    expect(told('environment/uv.lock', toml)).toEqual(['pip foo-bar 1.0', 'pip b 2']);
    const pipfile = { default: { requests: { version: '==2.31.0' } }, develop: { pytest: { version: '==8.0' } } };
    expect(told('Pipfile.lock', JSON.stringify(pipfile))).toEqual(['pip requests 2.31.0', 'pip pytest 8.0']);
    const npm = {
      packages: { '': {}, 'node_modules/a': { version: '1' }, 'node_modules/a/node_modules/b': { version: '2' } },
    };
    expect(told('package-lock.json', JSON.stringify(npm))).toEqual(['npm a 1']);
    const machine = {
      system: 'Linux',
      release: '6.1',
      python: '3.11.2',
      gpus: [],
      variables: { OMP_NUM_THREADS: '2' },
    };
    expect(told('environment/machine.json', JSON.stringify(machine))).toEqual([
      ...['system python 3.11.2', 'system operating system Linux 6.1', 'system OMP_NUM_THREADS 2'],
    ]);
    expect(
      told('python_env.yaml', 'python: 3.11.2\nbuild_dependencies:\n- pip==24\ndependencies:\n- -r requirements.txt\n'),
    ).toEqual([...['system python 3.11.2', 'pip pip 24']]);
  });

  it('are none where a file is not what its name says', () => {
    for (const path of ['conda.yaml', 'package-lock.json', 'Pipfile.lock', 'machine.json', 'uv.lock', 'notes.txt']) {
      for (const text of ['', 'null', '[1]', '{', '{"packages": 3}', '- - -', '\0'])
        expect(told(path, text)).toEqual([]);
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const path of ['requirements.txt', 'conda.yaml', 'uv.lock', 'package-lock.json']) packagesIn(path, text);
      }),
    );
  });
});

describe('the difference of two texts', () => {
  const lines = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 })
    .map((list) => list.map((l) => `${l}\n`).join(''));

  it('applied to the left one gives the right one', () => {
    fc.assert(
      fc.property(lines, lines, (left, right) => {
        const difference = textDifference('x.py', Buffer.from(left), Buffer.from(right));
        if (left === right) {
          expect(difference).toBeUndefined();
          return;
        }
        expect(applyPatch(left, difference?.patch ?? '')).toBe(right);
        const count = (text: string) => text.split('\n').length - 1;
        expect((difference?.addedLines ?? 0) - (difference?.removedLines ?? 0)).toBe(count(right) - count(left));
      }),
    );
  });

  it('says when a side is missing, is no text, or differs in too much', () => {
    const text = Buffer.from('one\n');
    expect(textDifference('x', undefined, text)).toMatchObject({ difference: 'added', addedLines: 1, removedLines: 0 });
    expect(textDifference('x', text, undefined)).toMatchObject({
      difference: 'removed',
      addedLines: 0,
      removedLines: 1,
    });
    expect(textDifference('x', text, Buffer.from([0xff, 0xfe]))).toMatchObject({
      patch: null,
      problem: 'it is no text',
    });
    expect(textDifference('x', text, Buffer.from('a\0b'))).toMatchObject({ patch: null, problem: 'it is no text' });
    expect(textDifference('x', undefined, undefined)).toBeUndefined();
    const long = (seed: number) => Array.from({ length: 40_000 }, (_, i) => `${(i * seed) % 9973}`).join('\n');
    const started = performance.now();
    const difference = textDifference('x', Buffer.from(long(7)), Buffer.from(long(11)));
    expect(difference).toMatchObject({
      difference: 'changed',
      patch: null,
      problem: expect.stringContaining('in time'),
    });
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('uncommitted changes to one commit', () => {
  const git = (path: string, base: string, changed: string) => {
    if (base === changed) return '';
    return `diff --git a/${path} b/${path}\n${createTwoFilesPatch(`a/${path}`, `b/${path}`, base, changed, '', '', { headerOptions: FILE_HEADERS_ONLY })}`;
  };
  const numbered = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
  const edits = fc.array(fc.tuple(fc.nat(59), fc.constantFrom('', 'x', 'y\nz')), { maxLength: 6 });

  it('are told apart as the files would be, without the files', () => {
    fc.assert(
      fc.property(edits, edits, (lefts, rights) => {
        const base = Array.from({ length: 60 }, (_, i) => `line ${i}`);
        const edited = (changes: typeof lefts) => {
          const lines = [...base];
          // Nothing takes a line away, and so moves those that follow.
          for (const [at, text] of changes) lines[at] = text === '' ? 'taken' : text;
          return numbered(lines.filter((line) => line !== 'taken'));
        };
        const [left, right] = [edited(lefts), edited(rights)];
        const told = compareChanges(git('x.py', numbered(base), left), git('x.py', numbered(base), right));
        if (left === right) expect(told).toEqual([]);
        else expect(told?.[0]?.patch).toBe(textDifference('x.py', Buffer.from(left), Buffer.from(right))?.patch);
      }),
    );
  });

  it('to several files, new ones, such that are gone and such that are no text', () => {
    const created = `diff --git a/new.py b/new.py\nnew file mode 100644\nindex 0000000..587be6b\n--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+x\n`;
    const deleted = `diff --git a/old.py b/old.py\ndeleted file mode 100644\nindex 587be6b..0000000\n--- a/old.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n`;
    const binary = `diff --git a/m.bin b/m.bin\nindex 1..2 100644\nGIT binary patch\nliteral 3\nKcmZ\n\nliteral 2\nJcmZ\n\n`;
    const changed = git('a b.py', 'one\n', 'two\n');
    const told = (left: string, right: string) =>
      compareChanges(left, right)?.map(({ path, difference, patch }) => `${path} ${difference} ${patch !== null}`);
    expect(told('', created + deleted + binary + changed)).toEqual([
      'a b.py changed true',
      'm.bin changed false',
      'new.py added true',
      'old.py removed true',
    ]);
    expect(told(created + deleted, changed + deleted)).toEqual(['a b.py changed true', 'new.py removed true']);
    expect(told(changed, changed)).toEqual([]);
  });

  it('that cannot be read so are none', () => {
    for (const text of [
      'nonsense',
      'diff --git a/x b/y\nrename from x\n',
      'diff --git a/x b/x\n@@ -1,9 +1,9 @@\n x\n',
    ]) {
      expect(compareChanges(text, '')).toBeUndefined();
    }
    const far = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -999999999 +999999999 @@\n-x\n+y\n';
    expect(compareChanges(far, '')).toBeUndefined();
    fc.assert(fc.property(fc.string(), fc.string(), (left, right) => void compareChanges(left, right)));
  });
});

describeDatabases('two runs', (open) => {
  async function setUp() {
    const bench = setUpTracking(await open(TRACKING_TEST_MIGRATIONS));
    const { tracking } = bench;
    await tracking.createExperiment({ name: 'delays' }, 'user:ann');
    const start = async (commit: string, tags: Record<string, string>, files: Record<string, string | Uint8Array>) => {
      const request = { experiment: 'delays', codeCommit: commit, tags: new Map(Object.entries(tags)) };
      const run = await tracking.createRun(request, 'user:ann');
      for (const [path, content] of Object.entries(files))
        await tracking.putArtifact(run.id, path, Buffer.from(content));
      return run.id;
    };
    return { ...bench, start };
  }

  it('are compared by code and environment', async () => {
    const { tracking, start } = await setUp();
    const tags = { 'mlflow.source.name': 'train.py', 'mlflow.source.type': 'LOCAL' };
    const repository = { 'mlflow.source.git.repoURL': 'https://ann:secret@github.com/team/flights.git' };
    const left = await start(
      'aaaaaaa',
      { ...tags, ...repository },
      {
        'code/train.py': 'a = 1\nb = 2\n',
        'code/same.py': 'x\n',
        'code/old.py': 'gone\n',
        'environment/pip-freeze.txt': 'numpy==1.26.4\npandas==2.0\nsame==1\n',
        'requirements.txt': 'numpy>=1\n',
        'plots/roc.png': 'not code',
      },
    );
    const right = await start(
      'bbbbbbb',
      { ...tags, 'mlflow.source.git.repoURL': 'git@github.com:team/flights.git' },
      {
        'code/train.py': 'a = 1\nb = 3\n',
        'code/same.py': 'x\n',
        'code/changes.patch': '+b = 3\n',
        'environment/pip-freeze.txt': 'numpy==2.0.0\nsame==1\nscipy==1.11\n',
      },
    );
    const diff = await tracking.diffRuns(left, right);
    expect(diff.code).toMatchObject({ same: 1, left: 3, right: 3, truncated: false });
    expect(diff.code.compareUrl).toBe('https://github.com/team/flights/compare/aaaaaaa...bbbbbbb');
    expect(diff.code.source).toContainEqual({ fact: 'commit', left: 'aaaaaaa', right: 'bbbbbbb', differs: true });
    expect(diff.code.source).toContainEqual({ fact: 'command', left: 'train.py', right: 'train.py', differs: false });
    expect(JSON.stringify(diff)).not.toContain('secret');
    expect(diff.code.files.map(({ path, difference }) => `${path} ${difference}`)).toEqual([
      ...['code/changes.patch added', 'code/old.py removed', 'code/train.py changed'],
    ]);
    expect(diff.code.files[2]?.patch).toBe(
      '--- a/code/train.py\n+++ b/code/train.py\n@@ -1,2 +1,2 @@\n a = 1\n-b = 2\n+b = 3\n',
    );
    expect(diff.environment.packages).toEqual([
      { ecosystem: 'pip', name: 'numpy', left: '1.26.4', right: '2.0.0', difference: 'changed' },
      { ecosystem: 'pip', name: 'pandas', left: '2.0', right: null, difference: 'removed' },
      { ecosystem: 'pip', name: 'scipy', left: null, right: '1.11', difference: 'added' },
    ]);
    expect(diff.environment).toMatchObject({
      ...{ same: 1, left: { packages: 3 }, right: { files: ['environment/pip-freeze.txt'], packages: 3 } },
      files: [{ path: 'environment/pip-freeze.txt' }, { path: 'requirements.txt', difference: 'removed' }],
    });
  });

  it('on one commit are compared by what they change in its files', async () => {
    const { tracking, start } = await setUp();
    const change = (to: string) =>
      `diff --git a/train.py b/train.py\n--- a/train.py\n+++ b/train.py\n@@ -1,2 +1,2 @@\n a = 1\n-b = 2\n+b = ${to}\n`;
    const left = await start('aaaaaaa', {}, { 'code/changes.patch': change('3') });
    const right = await start('aaaaaaa', {}, { 'code/changes.patch': change('4') });
    const diff = await tracking.diffRuns(left, right);
    expect(diff.code.files.map(({ patch }) => patch)).toEqual([
      '--- a/train.py\n+++ b/train.py\n@@ -1,2 +1,2 @@\n a = 1\n-b = 3\n+b = 4\n',
    ]);
    const clean = await start('aaaaaaa', {}, {});
    expect((await tracking.diffRuns(clean, left)).code.files).toMatchObject([{ path: 'train.py', addedLines: 1 }]);
  });

  it('do not differ from themselves, and must exist', async () => {
    const { tracking, start } = await setUp();
    const run = await start('aaaaaaa', {}, { 'code/a.py': 'a', 'requirements.txt': 'numpy==1\n' });
    const diff = await tracking.diffRuns(run, run);
    expect(diff.code).toMatchObject({ files: [], same: 1, compareUrl: null });
    expect(diff.environment).toMatchObject({ packages: [], files: [], same: 1 });
    await expect(tracking.diffRuns(run, 'none')).rejects.toMatchObject({ code: 'TRACKING_RUN_NOT_FOUND' });
    await expect(tracking.diffRuns('none', run)).rejects.toMatchObject({ code: 'TRACKING_RUN_NOT_FOUND' });
  });

  it('with a file too large are told apart without reading it', async () => {
    const { tracking, start } = await setUp();
    const left = await start('aaaaaaa', {}, { 'code/big.csv': 'x'.repeat(1_100_000) });
    const right = await start('aaaaaaa', {}, { 'code/big.csv': 'y'.repeat(1_100_000) });
    const { files } = (await tracking.diffRuns(left, right)).code;
    expect(files).toMatchObject([
      { difference: 'changed', patch: null, problem: expect.stringContaining('larger than') },
    ]);
  });
});
