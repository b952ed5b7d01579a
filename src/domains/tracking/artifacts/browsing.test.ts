import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { migrate, openDatabase } from '#platform/sql';
import { openTables } from '#platform/table';
import { listenForTracking, setUpTracking, TRACKING_TEST_MIGRATIONS } from '../testing.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setUp() {
  const database = await openDatabase('sqlite::memory:');
  await migrate(database, TRACKING_TEST_MIGRATIONS);
  const scratchFolder = await mkdtemp(join(tmpdir(), 'trimtab-browsing-'));
  const tables = openTables({ memoryMb: 256, scratchFolder });
  cleanups.push(
    () => database.close(),
    () => tables.close(),
    () => rm(scratchFolder, { recursive: true, force: true }),
  );
  const { tracking } = setUpTracking(database, undefined, undefined, tables);
  const { url, close } = await listenForTracking(tracking);
  cleanups.push(close);
  await tracking.createExperiment({ name: 'delays' }, 'user:ann');
  const { id } = await tracking.createRun({ experiment: 'delays' }, 'user:ann');
  const put = (path: string, content: string | Uint8Array) =>
    tracking.putArtifact(id, path, typeof content === 'string' ? Buffer.from(content) : content);
  const get = async (address: string, query: Record<string, string>) => {
    const answer = await fetch(`${url}/api/artifacts${address}?${new URLSearchParams(query)}`);
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  const preview = async (path: string, more: Record<string, string> = {}) => {
    const { text } = await get('/preview', { of: `run:${id}`, path, ...more });
    return JSON.parse(text);
  };
  return { tracking, tables, scratchFolder, id, put, get, preview };
}

it('looks through folders of runs and of logged models', async () => {
  const { tracking, put, get, id } = await setUp();
  for (const path of ['a.py', 'b/c.png', 'z.bin', 'b/d/e.csv']) await put(path, 'xyz');
  const browse = async (query: Record<string, string>) => JSON.parse((await get('', query)).text);
  const root = await browse({ of: `run:${id}` });
  expect(root).toMatchObject({ rootUri: `mlflow-artifacts:/1/${id}/artifacts`, folder: '' });
  expect(root.entries).toEqual([
    { name: 'b', path: 'b', isFolder: true, sizeBytes: null, kind: null, contentType: null },
    {
      name: 'a.py',
      path: 'a.py',
      isFolder: false,
      sizeBytes: 3,
      kind: 'code',
      contentType: 'application/octet-stream',
    },
    {
      name: 'z.bin',
      path: 'z.bin',
      isFolder: false,
      sizeBytes: 3,
      kind: 'binary',
      contentType: 'application/octet-stream',
    },
  ]);
  const inside = await browse({ of: `run:${id}`, folder: 'b' });
  expect(inside.entries.map(({ path }: { path: string }) => path)).toEqual(['b/d', 'b/c.png']);
  const model = await tracking.createLoggedModel({ experiment: { name: 'delays' } }, 'user:ann');
  await tracking.filesAt(model.artifactUri).put('MLmodel', Buffer.from('flavors: {}'));
  expect((await browse({ of: `logged-model:${model.id}` })).entries).toMatchObject([{ name: 'MLmodel', kind: 'code' }]);
  for (const [of, code] of [
    ['run:none', 'TRACKING_RUN_NOT_FOUND'],
    ['logged-model:none', 'TRACKING_LOGGED_MODEL_NOT_FOUND'],
    ['experiment:1', 'TRACKING_ARTIFACT_OWNER_UNKNOWN'],
    [id, 'TRACKING_ARTIFACT_OWNER_UNKNOWN'],
  ] as const) {
    expect((await browse({ of })).error.code).toBe(code);
  }
  expect((await browse({ of: `run:${id}`, folder: '../x' })).error.code).toBe('TRACKING_PATH_INVALID');
});

