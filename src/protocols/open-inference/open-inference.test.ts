import { gzipSync } from 'node:zlib';
import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { openInferencePlugin } from '#protocols/open-inference';
import { setUpServing } from '#testing/domains/serving';

const AT_MS = Date.UTC(2001, 2, 1, 10, 30);
const INPUTS = [
  { name: 'date', datatype: 'INT64', shape: [2, 1], data: [AT_MS, AT_MS] },
  { name: 'distance', datatype: 'FP32', shape: [2, 1], data: [500, 7] },
  { name: 'origin', datatype: 'BYTES', shape: [2, 1], data: ['ATL', 'ORD'] },
];

async function setUp() {
  const bench = await setUpServing();
  const change = { actor: 'user:ann', reason: 'test' };
  const variants = [
    { name: 'champion', version: 'version:flights/1', weight: 10_000 },
    { name: 'canary', version: 'version:flights/2', weight: 0 },
  ] as const;
  await bench.serving.createEndpoint({ name: 'delays', variants }, change);
  const app = Fastify();
  await app.register(openInferencePlugin(bench.serving));
  const infer = async (body: unknown, path = 'delays', headers: Record<string, string> = {}) => {
    const payload = Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const answer = await app.inject({ method: 'POST', url: `/v2/models/${path}/infer`, payload, headers });
    return { status: answer.statusCode, headers: answer.headers, raw: answer.rawPayload, json: () => answer.json() };
  };
  return { ...bench, app, infer };
}

