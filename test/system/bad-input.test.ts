import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seed } from '../browser/seed.ts';
import { type Answer, openBench, type Question, type SystemBench } from './bench.ts';

const FLIGHTS = fileURLToPath(new URL('../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url));
const ROW = { distance: 500, origin: 'ATL' };
const upload = (name: string, body: NonNullable<Question['body']>): Question => ({
  method: 'PUT',
  path: `/api/repositories/flights/uploads?name=${encodeURIComponent(name)}`,
  body,
});
const predict = (body: Question['body'], headers = {}): Question => ({
  method: 'POST',
  path: '/api/endpoints/delays/predict',
  ...(body === undefined ? {} : { body }),
  headers,
});
const post = (path: string, body: object | string, headers = {}): Question => ({ method: 'POST', path, body, headers });
const json = { 'content-type': 'application/json' };

/** What goes wrong, the request, and what is answered: status, code, and words the message must hold. */
type Row = readonly [title: string, question: Question, status: number, code: string, ...words: string[]];

const FILES: readonly Row[] = [
  ['a file that is not Parquet', upload('a.parquet', 'no table at all'), 400, 'DATA_TABLE_INVALID', 'a.parquet'],
  ['a truncated Parquet', upload('b.parquet', head(200_000)), 400, 'DATA_TABLE_INVALID', 'b.parquet'],
  ['a CSV with ragged rows', upload('c.csv', 'a,b\n1,2\n3\n'), 400, 'DATA_TABLE_INVALID', 'c.csv', 'ine 3'],
  ['a dataset without a byte', upload('d.parquet', ''), 400, 'DATA_TABLE_INVALID', 'd.parquet'],
  ['a dataset without a row', upload('e.csv', 'a,b\n'), 400, 'DATA_TABLE_INVALID', 'e.csv', 'row'],
  ['a path that climbs', upload('../../etc/passwd', 'x'), 400, 'DATA_PATH_INVALID', '../../etc/passwd'],
  ['an absolute path', upload('/etc/passwd', 'x'), 400, 'DATA_PATH_INVALID', '/etc/passwd'],
  ['a name that climbs', post('/api/repositories', { name: '../x' }), 400, 'KERNEL_NAME_INVALID', '../x'],
  ['a model whose name climbs', post('/api/models', { name: '../x' }), 400, 'KERNEL_NAME_INVALID', '../x'],
  [
    'an endpoint whose name climbs',
    post('/api/endpoints', { name: '..', variants: [{ name: 'a', version: 'version:delays/1', weight: 10_000 }] }),
    400,
    'KERNEL_NAME_INVALID',
    '..',
  ],
  [
    'a commit to a path that climbs',
    post('/api/repositories/flights/commits', {
      branch: 'main',
      message: 'climb',
      changes: [{ path: 'a/../../b', object: '0'.repeat(64) }],
    }),
    400,
    'DATA_PATH_INVALID',
    'a/../../b',
  ],
  [
    'a commit of bytes that were never sent',
    post('/api/repositories/flights/commits', {
      branch: 'main',
      message: 'nothing',
      changes: [{ path: 'a.txt', object: '0'.repeat(64) }],
    }),
    404,
    'DATA_OBJECT_NOT_FOUND',
    '0'.repeat(64),
  ],
  ['an empty model file', { method: 'PUT', path: '/api/model-files', body: '' }, 400, 'REGISTRY_FILE_EMPTY'],
];

const PREDICTIONS: readonly Row[] = [
  ['an unknown column', predict({ rows: [{ ...ROW, colour: 'red' }] }), 400, 'SERVING_ROW_INVALID', 'colour', 'Row 0'],
  ['a wrong type', predict({ rows: [ROW, { ...ROW, distance: 'far' }] }), 400, 'SERVING_ROW_INVALID', 'Row 1', 'far'],
  ['a missing column', predict({ rows: [{ origin: 'ATL' }] }), 400, 'SERVING_ROW_INVALID', 'distance'],
  ['a NaN', predict('{"rows":[{"distance":NaN,"origin":"ATL"}]}', json), 400, 'HTTP_JSON_MALFORMED', 'NaN'],
  ['a NaN as text', predict({ rows: [{ ...ROW, distance: 'NaN' }] }), 400, 'SERVING_ROW_INVALID', 'distance', 'NaN'],
  ['a null', predict({ rows: [{ ...ROW, distance: null }] }), 400, 'SERVING_ROW_INVALID', 'distance'],
  [
    'a number beyond doubles',
    predict('{"rows":[{"distance":1e999,"origin":"A"}]}', json),
    400,
    'HTTP_INVALID',
    'rows.0',
  ],
  ['a number beyond floats', predict({ rows: [{ ...ROW, distance: 1e300 }] }), 400, 'SERVING_ROW_INVALID', 'distance'],
  ['no rows', predict({ rows: [] }), 400, 'HTTP_INVALID', 'body.rows'],
  ['a row that is a list', predict({ rows: [[1, 2]] }), 400, 'HTTP_INVALID', 'body.rows.0'],
  ['too few ids', predict({ rows: [ROW, ROW], inferenceIds: ['a'] }), 400, 'SERVING_REQUEST_INVALID', 'inferenceIds'],
  ['a time that is none', predict({ rows: [ROW], at: 'soon' }), 400, 'SERVING_REQUEST_INVALID', 'soon'],
  ['an unknown property', predict({ rows: [ROW], row: 1 }), 400, 'HTTP_INVALID', 'body.row'],
  ['malformed JSON', predict('{"rows": [', json), 400, 'HTTP_JSON_MALFORMED', 'JSON'],
  ['no body', predict(undefined), 400, 'HTTP_BODY_MISSING', 'serving.predict'],
  ['a body with no JSON in it', predict('', json), 400, 'HTTP_BODY_MISSING', 'serving.predict'],
  ['a wrong content type', predict('<rows/>', { 'content-type': 'text/xml' }), 400, 'HTTP_CONTENT_TYPE_UNKNOWN', 'xml'],
  ['plain text', predict('{}', { 'content-type': 'text/plain' }), 400, 'HTTP_CONTENT_TYPE_UNKNOWN', 'text/plain'],
  ['U+0000 in a value', predict({ rows: [{ ...ROW, origin: 'A\0' }] }), 400, 'HTTP_INVALID', 'rows.0.origin', 'U+0000'],
  ['half a character', predict({ rows: [{ ...ROW, origin: '\ud800' }] }), 400, 'HTTP_INVALID', 'origin', 'surrogate'],
  ['U+0000 in a name', predict({ rows: [{ ...ROW, 'a\0': 1 }] }), 400, 'HTTP_INVALID', 'U+0000'],
  ['a prototype', predict('{"rows":[],"__proto__":{}}', json), 400, 'HTTP_JSON_MALFORMED', '__proto__'],
  ['bottomless lists', predict(`{"rows":${'['.repeat(1e6)}${']'.repeat(1e6)}}`, json), 400, 'HTTP_INVALID', 'nested'],
  [
    'an endpoint that is not',
    post('/api/endpoints/none/predict', { rows: [ROW] }),
    404,
    'SERVING_ENDPOINT_NOT_FOUND',
    'none',
  ],
];

const ADDRESSES: readonly Row[] = [
  ['an unknown route', { path: '/api/nothing' }, 404, 'HTTP_ROUTE_NOT_FOUND', '/api/nothing'],
  ['a method that is not', { method: 'DELETE', path: '/api/models' }, 404, 'HTTP_ROUTE_NOT_FOUND', 'DELETE'],
  ['an address that climbs', { path: '/api/repositories/../../etc/passwd' }, 404, 'HTTP_ROUTE_NOT_FOUND'],
  ['an address that climbs in disguise', { path: '/api/models/..%2f..%2fetc' }, 404, 'REGISTRY_MODEL_NOT_FOUND'],
  ['a broken escape', { path: '/api/models/%zz' }, 400, 'HTTP_REQUEST_MALFORMED', '%zz'],
  ['a long name', { path: `/api/models/${'a'.repeat(400)}` }, 400, 'HTTP_INVALID', 'path.model', '256'],
  ['an endless name', { path: `/api/models/${'a'.repeat(9000)}` }, 404, 'HTTP_ROUTE_NOT_FOUND', 'a…'],
  ['U+0000 in a path', { path: '/api/models/a%00b' }, 400, 'HTTP_INVALID', 'path.model', 'U+0000'],
  ['U+0000 in a query', { path: '/api/repositories/flights/entries?prefix=%00' }, 400, 'HTTP_INVALID', 'query.prefix'],
  ['a negative limit', { path: '/api/repositories/flights/commits?limit=-1' }, 400, 'HTTP_INVALID', 'query.limit'],
  ['a limit beyond all', { path: '/api/repositories/flights/commits?limit=1e99' }, 400, 'HTTP_INVALID', 'query.limit'],
  ['a limit twice', { path: '/api/repositories/flights/commits?limit=1&limit=2' }, 400, 'HTTP_INVALID', 'query.limit'],
  ['a time beyond all', { path: '/api/endpoints/delays/predictions?beforeMs=1e17' }, 400, 'HTTP_INVALID', 'beforeMs'],
  ['a run that is not', { path: `/api/runs/${'0'.repeat(32)}` }, 404, 'TRACKING_RUN_NOT_FOUND', '0'.repeat(32)],
  ['a version that is not', { path: '/api/models/delays/versions/99' }, 404, 'REGISTRY_VERSION_NOT_FOUND', '99'],
  [
    'a version beyond all',
    { path: `/api/models/delays/versions/${'9'.repeat(40)}` },
    404,
    'REGISTRY_VERSION_NOT_FOUND',
  ],
  [
    'a foreign page',
    post('/api/models', { name: 'x' }, { origin: 'https://evil.example' }),
    403,
    'HTTP_ORIGIN_FORBIDDEN',
    'evil.example',
  ],
  ['a clock beyond all', post('/api/timeline', { nowMs: 1e300 }), 400, 'HTTP_INVALID', 'body.nowMs'],
];

let bench: SystemBench;
beforeAll(async () => {
  bench = await openBench();
  await seed(bench.client);
  await bench.settled();
});
afterAll(() => bench?.close());

describe.each([
  ['files and names', FILES],
  ['requests for a prediction', PREDICTIONS],
  ['addresses', ADDRESSES],
])('bad %s', (_, rows) => {
  it.each(rows)('refuses %s and keeps nothing of it', async (...row) => {
    const [, question, status, code, ...words] = row as unknown as Row;
    const before = await bench.kept();
    const answer = await bench.send(question);
    expect({ status: answer.status, ...errorOf(answer) }).toMatchObject({ status, code });
    for (const word of words) expect(errorOf(answer).message).toContain(word);
    expectDiscreet(answer);
    expect(withoutErrorCounts(await bench.kept())).toEqual(withoutErrorCounts(before));
  });
});

const tensor = { name: 'distance', datatype: 'FP32', shape: [1, 1], data: [500] };
const airport = { name: 'origin', datatype: 'BYTES', shape: [1, 1], data: ['ATL'] };
const infer = (body: Question['body'], model = 'delays') => post(`/v2/models/${model}/infer`, body ?? '');

it.each([
  ['malformed JSON', infer('{"inputs":'), 400, 'JSON'],
  ['a model that is not', infer({ inputs: [tensor] }, 'none'), 404, 'none'],
  ['a missing column', infer({ inputs: [tensor] }), 400, 'origin'],
  ['a wrong type', infer({ inputs: [{ ...tensor, data: ['far'] }] }), 400, 'distance'],
  ['a datatype that is not', infer({ inputs: [{ ...tensor, datatype: 'FP8' }] }), 400, 'FP8'],
  ['U+0000 in an id', infer({ inputs: [tensor, airport], parameters: { inference_id: 'a\0' } }), 400, 'inferenceIds'],
  ['U+0000 in a path', infer({ inputs: [tensor] }, 'a%00'), 404, ''],
  ['20 MB', infer(Buffer.alloc(20e6, ' ')), 413, 'large'],
] as const)('the Open Inference Protocol refuses %s in its own words', async (_, question, status, word) => {
  const before = await bench.kept();
  const answer = await bench.send(question);
  expect(answer.status).toBe(status);
  expect((JSON.parse(answer.text) as { error: string }).error).toContain(word);
  expectDiscreet(answer);
  expect(withoutErrorCounts(await bench.kept())).toEqual(withoutErrorCounts(before));
});

function errorOf({ text }: Answer): { code: string; message: string } {
  return (JSON.parse(text) as { error: { code: string; message: string } }).error;
}

/** An answer tells nothing of the machine or of the inside of the program. */
function expectDiscreet({ text }: Answer): void {
  expect(text).not.toMatch(/node_modules|\bat .*\.[jt]s:\d|src\/(platform|domains|server)/);
  expect(text).not.toContain(bench.folder);
}

/** That a request was refused is itself worth keeping: refusals are counted by day and code. */
function withoutErrorCounts({ rows, files }: Awaited<ReturnType<SystemBench['kept']>>) {
  const { serving_error_day: _, ...others } = rows;
  return { rows: others, files };
}

function head(sizeBytes: number): Uint8Array {
  return readFileSync(FLIGHTS).subarray(0, sizeBytes);
}