it('shows the first rows of tables, whatever file they are in, and leaves nothing behind', async () => {
  const { put, preview, tables, scratchFolder } = await setUp();
  await put('t.csv', 'name,delay,late\nAA,1.5,true\n"B,B",2,false\nCC,,true\n');
  const columns = [
    { name: 'name', type: 'text' },
    { name: 'delay', type: 'number' },
    { name: 'late', type: 'flag' },
  ];
  const rows = [
    ['AA', 1.5, true],
    ['B,B', 2, false],
    ['CC', null, true],
  ];
  expect(await preview('t.csv')).toMatchObject({ kind: 'table', table: { columns, rows, totalRows: 3 }, text: null });
  expect((await preview('t.csv', { rows: '1' })).table).toEqual({ columns, rows: rows.slice(0, 1), totalRows: 3 });
  const parquet = join(scratchFolder, 'made.parquet');
  await tables.session((session) =>
    session.writeParquet("select 7 as n, 'x' as t, [1, 2] as list, date '2001-03-01' as day", parquet),
  );
  await put('deep/t.parquet', await readFile(parquet));
  await rm(parquet);
  expect((await preview('deep/t.parquet')).table).toMatchObject({
    columns: [{ type: 'number' }, { type: 'text' }, { name: 'list', type: 'other' }, { name: 'day', type: 'other' }],
    rows: [[7, 'x', '[1,2]', '2001-03-01']],
    totalRows: 1,
  });
  await put('t.jsonl', '{"a": 1}\n{"a": 2}\n');
  expect((await preview('t.jsonl')).table).toMatchObject({ rows: [[1], [2]], totalRows: 2 });
  const long = `a,b\n${'1,"two"\n'.repeat(700_000)}`;
  await put('long.csv', long);
  expect((await preview('long.csv', { rows: '5' })).table).toMatchObject({ rows: { length: 5 }, totalRows: null });
  expect((await readdir(scratchFolder)).filter((name) => name.startsWith('preview-'))).toEqual([]);
});

it('shows as text or not at all what only claims to be a table', async () => {
  const { put, preview } = await setUp();
  await put('broken.csv', 'a,b\n1,2,3,4\n"');
  expect(await preview('broken.csv')).toMatchObject({ kind: 'text', table: null, text: { complete: true } });
  await put('broken.parquet', 'PAR1 not really');
  expect(await preview('broken.parquet')).toMatchObject({ kind: 'binary', table: null, text: null });
  await put('empty.csv', '');
  expect(await preview('empty.csv')).toMatchObject({ table: null });
});

it.each<[string, unknown, object]>([
  [
    'a table of log_table',
    {
      columns: ['q', 'n'],
      data: [
        ['a', 1],
        [{ x: 1 }, 2],
      ],
    },
    {
      kind: 'table',
      table: {
        rows: [
          ['a', 1],
          ['{"x":1}', 2],
        ],
      },
    },
  ],
  [
    'records',
    [{ a: 1 }, { b: true }],
    {
      kind: 'table',
      table: {
        columns: [
          { name: 'a', type: 'number' },
          { name: 'b', type: 'flag' },
        ],
      },
    },
  ],
  [
    'a Plotly figure',
    { data: [{ type: 'bar', x: [1], y: [2] }], layout: { title: 'x' } },
    { kind: 'plotly', chart: { layout: { title: 'x' } } },
  ],
  ['a Vega chart', { $schema: 'https://vega.github.io/schema/vega-lite/v5.json', mark: 'bar' }, { kind: 'vega' }],
  [
    'a confusion matrix',
    {
      labels: ['no', 'yes'],
      matrix: [
        [5, 1],
        [2, 7],
      ],
    },
    {
      kind: 'confusion-matrix',
      matrix: {
        labels: ['no', 'yes'],
        counts: [
          [5, 1],
          [2, 7],
        ],
      },
    },
  ],
  ['a ROC curve', { fpr: [0, 1], tpr: [0, 1] }, { kind: 'roc-curve', curves: [{ x: [0, 1] }] }],
  [
    'a PR curve',
    { curves: [{ name: 'yes', precision: [1, 0.5], recall: [0, 1] }] },
    { kind: 'pr-curve', curves: [{ name: 'yes', x: [0, 1], y: [1, 0.5] }] },
  ],
  ['other JSON', { a: { b: 1 } }, { kind: 'json', text: { complete: true } }],
])('tells %s', async (_, value, expected) => {
  const { put, preview } = await setUp();
  await put('x.json', JSON.stringify(value));
  expect(await preview('x.json')).toMatchObject(expected);
});