describe('the Open Inference Protocol', () => {
  it('tells health, server and model in the words of the protocol', async () => {
    const { app, serving } = await setUp();
    const get = async (url: string) => {
      const { statusCode, body } = await app.inject({ url });
      return [statusCode, JSON.parse(body)];
    };
    expect(await get('/v2/health/live')).toEqual([200, { live: true }]);
    expect(await get('/v2/health/ready')).toEqual([200, { ready: true, live: true }]);
    expect(await get('/v2')).toEqual(await get('/v2/'));
    expect(await get('/v2/models/delays/ready')).toEqual([200, { name: 'delays', ready: true }]);
    expect(await get('/v2/models/delays/versions/2')).toEqual([
      200,
      {
        name: 'delays',
        versions: ['1', '2'],
        platform: 'onnxruntime_onnx',
        inputs: [
          { name: 'date', datatype: 'INT64', shape: [-1, 1] },
          { name: 'distance', datatype: 'FP32', shape: [-1, 1] },
          { name: 'origin', datatype: 'BYTES', shape: [-1, 1] },
        ],
        outputs: [{ name: 'value', datatype: 'FP32', shape: [-1, 1] }],
      },
    ]);
    expect(await get('/v2/models/nothing')).toEqual([
      404,
      { error: "Request for unknown model: 'nothing' is not found" },
    ]);
    expect((await get('/v2/models/delays/versions/9/ready'))[0]).toBe(404);
    await serving.stop();
    expect(await get('/v2/health/ready')).toEqual([503, { ready: false, live: true }]);
  });

  it.each([
    ['flat', [500, 7]],
    ['nested', [[500], [7]]],
  ])('predicts %s data, echoes the id, and logs as the typed API does', async (_, data) => {
    const { infer, serving } = await setUp();
    const inputs = INPUTS.map((input) => (input.name === 'distance' ? { ...input, data } : input));
    const answer = await infer({ id: 'r-1', inputs, parameters: { inference_id: 'x', at: AT_MS } });
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({
      model_name: 'delays',
      model_version: '1',
      id: 'r-1',
      parameters: {},
      outputs: [{ name: 'value', datatype: 'FP32', shape: [2, 1], data: [1500, 1007] }],
    });
    const [first] = await serving.inferenceLog.find('delays', ['x#0', 'x#1']);
    expect(first).toMatchObject({ inferenceId: 'x#0', atMs: AT_MS, prediction: 1500, variant: 'champion' });
  });

  it('answers by a version that is named, and gives the outputs that are asked for', async () => {
    const { infer } = await setUp();
    const inputs = INPUTS.map((input) => ({ ...input, shape: [1], data: input.data.slice(0, 1) }));
    const outputs = [{ name: 'inference_id' }, { name: 'value' }];
    const answer = (await infer({ inputs, outputs, parameters: { inference_id: 'one' } }, 'delays/versions/2')).json();
    expect(answer).toMatchObject({ model_version: '2', parameters: { inference_id: 'one', variant: 'canary' } });
    expect(answer.outputs).toEqual([
      { name: 'inference_id', datatype: 'BYTES', shape: [1, 1], data: ['one'] },
      { name: 'value', datatype: 'FP32', shape: [1, 1], data: [2500] },
    ]);
  });

  it('takes and gives tensors as bytes, compressed or not', async () => {
    const { infer } = await setUp();
    const { body, jsonLength } = binaryRequest();
    const headers = {
      'inference-header-content-length': String(jsonLength),
      'content-type': 'application/octet-stream',
    };
    for (const [payload, extra] of [
      [body, {}],
      [gzipSync(body), { 'content-encoding': 'gzip' }],
    ] as const) {
      const answer = await infer(payload, 'delays', { ...headers, ...extra });
      expect(answer.status).toBe(200);
      const length = Number(answer.headers['inference-header-content-length']);
      const json = JSON.parse(answer.raw.subarray(0, length).toString());
      expect(json.outputs).toEqual([
        { name: 'value', datatype: 'FP32', shape: [2, 1], parameters: { binary_data_size: 8 } },
      ]);
      expect([answer.raw.readFloatLE(length), answer.raw.readFloatLE(length + 4)]).toEqual([1500, 1007]);
    }
  });

  const change = (name: string, patch: object) => ({
    inputs: INPUTS.map((input) => (input.name === name ? { ...input, ...patch } : input)),
  });
  it.each([
    ['a body that is not JSON', Buffer.from('{"inputs": ['), 'the body is not JSON'],
    ['a list', [], 'the body is not an object'],
    ['no inputs', { inputs: [] }, 'inputs must be a list'],
    ['a missing input', { inputs: INPUTS.slice(1) }, 'column "date": is missing'],
    ['an unknown input', { inputs: [...INPUTS, { ...INPUTS[1], name: 'x' }] }, 'column "x": is not a column'],
    ['an input twice', { inputs: [...INPUTS, INPUTS[1]] }, "input 'distance' is given twice"],
    ['a wrong type', change('distance', { data: ['far', 1] }), 'input \'distance\' has "far" at 0, expected a number'],
    ['a wrong column type', change('distance', { datatype: 'BYTES', data: ['1', '2'] }), 'expected a finite number'],
    ['an unknown datatype', change('distance', { datatype: 'FP8' }), 'has datatype "FP8"'],
    ['too few values', change('distance', { data: [1] }), "input 'distance' has 1 values for shape [2,1]"],
    ['another number of rows', change('distance', { data: [1], shape: [1, 1] }), "input 'distance' has 1 rows"],
    ['a wide shape', change('distance', { shape: [1, 2] }), 'has shape [1,2]'],
    ['a negative shape', change('distance', { shape: [-2, 1] }), 'has shape [-2,1]'],
    ['a missing value', change('distance', { data: [null, 1] }), 'column "distance": is null'],
    ['an unknown output', { inputs: INPUTS, outputs: [{ name: 'y' }] }, "unexpected inference output 'y'"],
    ['an id that is a number', { inputs: INPUTS, id: 7 }, 'id is not a string'],
    [
      'bytes beyond the end',
      change('distance', { data: undefined, parameters: { binary_data_size: 8 } }),
      'beyond the end',
    ],
  ])('refuses %s with an error of one sentence, and logs nothing', async (_, body, words) => {
    const { infer, serving } = await setUp();
    const answer = await infer(body);
    expect(answer.status).toBe(400);
    expect(Object.keys(answer.json())).toEqual(['error']);
    expect(answer.json().error).toContain(words);
    expect(await serving.listPredictions('delays', { limit: 1 })).toEqual([]);
  });

  it.each(['0', '-1', '99999', 'x'])('refuses %s as the length of the JSON part', async (length) => {
    const { infer } = await setUp();
    const answer = await infer(binaryRequest().body, 'delays', { 'inference-header-content-length': length });
    expect(answer.status).toBe(400);
    expect(answer.json().error).toContain('Inference-Header-Content-Length');
  });

  it('asks who calls, where it is told to', async () => {
    const { serving } = await setUp();
    const app = Fastify();
    const authenticate = () => {
      throw Object.assign(new Error('no token'), { statusCode: 403 });
    };
    await app.register(openInferencePlugin(serving, { authenticate }));
    const answer = await app.inject({ method: 'POST', url: '/v2/models/delays/infer', payload: '{}' });
    expect([answer.statusCode, answer.json()]).toEqual([403, { error: 'no token' }]);
    expect((await app.inject({ url: '/v2/health/live' })).statusCode).toBe(200);
  });
});

function binaryRequest() {
  const date = Buffer.alloc(16);
  date.writeBigInt64LE(BigInt(AT_MS), 0);
  date.writeBigInt64LE(BigInt(AT_MS), 8);
  const distance = Buffer.alloc(16);
  distance.writeDoubleLE(500, 0);
  distance.writeDoubleLE(7, 8);
  const origin = Buffer.concat(
    ['ATL', 'Zürich'].flatMap((text) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(Buffer.byteLength(text));
      return [length, Buffer.from(text)];
    }),
  );
  const tensor = (name: string, datatype: string, bytes: Buffer) => ({
    name,
    datatype,
    shape: [2, 1],
    parameters: { binary_data_size: bytes.length },
  });
  const json = Buffer.from(
    JSON.stringify({
      inputs: [tensor('date', 'INT64', date), tensor('distance', 'FP64', distance), tensor('origin', 'BYTES', origin)],
      parameters: { binary_data_output: true },
    }),
  );
  return { body: Buffer.concat([json, date, distance, origin]), jsonLength: json.length };
}
