import Fastify from 'fastify';
import { expect, it } from 'vitest';
import {
  experimentEndpoints,
  loggedModelEndpoints,
  loggedModelWords,
  loggingEndpoints,
  metricHistoryEndpoints,
  mlflowPlugin,
  runEndpoints,
  runLinkEndpoints,
  trackingWords,
} from '#protocols/mlflow';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from '#testing/domains/tracking';
import { describeDatabases } from '#testing/platform/sql';

type Body = Readonly<Record<string, unknown>>;

describeDatabases("MLflow's calls of experiments and runs", (open) => {
  async function setUp() {
    const bench = setUpTracking(await open(TRACKING_TEST_MIGRATIONS));
    const { tracking, clock } = bench;
    const app = Fastify();
    const endpoints = [
      ...experimentEndpoints(tracking),
      ...runEndpoints(tracking),
      ...loggingEndpoints(tracking),
      ...runLinkEndpoints(tracking),
      ...metricHistoryEndpoints(tracking),
      ...loggedModelEndpoints(tracking),
    ];
    const words = [trackingWords, loggedModelWords];
    await app.register(mlflowPlugin({ endpoints, words, authenticate: () => ({ id: 'user:ann' }) }));
    const send = async (method: 'GET' | 'POST', path: string, given?: Body | string) => {
      const payload = typeof given === 'string' ? given : given && JSON.stringify(given);
      const headers = payload === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await app.inject({ method, url: path, headers, ...(payload === undefined ? {} : { payload }) });
      return { status: answer.statusCode, body: answer.json() };
    };
    const post = (path: string, given: Body | string = {}) => send('POST', `/api/2.0/mlflow/${path}`, given);
    const get = (path: string) => send('GET', `/api/2.0/mlflow/${path}`);
    const refused = async (path: string, given: Body | string) => {
      const { status, body } = await post(path, given);
      return `${status} ${body.error_code}: ${body.message}`;
    };
    const newRun = async (request: Body = {}) => {
      clock.advance(1000);
      const { body } = await post('runs/create', { experiment_id: '0', ...request });
      return body.run.info.run_id as string;
    };
    const read = async (run: string) => (await get(`runs/get?run_id=${run}`)).body.run;
    return { ...bench, send, post, get, refused, newRun, read };
  }

  it('make, read, rename, put aside and restore an experiment', async () => {
    const { post, get, clock } = await setUp();
    const made = await post('experiments/create', { name: 'delays', tags: [{ key: 'k', value: 'v' }] });
    expect(made).toEqual({ status: 200, body: { experiment_id: '1' } });
    const experiment = {
      ...{ experiment_id: '1', name: 'delays', artifact_location: 'mlflow-artifacts:/1', lifecycle_stage: 'active' },
      ...{ last_update_time: clock.now(), creation_time: clock.now(), tags: [{ key: 'k', value: 'v' }] },
    };
    expect((await get('experiments/get?experiment_id=1')).body).toEqual({ experiment });
    expect((await get('experiments/get-by-name?experiment_name=delays')).body).toEqual({ experiment });
    expect((await post('experiments/update', { experiment_id: '1', new_name: 'late' })).body).toEqual({});
    const note = { experiment_id: '1', key: 'mlflow.note.content', value: 'about delays' };
    expect((await post('experiments/set-experiment-tag', note)).body).toEqual({});
    expect((await get('experiments/get?experiment_id=1')).body.experiment).toMatchObject({
      name: 'late',
      tags: [
        { key: 'k', value: 'v' },
        { key: 'mlflow.note.content', value: 'about delays' },
      ],
    });
    expect((await post('experiments/delete-experiment-tag', { experiment_id: '1', key: 'k' })).status).toBe(200);
    expect((await post('experiments/delete', { experiment_id: '1' })).body).toEqual({});
    expect((await get('experiments/get?experiment_id=1')).body.experiment.lifecycle_stage).toBe('deleted');
    expect((await post('experiments/delete', { experiment_id: '1' })).status).toBe(404);
    expect((await post('experiments/restore', { experiment_id: '1' })).status).toBe(200);
    expect((await post('experiments/restore', { experiment_id: '1' })).status).toBe(404);
  });

  it('search experiments by filter, order and page', async () => {
    const { post, send, clock } = await setUp();
    for (const name of ['a', 'ab', 'b', 'gone']) {
      clock.advance(1000);
      await post('experiments/create', { name, tags: [{ key: 'team', value: name === 'b' ? 'x' : 'y' }] });
    }
    await post('experiments/delete', { experiment_id: '4' });
    const found = async (request: Body) => {
      const { body } = await post('experiments/search', { max_results: 10, ...request });
      return (body.experiments ?? []).map(({ name }: { name: string }) => name).join(' ');
    };
    expect(await found({})).toBe('b ab a Default');
    expect(await found({ view_type: 'ALL' })).toBe('gone b ab a Default');
    expect(await found({ view_type: 2 })).toBe('gone');
    expect(await found({ filter: "name LIKE 'a%'", order_by: ['name DESC'] })).toBe('ab a');
    expect(await found({ filter: "tags.team = 'x'" })).toBe('b');
    expect(await found({ filter: "tags.team = 'x' or name = 'a'" })).toBe('b a');
    expect(await found({ filter: `creation_time > ${clock.now() - 2000}` })).toBe('b');
    const page = await post('experiments/search', { max_results: 3 });
    expect(page.body.next_page_token).toBe('eyJvZmZzZXQiOiAzfQ==');
    expect(await found({ page_token: page.body.next_page_token })).toBe('Default');
    const got = await send('GET', '/ajax-api/2.0/mlflow/experiments/search?max_results=1&order_by=name&order_by=id');
    expect(got.body.experiments[0].name).toBe('Default');
  });

  it('make and read a run with all that can be told of it', async () => {
    const { post, newRun, read, tracking } = await setUp();
    const run = await newRun({ user_id: 'u', start_time: '1234567890123', tags: [{ key: 'a', value: 'b' }] });
    const created = await read(run);
    const uri = `mlflow-artifacts:/0/${run}/artifacts`;
    const name = created.info.run_name;
    expect(name).toMatch(/^\w+-\w+-\d+$/);
    expect(created).toEqual({
      info: {
        ...{ run_uuid: run, run_id: run, experiment_id: '0', run_name: name, user_id: 'u', status: 'RUNNING' },
        ...{ start_time: 1234567890123, artifact_uri: uri, lifecycle_stage: 'active' },
      },
      data: {
        tags: [
          { key: 'a', value: 'b' },
          { key: 'mlflow.runName', value: name },
        ],
      },
      inputs: {},
      outputs: {},
    });
    const dataset = { name: 'ds', digest: 'dd', source_type: 'local', source: '{}', schema: '{}', profile: '{}' };
    const tags = [{ key: 'mlflow.data.context', value: 'training' }];
    const model = (await tracking.createLoggedModel({ experiment: { id: 0 } }, 'user:ann')).id;
    const logged = [
      await post('runs/log-inputs', { run_id: run, datasets: [{ tags, dataset }], models: [{ model_id: model }] }),
      await post('runs/outputs', { run_id: run, models: [{ model_id: model, step: 3 }] }),
      await post('runs/log-parameter', { run_id: run, key: 'depth', value: '4' }),
      await post('runs/log-metric', { run_id: run, key: 'auc', value: 0.5, timestamp: 5, step: 1 }),
      await post('runs/set-tag', { run_id: run, key: 'mlflow.runName', value: 'renamed' }),
    ];
    expect(logged).toEqual(logged.map(() => ({ status: 200, body: {} })));
    const { info, data, inputs, outputs } = await read(run);
    expect(info.run_name).toBe('renamed');
    expect(data).toEqual({
      metrics: [{ key: 'auc', value: 0.5, timestamp: 5, step: 1 }],
      params: [{ key: 'depth', value: '4' }],
      tags: [
        { key: 'a', value: 'b' },
        { key: 'mlflow.runName', value: 'renamed' },
      ],
    });
    expect(inputs).toEqual({ dataset_inputs: [{ tags, dataset }], model_inputs: [{ model_id: model }] });
    expect(outputs).toEqual({ model_outputs: [{ model_id: model, step: 3 }] });
    const ended = await post('runs/update', { run_uuid: run, status: 'FINISHED', end_time: 99, run_name: 'again' });
    expect(ended.body.run_info).toMatchObject({ run_name: 'again', status: 'FINISHED', end_time: 99 });
    expect((await post('runs/update', { run_id: run, status: '4' })).body.run_info.status).toBe('FAILED');
  });

  it('take numbers as text, bare NaN and infinities, and keep the latest by step, time and value', async () => {
    const { post, newRun, read } = await setUp();
    const run = await newRun();
    const log = (fields: string) => post('runs/log-metric', `{"run_id":"${run}",${fields}}`);
    await log('"key":"m","value":2,"timestamp":9,"step":2');
    await log('"key":"m","value":7,"timestamp":1,"step":1');
    await log('"key":"m","value":"3.5","timestamp":"9","step":"2"');
    await log('"key":"nan","value":NaN,"timestamp":6');
    await log('"key":"inf","value":"Infinity","timestamp":6');
    await log('"key":"less","value":-Infinity,"timestamp":6');
    const { data } = await read(run);
    const metrics = Object.fromEntries(data.metrics.map(({ key, value, step }: Body) => [key, [value, step]]));
    expect(metrics).toEqual({
      ...{ m: [3.5, 2], nan: ['NaN', 0] },
      ...{ inf: [Number.MAX_VALUE, 0], less: [-Number.MAX_VALUE, 0] },
    });
  });

  it('write all of a batch or nothing', async () => {
    const { post, newRun, read, refused } = await setUp();
    const run = await newRun();
    const metrics = [0, 1, 2].map((step) => ({ key: 'm', value: step, timestamp: step, step }));
    const params = [{ key: 'p', value: 'x'.repeat(6001) }];
    expect((await post('runs/log-batch', { run_id: run, metrics, params, tags: [{ key: 't' }] })).body).toEqual({});
    const before = await read(run);
    expect(before.data.params[0].value).toHaveLength(6000);
    expect(before.data.tags).toContainEqual({ key: 't', value: '' });
    const changed = { run_id: run, metrics: [{ key: 'other', value: 1, timestamp: 1 }], params: [{ key: 'p' }] };
    expect(await refused('runs/log-batch', changed)).toContain(
      "Changing param values is not allowed. Params were already logged='[{'key': 'p', 'old_value': 'xx",
    );
    expect(await read(run)).toEqual(before);
  });

  it('read the history of a metric by pages, of several runs, and by steps they share', async () => {
    const { post, get, send, newRun } = await setUp();
    const [one, two] = [await newRun(), await newRun()];
    const points = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ key: 'm', value: i, timestamp: 100 - i, step: i }));
    await post('runs/log-batch', { run_id: one, metrics: points(5) });
    await post('runs/log-batch', { run_id: two, metrics: points(3) });
    const page = (await get(`metrics/get-history?run_id=${one}&metric_key=m&max_results=2`)).body;
    expect(page.metrics.map(({ step }: Body) => step)).toEqual([4, 3]);
    const rest = await get(`metrics/get-history?run_id=${one}&metric_key=m&page_token=${page.next_page_token}`);
    expect(rest.body.metrics).toEqual([2, 1, 0].map((i) => ({ key: 'm', value: i, timestamp: 100 - i, step: i })));
    expect(rest.body.next_page_token).toBeUndefined();
    expect((await get(`metrics/get-history?run_id=${one}&metric_key=none`)).body).toEqual({});
    expect((await get('metrics/get-history?run_id=none&metric_key=m')).status).toBe(404);
    const bulk = (query: string) => send('GET', `/ajax-api/2.0/mlflow/metrics/${query}`);
    const { metrics } = (await bulk(`get-history-bulk?run_id=${two}&run_id=${one}&metric_key=m&max_results=6`)).body;
    const runs = [one, two].sort();
    expect(metrics.map(({ run_id }: Body) => run_id).join()).toBe(
      [...Array(runs[0] === one ? 5 : 3).fill(runs[0]), ...Array(runs[0] === one ? 1 : 3).fill(runs[1])].join(),
    );
    const shared = await get(
      `metrics/get-history-bulk-interval?run_ids=${one}&run_ids=${two}&metric_key=m&max_results=2`,
    );
    expect(shared.body.metrics.map(({ run_id, step }: Body) => `${run_id === one ? 'one' : 'two'} ${step}`)).toEqual([
      'one 0',
      'one 2',
      'one 4',
      'two 0',
      'two 2',
    ]);
    const some = `metrics/get-history-bulk-interval?run_ids=${one}&metric_key=m&start_step=1&end_step=3`;
    expect((await get(some)).body.metrics.map(({ step }: Body) => step)).toEqual([1, 2, 3]);
  });

  it('search runs by filter, order, page and lifecycle', async () => {
    const { post, newRun } = await setUp();
    for (const [name, auc] of Object.entries({ a: 0.5, b: 0.7, c: 'NaN', d: undefined })) {
      const run = await newRun({ run_name: name });
      if (auc !== undefined) await post('runs/log-metric', { run_id: run, key: 'auc', value: auc, timestamp: 1 });
      await post('runs/log-parameter', { run_id: run, key: 'depth', value: name === 'a' ? '4' : '6' });
    }
    await post('runs/delete', { run_id: await newRun({ run_name: 'gone' }) });
    const found = async (request: Body) => {
      const { body } = await post('runs/search', { experiment_ids: ['0', '77', 'x'], ...request });
      const names = (body.runs ?? []).map(({ info }: { info: { run_name: string } }) => info.run_name).join('');
      return [names, body.next_page_token] as const;
    };
    expect(await found({})).toEqual(['dcba', undefined]);
    expect(await found({ run_view_type: 'DELETED_ONLY' })).toEqual(['gone', undefined]);
    expect(await found({ order_by: ['metrics.auc DESC'] })).toEqual(['bacd', undefined]);
    expect(await found({ order_by: ['metrics.auc'] })).toEqual(['abcd', undefined]);
    expect(await found({ filter: "metrics.auc > 0.6 and params.depth = '6'" })).toEqual(['b', undefined]);
    expect(await found({ filter: "params.depth = '4' OR attributes.run_name IN ('d', 'x')" })).toEqual([
      'da',
      undefined,
    ]);
    const [names, token] = await found({ max_results: 3 });
    expect(names).toBe('dcb');
    expect(await found({ max_results: 3, page_token: token })).toEqual(['a', undefined]);
    expect(await post('runs/search', { experiment_ids: [] })).toEqual({ status: 200, body: {} });
  });

  it('keep what is put aside from being written to, and note models of older clients', async () => {
    const { post, newRun, read, refused } = await setUp();
    const run = await newRun();
    const model = { artifact_path: 'model', flavors: { f: { a: 1, config: 2 } }, utc_time_created: 't', run_id: run };
    for (const _ of [1, 2]) await post('runs/log-model', { run_id: run, model_json: JSON.stringify(model) });
    const history = (await read(run)).data.tags.find(({ key }: Body) => key === 'mlflow.log-model.history').value;
    expect(JSON.parse(history)).toEqual([1, 2].map(() => ({ ...model, flavors: { f: { a: 1 } } })));
    const tag = { run_id: run, key: 'mlflow.log-model.history', value: 'no JSON' };
    await post('runs/set-tag', tag);
    const paths = ['a', 'b', 'c', 'd', 'e', 'f'];
    const logs = paths.map((artifact_path) => JSON.stringify({ ...model, artifact_path }));
    await Promise.all(logs.map((model_json) => post('runs/log-model', { run_id: run, model_json })));
    const all = (await read(run)).data.tags.find(({ key }: Body) => key === tag.key).value;
    expect(JSON.parse(all).map((logged: Body) => logged.artifact_path)).toEqual(expect.arrayContaining(paths));
    for (const _ of [1, 2]) expect(await post('runs/delete', { run_id: run })).toEqual({ status: 200, body: {} });
    const gone = `400 INVALID_PARAMETER_VALUE: The run ${run} must be in the 'active' state. Current state is deleted.`;
    expect(await refused('runs/log-metric', { run_id: run, key: 'm', value: 1, timestamp: 5 })).toBe(gone);
    expect(await refused('runs/update', { run_id: run, status: 'FINISHED' })).toBe(gone);
    expect((await post('runs/restore', { run_id: run })).status).toBe(200);
    await post('experiments/create', { name: 'x' });
    await post('experiments/delete', { experiment_id: '1' });
    expect(await refused('runs/create', { experiment_id: '1' })).toBe(
      "400 INVALID_PARAMETER_VALUE: The experiment 1 must be in the 'active' state. Current state is deleted.",
    );
    expect(await refused('experiments/create', { name: 'x' })).toBe(
      '400 RESOURCE_ALREADY_EXISTS: Experiment(name=x) already exists.',
    );
  });

  it('say of what there is not that it is no endpoint', async () => {
    const { send } = await setUp();
    const told = await send('POST', '/api/3.0/mlflow/gateway/secrets/create', {});
    expect(told.status).toBe(404);
    expect(told.body).toMatchObject({
      error_code: 'ENDPOINT_NOT_FOUND',
      message: 'Nothing answers POST /api/3.0/mlflow/gateway/secrets/create here.',
    });
  });

  it('refuse in a path or query what no database can hold', async () => {
    const { send } = await setUp();
    const paths = ['logged-models/a%00b', 'experiments/get-by-name?experiment_name=a%00b', 'logged-models/%00/tags'];
    for (const path of paths) {
      const { status, body } = await send('GET', `/api/2.0/mlflow/${path}`);
      expect([status < 500, body], path).toEqual([true, expect.anything()]);
    }
    const { status, body } = await send('GET', '/api/2.0/mlflow/logged-models/a%00b');
    expect([status, body.error_code, body.message]).toEqual([
      400,
      'INVALID_PARAMETER_VALUE',
      expect.stringContaining('U+0000'),
    ]);
  });

  it('refuse in the words of MLflow', async () => {
    const { refused, newRun, post } = await setUp();
    const run = await newRun();
    await post('runs/log-parameter', { run_id: run, key: 'p', value: '1' });
    const missing = (field: string) => `400 INVALID_PARAMETER_VALUE: Missing value for required parameter '${field}'.`;
    const wrong = (value: string, field: string) =>
      `400 INVALID_PARAMETER_VALUE: Invalid value ${value} for parameter '${field}' supplied`;
    const many = (count: number) => Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: 1, timestamp: 1 }));
    const rows: readonly (readonly [string, Body | string, string])[] = [
      ['experiments/create', {}, missing('name')],
      [
        'experiments/create',
        { name: 123 },
        `${wrong('123', 'name')}:  Hint: Value was of type 'int'. See the API docs`,
      ],
      ['experiments/create', '{"name":"n","artifact_location":9.0}', wrong('9.0', 'artifact_location')],
      [
        'experiments/create',
        { name: 'n', artifact_location: 's3://b#x' },
        "400 INVALID_PARAMETER_VALUE: 'artifact_location' URL can't include fragments or params.",
      ],
      [
        'experiments/create',
        { name: 'n', artifact_location: 'runs:/x' },
        '400 INVALID_PARAMETER_VALUE: Artifact location cannot be a runs:/ URI.',
      ],
      [
        'experiments/create',
        { name: 'x'.repeat(501) },
        "400 INVALID_PARAMETER_VALUE: 'name' exceeds the maximum length of 500 characters",
      ],
      ['experiments/delete', { experiment_id: '77' }, '404 RESOURCE_DOES_NOT_EXIST: No Experiment with id=77 exists'],
      [
        'experiments/set-experiment-tag',
        { experiment_id: 'abc', key: 'k' },
        "400 INVALID_PARAMETER_VALUE: Invalid experiment ID 'abc'. Experiment ID must be a valid integer.",
      ],
      [
        'experiments/set-experiment-tag',
        { experiment_id: '0', key: 'a//b' },
        "400 INVALID_PARAMETER_VALUE: Invalid value \"a//b\" for parameter 'key' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to 'a/b'",
      ],
      [
        'experiments/delete-experiment-tag',
        { experiment_id: '0', key: 'k' },
        '404 RESOURCE_DOES_NOT_EXIST: No tag with name: k in experiment with id 0',
      ],
      [
        'experiments/search',
        {},
        "400 INVALID_PARAMETER_VALUE: Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer",
      ],
      [
        'experiments/search',
        { max_results: 50_001 },
        "400 INVALID_PARAMETER_VALUE: Invalid value 50001 for parameter 'max_results' supplied. It must be at most 50000",
      ],
      [
        'experiments/search',
        { max_results: 1, filter: 'foo.a = 1' },
        "400 INVALID_PARAMETER_VALUE: Invalid entity type 'foo'.",
      ],
      [
        'runs/create',
        { run_name: 'x', tags: [{ key: 'mlflow.runName', value: 'y' }] },
        "400 INVALID_PARAMETER_VALUE: Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='x', mlflow.runName='y').",
      ],
      ['runs/update', { run_id: run, status: 'BOGUS' }, wrong('"BOGUS"', 'status')],
      ['runs/log-metric', { run_id: run, key: 'm' }, missing('value')],
      ['runs/log-metric', { key: 'm', value: 1, timestamp: 1 }, missing('run_id')],
      [
        'runs/log-metric',
        { run_id: run, key: 'm', value: 'abc', timestamp: 1 },
        `${wrong('"abc"', 'value')}:  Hint: Value was of type 'str'.`,
      ],
      [
        'runs/log-metric',
        { run_id: run, key: '../x', value: 1, timestamp: 1 },
        `${wrong('"../x"', 'name')}: Names may be treated as files`,
      ],
      [
        'runs/log-metric',
        { run_id: run, key: 'a'.repeat(251), value: 1, timestamp: 1 },
        "400 INVALID_PARAMETER_VALUE: 'Metric name' exceeds the maximum length of 250 characters",
      ],
      [
        'runs/log-metric',
        { run_id: run, key: 'm', value: 1, timestamp: -1 },
        `${wrong('-1', 'timestamp')}: metric 'm' (value=1.0). Timestamp must be a nonnegative long (64-bit integer) `,
      ],
      [
        'runs/log-metric',
        { run_id: 'none', key: 'm', value: 1, timestamp: 1 },
        '404 RESOURCE_DOES_NOT_EXIST: Run with id=none not found',
      ],
      [
        'runs/log-parameter',
        { run_id: run, key: 'p', value: '2' },
        `400 INVALID_PARAMETER_VALUE: Changing param values is not allowed. Param with key='p' was already logged with value='1' for run ID='${run}'. Attempted logging new value '2'.`,
      ],
      ['runs/log-batch', { run_id: '/bad' }, wrong('"/bad"', 'run_id')],
      ['runs/log-batch', { run_id: run, metrics: {} }, `${wrong('{}', 'metrics')}:  Hint: Value was of type 'dict'.`],
      ['runs/log-batch', { run_id: run, metrics: [{ key: 'm', value: 1 }] }, missing('metrics[0].timestamp')],
      [
        'runs/log-batch',
        { run_id: run, metrics: [{ key: 'a/../b', value: 1, timestamp: 1 }] },
        `${wrong('"a/../b"', 'metrics[0].name')}: Names`,
      ],
      [
        'runs/log-batch',
        { run_id: run, metrics: many(1001) },
        '400 INVALID_PARAMETER_VALUE: A batch logging request can contain at most 1000 metrics. Got 1001 metrics.',
      ],
      [
        'runs/log-batch',
        { run_id: run, params: [{ key: 'd' }, { key: 'd' }] },
        "400 INVALID_PARAMETER_VALUE: Duplicate parameter keys have been submitted: ['d'].",
      ],
      [
        'runs/log-inputs',
        { run_id: run, datasets: [{}] },
        '400 INVALID_PARAMETER_VALUE: Missing value for required parameter',
      ],
      ['runs/outputs', { run_id: run }, missing('models')],
      [
        'runs/log-model',
        { run_id: run, model_json: '{}' },
        '400 INVALID_PARAMETER_VALUE: Model json is missing mandatory fields',
      ],
      ['runs/log-model', { run_id: run, model_json: '{' }, '400 INVALID_PARAMETER_VALUE: Malformed model info.'],
      [
        'runs/delete-tag',
        { run_id: run, key: 'nope' },
        `404 RESOURCE_DOES_NOT_EXIST: No tag with name: nope in run with id ${run}`,
      ],
      [
        'runs/search',
        { filter: "metric.m > 'x'" },
        "400 INVALID_PARAMETER_VALUE: Expected numeric value type for metric. Found 'x'",
      ],
      [
        'runs/search',
        { filter: 'foo.m = 1' },
        "400 INVALID_PARAMETER_VALUE: Invalid entity type 'foo'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']",
      ],
      [
        'runs/search',
        { order_by: ['metrics.m bogus'] },
        "400 INVALID_PARAMETER_VALUE: Invalid ordering key in order_by clause 'metrics.m bogus'.",
      ],
      [
        'runs/search',
        { order_by: ['metrics.m', 'metrics.m'] },
        '400 INVALID_PARAMETER_VALUE: `order_by` contains duplicate fields',
      ],
      ['runs/search', { max_results: 50_001 }, wrong('50001', 'max_results')],
      ['runs/search', { page_token: 'xx' }, '400 INVALID_PARAMETER_VALUE: Invalid page token, could not base64-decode'],
      ['runs/search', { page_token: 'e30=' }, '400 INVALID_PARAMETER_VALUE: Invalid page token, parsed value={}'],
      ['runs/search', { run_view_type: 'NOPE' }, wrong('"NOPE"', 'run_view_type')],
      ['runs/search', '{"experiment_ids":', '400 INVALID_PARAMETER_VALUE: The body of the request is not JSON'],
    ];
    for (const [path, given, words] of rows) expect(await refused(path, given), `${path} ${words}`).toContain(words);
  });
});