it('draws curves and confusion matrices that are kept as CSV, and nothing else', async () => {
  const { put, preview } = await setUp();
  const points = Array.from({ length: 5_001 }, (_, at) => `${at / 5_000},${Math.sqrt(at / 5_000)},${1 - at / 5_000}`);
  await put('roc.csv', `fpr,tpr,threshold\n${points.join('\n')}\n`);
  const { kind, curves, table } = await preview('roc.csv');
  expect([kind, table.rows.length, table.totalRows]).toEqual(['roc-curve', 100, 5_001]);
  expect([curves.length, curves[0].x.length, curves[0].x[0], curves[0].x.at(-1)]).toEqual([1, 2_000, 0, 1]);
  await put('pr.csv', 'class,recall,precision\nlate,0,1\nlate,1,0.5\nearly,0,0.9\nearly,1,0.4\n');
  expect(await preview('pr.csv')).toMatchObject({ kind: 'pr-curve', curves: [{ name: 'late' }, { name: 'early' }] });
  await put('counts.csv', ',no,yes\nno,5,1\nyes,2,7\n');
  expect(await preview('counts.csv')).toMatchObject({
    ...{ kind: 'confusion-matrix', matrix: { labels: ['no', 'yes'] }, table: { totalRows: 2 } },
  });
  await put('confusion_matrix.csv', 'true,0,1\n0,0.8,0.2\n1,0.1,0.9\n');
  expect((await preview('confusion_matrix.csv')).matrix.labels).toEqual(['0', '1']);
  await put('correlations.csv', ',a,b\na,1,0.2\nb,0.2,1\n');
  await put('per_class_metrics.csv', 'positive_class,recall,precision,f1_score\n0,0.5,0.5,0.5\n1,0.9,0.8,0.85\n');
  for (const path of ['correlations.csv', 'per_class_metrics.csv']) {
    expect(await preview(path)).toMatchObject({ kind: 'table', matrix: null, curves: null });
  }
});

it('finds the figure in a page that Plotly wrote, and none in others', async () => {
  const { put, preview } = await setUp();
  const page = (call: string) => `<html><script>window.Plotly.newPlot = 1;</script><script>${call}</script></html>`;
  const figure = '[{"type":"bar","x":["a]\\"}"],"y":[1]}], {"title":{"text":"x"}}, {"responsive": true}';
  await put('figure.html', page(`Plotly.newPlot(  "one-id",  ${figure})`));
  expect(await preview('figure.html')).toMatchObject({
    kind: 'plotly',
    chart: { data: [{ x: ['a]"}'] }], layout: { title: { text: 'x' } } },
  });
  for (const call of ['Plotly.newPlot(id, data)', 'Plotly.newPlot("a", {"b": 1})', 'draw()']) {
    await put('other.html', page(call));
    expect(await preview('other.html')).toMatchObject({ kind: 'html', chart: null });
  }
});

it('shows the start of long texts, and nothing of what is no text', async () => {
  const { put, preview } = await setUp();
  await put('log.txt', 'é'.repeat(200_000));
  const { text, kind } = await preview('log.txt');
  expect([kind, text.complete]).toEqual(['text', false]);
  expect(text.content).toMatch(/^é+$/);
  await put('a.py', 'print(1)');
  expect(await preview('a.py')).toMatchObject({ kind: 'code', language: 'python', text: { content: 'print(1)' } });
  await put('x.json', '{"broken": ');
  expect(await preview('x.json')).toMatchObject({ kind: 'json', text: { content: '{"broken": ' } });
  await put('i.png', new Uint8Array([137, 80]));
  expect(await preview('i.png')).toMatchObject({ kind: 'image', contentType: 'image/png', text: null, sizeBytes: 2 });
});

it('gives files for saving, or inline where nothing of them can run', async () => {
  const { put, get, id } = await setUp();
  await put('page.html', '<script>alert(1)</script>');
  const of = `run:${id}`;
  const saved = await get('/file', { of, path: 'page.html' });
  expect(saved.headers.get('content-disposition')).toBe('attachment; filename=page.html');
  expect(saved.headers.get('content-security-policy')).toBeNull();
  const shown = await get('/file', { of, path: 'page.html', inline: 'true' });
  expect(shown.text).toBe('<script>alert(1)</script>');
  expect(shown.headers.get('content-disposition')).toBe('inline; filename=page.html');
  expect(shown.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
  expect((await get('/file', { of, path: 'none' })).status).toBe(404);
});
