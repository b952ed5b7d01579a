import Fastify from 'fastify';
import { expect, it } from 'vitest';
import {
  mlflowPlugin,
  modelVersionEndpoints,
  registeredModelEndpoints,
  registryWords,
  type SourcePlaces,
} from '#protocols/mlflow';
import { REGISTRY_TEST_MIGRATIONS, registered, setUpRegistry } from '#testing/domains/registry';
import { describeDatabases } from '#testing/platform/sql';

type Body = Readonly<Record<string, unknown>>;
const MODELS = 'registered-models';
const VERSIONS = 'model-versions';

describeDatabases("MLflow's calls of registered models and versions", (open) => {
  async function setUp(pattern?: RegExp) {
    const bench = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    const { registry, clock } = bench;
    const noted: string[] = [];
    const runs: Record<string, string> = {
      r1: 'mlflow-artifacts:/1/r1/artifacts',
      local: 'file:///data/1/local/artifacts',
    };
    const places: SourcePlaces = {
      artifactUriOfRun: async (run) => runs[run],
      loggedModel: async (id) =>
        id === 'm-1' ? { artifactUri: 'mlflow-artifacts:/1/models/m-1', sourceRun: 'r1' } : undefined,
      noteRegistration: async (id) => void noted.push(id),
    };
    const app = Fastify();
    const endpoints = [...registeredModelEndpoints(registry), ...modelVersionEndpoints({ registry, places, pattern })];
    await app.register(mlflowPlugin({ endpoints, words: [registryWords], authenticate: () => ({ id: 'user:ann' }) }));
    const call = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, given: Body = {}) => {
      clock.advance(1000);
      const query = method === 'GET' ? `?${new URLSearchParams(given as Record<string, string>)}` : '';
      const body =
        method === 'GET' ? {} : { payload: JSON.stringify(given), headers: { 'content-type': 'application/json' } };
      const answer = await app.inject({ method, url: `/api/2.0/mlflow/${path}${query}`, ...body });
      return { status: answer.statusCode, body: answer.json() };
    };
    const refused = async (...parameters: Parameters<typeof call>) => {
      const { status, body } = await call(...parameters);
      return `${status} ${body.error_code}: ${body.message}`;
    };
    const newModel = (name: string, given: Body = {}) => call('POST', `${MODELS}/create`, { name, ...given });
    const newVersion = (name: string, given: Body = {}) =>
      call('POST', `${VERSIONS}/create`, { name, source: 's3://b/x', ...given });
    return { ...bench, call, refused, newModel, newVersion, noted };
  }

  it('make, describe, rename and delete a model', async () => {
    const { call, refused, newModel, newVersion, clock } = await setUp();
    const tags = [
      { key: 'a', value: '1' },
      { key: 'a', value: '2' },
    ];
    const made = await newModel('late arrivals', { tags, description: 'd' });
    const at = clock.now();
    const model = {
      ...{ name: 'late arrivals', creation_timestamp: at, last_updated_timestamp: at, description: 'd' },
      tags: [{ key: 'a', value: '2' }],
    };
    expect(made).toEqual({ status: 200, body: { registered_model: model } });
    expect(await call('GET', `${MODELS}/get`, { name: 'late arrivals' })).toEqual(made);
    const described = await call('PATCH', `${MODELS}/update`, { name: 'late arrivals', description: 'e' });
    const changed = { ...model, description: 'e', last_updated_timestamp: at + 2000 };
    expect(described.body.registered_model).toEqual(changed);
    await newVersion('late arrivals');
    const renamed = await call('POST', `${MODELS}/rename`, { name: 'late arrivals', new_name: 'late' });
    expect(renamed.body.registered_model).toMatchObject({
      name: 'late',
      latest_versions: [{ name: 'late', version: '1' }],
    });
    const gone = '404 RESOURCE_DOES_NOT_EXIST: Registered Model with name=late arrivals not found';
    expect(await refused('GET', `${MODELS}/get`, { name: 'late arrivals' })).toBe(gone);
    expect(await call('DELETE', `${MODELS}/delete`, { name: 'late' })).toEqual({ status: 200, body: {} });
    expect(await refused('DELETE', `${MODELS}/delete`, { name: 'late' })).toMatch(/name=late not found/);
    expect((await newModel('late')).body.registered_model).not.toHaveProperty('latest_versions');
  });

  it('refuse names in the words of MLflow', async () => {
    const { refused, newModel } = await setUp();
    const create = (name: string, given: Body = {}) => refused('POST', `${MODELS}/create`, { name, ...given });
    const prompt = { tags: [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] };
    expect(await create('a/b')).toBe(
      "400 INVALID_PARAMETER_VALUE: Invalid model name 'a/b'. Names cannot contain '/' or ':'.",
    );
    expect(await create(' ')).toBe("400 INVALID_PARAMETER_VALUE: Missing value for required parameter 'name'.");
    expect(await create('..')).toMatch(/^400 INVALID_PARAMETER_VALUE: Invalid value ".." for parameter 'name'/);
    await newModel('model');
    await newModel('prompt', prompt);
    expect(await create('model')).toBe('400 RESOURCE_ALREADY_EXISTS: Registered Model (name=model) already exists.');
    expect(await create('prompt', prompt)).toBe('400 RESOURCE_ALREADY_EXISTS: Prompt (name=prompt) already exists.');
    expect(await create('model', prompt)).toMatch(/Tried to create a prompt with name 'model', but the name is/);
    expect(await create('prompt')).toMatch(/Tried to create a registered model with name 'prompt', but/);
    const rename = { name: 'model', new_name: 'prompt' };
    expect(await refused('POST', `${MODELS}/rename`, rename)).toMatch(/400 RESOURCE_ALREADY_EXISTS: .*already exists/);
    const tag = { name: 'model', key: 'k'.repeat(251), value: 'v' };
    expect(await refused('POST', `${MODELS}/set-tag`, tag)).toMatch(/'key' exceeds the maximum length of 250/);
  });

  it('register versions, tell of them, and delete them with their aliases', async () => {
    const { call, refused, newModel, newVersion, clock, moves } = await setUp();
    await newModel('m');
    const made = await newVersion('m', { run_id: 'r1', tags: [{ key: 'x', value: 'y' }] });
    const version = {
      ...{ name: 'm', version: '1', creation_timestamp: clock.now(), last_updated_timestamp: clock.now() },
      ...{ current_stage: 'None', description: '', source: 's3://b/x', run_id: 'r1', status: 'READY', run_link: '' },
      tags: [{ key: 'x', value: 'y' }],
    };
    expect(made).toEqual({ status: 200, body: { model_version: version } });
    await newVersion('m');
    await call('POST', `${MODELS}/alias`, { name: 'm', alias: 'best', version: '1' });
    const one = { name: 'm', version: '1' };
    expect((await call('GET', `${VERSIONS}/get`, one)).body.model_version).toEqual({ ...version, aliases: ['best'] });
    const described = await call('PATCH', `${VERSIONS}/update`, { ...one, description: 'good' });
    expect(described.body.model_version).toMatchObject({ description: 'good', aliases: ['best'] });
    await call('POST', `${VERSIONS}/set-tag`, { ...one, key: 'empty', value: '' });
    await call('DELETE', `${VERSIONS}/delete-tag`, { ...one, key: 'x' });
    await call('DELETE', `${VERSIONS}/delete-tag`, { ...one, key: 'nothing' });
    const { model_version: told } = (await call('GET', `${MODELS}/alias`, { name: 'm', alias: 'best' })).body;
    expect(told.tags).toEqual([{ key: 'empty', value: '' }]);
    expect(await call('DELETE', `${VERSIONS}/delete`, one)).toEqual({ status: 200, body: {} });
    const gone = '404 RESOURCE_DOES_NOT_EXIST: Model Version (name=m, version=1) not found';
    for (const path of ['get', 'get-download-uri']) expect(await refused('GET', `${VERSIONS}/${path}`, one)).toBe(gone);
    expect(await refused('GET', `${MODELS}/alias`, { name: 'm', alias: 'best' })).toMatch(/alias best not found/);
    expect((await call('GET', `${MODELS}/get`, { name: 'm' })).body.registered_model).not.toHaveProperty('aliases');
    expect((await newVersion('m')).body.model_version.version).toBe('3');
    expect(moves.map(({ pointer, to }) => [pointer, to])).toEqual([
      ['model:m@best', 'version:m/1'],
      ['model:m@best', null],
    ]);
    expect(await refused('GET', `${VERSIONS}/get`, { name: 'm', version: 'x' })).toBe(
      "400 INVALID_PARAMETER_VALUE: Parameter 'version' must be an integer, got 'x'.",
    );
    expect(await refused('GET', `${VERSIONS}/get`, { name: 'm', version: '0' })).toMatch(/version=0\) not found/);
  });

  it('keep aliases, of which some words are reserved', async () => {
    const { call, refused, newModel, newVersion } = await setUp();
    await newModel('m');
    const set = (alias: string, version = '1') => refused('POST', `${MODELS}/alias`, { name: 'm', alias, version });
    expect(await set('a')).toMatch(/^404 .*Model Version \(name=m, version=1\) not found/);
    expect(await refused('GET', `${MODELS}/alias`, { name: 'm', alias: 'latest' })).toMatch(
      /^404 .*Latest version not/,
    );
    await newVersion('m');
    await newVersion('m');
    expect(await set('v1')).toBe("400 INVALID_PARAMETER_VALUE: Version alias name 'v1' is reserved.");
    expect(await set('LATEST')).toMatch(/'latest' alias name \(case insensitive\) is reserved/);
    expect(await set('a b')).toMatch(/Invalid alias name: 'a b'. Names may only contain alphanumerics/);
    const latest = await call('GET', `${MODELS}/alias`, { name: 'm', alias: 'latest' });
    expect(latest.body.model_version.version).toBe('2');
    expect(await refused('GET', `${MODELS}/alias`, { name: 'm', alias: '1' })).toBe(
      '400 INVALID_PARAMETER_VALUE: Registered model alias 1 not found.',
    );
    await call('POST', `${MODELS}/alias`, { name: 'm', alias: 'a', version: '1' });
    await call('POST', `${MODELS}/alias`, { name: 'm', alias: 'a', version: 2 });
    const { registered_model: model } = (await call('GET', `${MODELS}/get`, { name: 'm' })).body;
    expect(model.aliases).toEqual([{ alias: 'a', version: '2' }]);
    const absent = { name: 'm', alias: 'nothing' };
    expect(await call('DELETE', `${MODELS}/alias`, absent)).toEqual({ status: 200, body: {} });
  });

  it('ask the gate before a protected alias moves', async () => {
    const { refused, newVersion } = await setUp();
    await newVersion('delays');
    const moved = await refused('POST', `${MODELS}/alias`, { name: 'delays', alias: 'champion', version: '1' });
    expect(moved).toMatch(/^400 INVALID_PARAMETER_VALUE: Alias "champion" is protected and no gate was run/);
  });

  it('move versions through stages and tell of the newest in each', async () => {
    const { call, refused, newModel, newVersion } = await setUp();
    await newModel('m');
    for (let count = 0; count < 4; count++) await newVersion('m');
    const move = (version: string, stage: string, archive = false) =>
      call('POST', `${VERSIONS}/transition-stage`, { name: 'm', version, stage, archive_existing_versions: archive });
    await move('1', 'production');
    expect((await move('2', 'PRODUCTION', true)).body.model_version.current_stage).toBe('Production');
    await move('3', 'Staging');
    const latest = async (given: Body) => {
      const { body } = await call('POST', `${MODELS}/get-latest-versions`, { name: 'm', ...given });
      return (body.model_versions ?? []).map((one: Body) => `${one.version} ${one.current_stage}`);
    };
    expect(await latest({})).toEqual(['4 None', '3 Staging', '2 Production', '1 Archived']);
    expect(await latest({ stages: ['production', 'None'] })).toEqual(['4 None', '2 Production']);
    const query = await call('GET', `${MODELS}/get-latest-versions`, { name: 'm', stages: 'Staging' });
    expect(query.body.model_versions).toHaveLength(1);
    expect(await refused('POST', `${VERSIONS}/transition-stage`, { name: 'm', version: '1', stage: 'x' })).toBe(
      '400 INVALID_PARAMETER_VALUE: Invalid Model Version stage: x. Value must be one of None, Staging, Production, Archived.',
    );
    expect((await move('1', 'None', true)).body.message).toMatch(/because 'None' is not an Active stage/);
  });

  it('know where the files of a version lie', async () => {
    const { call, refused, newModel, newVersion, registry, noted } = await setUp();
    await newModel('m');
    const placed = async (given: Body) => {
      const made = (await newVersion('m', given)).body.model_version;
      const { body } = await call('GET', `${VERSIONS}/get-download-uri`, { name: 'm', version: made.version });
      return `${made.source} ${made.run_id} ${body.artifact_uri}`;
    };
    expect(await placed({ source: 'models:/m-1', model_id: 'm-1' })).toBe(
      'models:/m-1 r1 mlflow-artifacts:/1/models/m-1',
    );
    expect(noted).toEqual(['m-1']);
    expect(await placed({ source: 'models:/m/1' })).toBe('models:/m/1  mlflow-artifacts:/1/models/m-1');
    expect(await placed({ source: 'runs:/r1/model' })).toBe('runs:/r1/model r1 mlflow-artifacts:/1/r1/artifacts/model');
    expect(await placed({ source: 'runs:/far/model' })).toBe('runs:/far/model far runs:/far/model');
    const local = '/data/1/local/artifacts/model';
    expect(await placed({ source: local, run_id: 'local' })).toBe(`${local} local ${local}`);
    expect(await placed({ source: `file://${local}`, run_id: 'local' })).toMatch(/^file/);
    const create = (given: Body) => refused('POST', `${VERSIONS}/create`, { name: 'm', ...given });
    const outside = /^400 INVALID_PARAMETER_VALUE: Invalid model version source: '.*'. To use a local path/;
    for (const source of [
      '/srv/x',
      '/data/1/local/artifacts/../x',
      '/data/1/local/artifacts-2',
      'model',
      'file:///srv/x',
    ]) {
      expect(await create({ source, run_id: 'local' })).toMatch(outside);
    }
    expect(await create({ source: local })).toMatch(outside);
    expect(await create({ source: local, run_id: 'r1' })).toMatch(outside);
    expect(await create({ source: local, run_id: 'nobody' })).toBe(
      '404 RESOURCE_DOES_NOT_EXIST: Run with id=nobody not found',
    );
    for (const source of [
      ...['mlflow-artifacts:/a/../b', 'mlflow-artifacts://h:1/..%2f..%2f..%2f', 's3:/b/../c', 'http://h/a%00'],
      ...['https://h/a/%252e%252e/b', 'ftp://h/a//../b', 's3://b/%zz'],
    ]) {
      expect(await create({ source })).toMatch(/an absolute path must be provided without relative path references/);
    }
    expect(await create({ source: 'models:/m-9' })).toMatch(/^404 .*Unable to fetch model from model URI source/);
    await registered(registry, 'one');
    expect(await create({ source: 'models:/delays/1' })).toMatch(/^404 .*Unable to fetch.*ONNX file/);
    const onnx = await refused('GET', `${VERSIONS}/get-download-uri`, { name: 'delays', version: '1' });
    expect(onnx).toMatch(/^400 .*trimtab model download delays 1/);
  });

  it('find models by name and tags, page by page', async () => {
    const { call, refused, newModel, newVersion } = await setUp();
    for (const name of ['a1', 'a2', 'B1', 'b2']) await newModel(name, { tags: [{ key: 'n', value: name }] });
    await newModel('hello', { tags: [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] });
    await newVersion('a1');
    const search = async (given: Body = {}) => {
      const { body } = await call('GET', `${MODELS}/search`, given);
      return { names: (body.registered_models ?? []).map((model: Body) => model.name), token: body.next_page_token };
    };
    const names = async (filter: string, order = '') => (await search({ filter, order_by: order || 'name' })).names;
    expect(await names('')).toEqual(['B1', 'a1', 'a2', 'b2', 'delays']);
    expect(await names("name LIKE 'b%'")).toEqual(['b2']);
    expect(await names("name ILIKE 'b%'")).toEqual(['B1', 'b2']);
    expect(await names("name != 'a1' AND tags.n LIKE 'a%'")).toEqual(['a2']);
    expect(await names("tag.`n` = 'a1' OR (name = 'b2')")).toEqual(['a1', 'b2']);
    expect(await names("name IN ('a1', 'B1')")).toEqual(['B1', 'a1']);
    expect(await names('tags.n IS NULL')).toEqual(['delays']);
    expect(await names("tags.`mlflow.prompt.is_prompt` = 'true'")).toEqual(['hello']);
    expect(await names("tags.`mlflow.prompt.is_prompt` != 'true' AND name LIKE 'a%'")).toEqual(['a1', 'a2']);
    expect((await names('', 'timestamp DESC')).slice(0, 2)).toEqual(['a1', 'b2']);
    const first = await search({ max_results: '3' });
    const second = await search({ max_results: '3', page_token: first.token });
    expect([first.names, second.names, second.token]).toEqual([['B1', 'a1', 'a2'], ['b2', 'delays'], undefined]);
    const told = (await call('GET', `${MODELS}/search`, { filter: "name = 'a1'" })).body.registered_models[0];
    expect(told).toMatchObject({ latest_versions: [{ version: '1' }], tags: [{ key: 'n', value: 'a1' }] });
    expect(await refused('GET', `${MODELS}/search`, { filter: "run_id = 'x'" })).toMatch(
      /Invalid attribute key 'run_id'/,
    );
    expect(await refused('GET', `${MODELS}/search`, { filter: 'name' })).toMatch(
      /Invalid clause\(s\) in filter string/,
    );
    const order = await refused('GET', `${MODELS}/search`, { order_by: 'creation_timestamp' });
    expect(order).toMatch(/^400 .*Invalid order by key 'creation_timestamp' specified/);
    expect(await refused('GET', `${MODELS}/search`, { max_results: '1001' })).toMatch(/^400 .*max_results/);
  });

  it('register versions of sources only that the operator allows, where he says so', async () => {
    const { newModel, call, refused, newVersion } = await setUp(/^s3:\/\/b\//);
    await newModel('m');
    expect((await newVersion('m')).status).toBe(200);
    expect(await refused('POST', `${VERSIONS}/create`, { name: 'm', source: 'https://else.org/s3://b/' })).toBe(
      "400 INVALID_PARAMETER_VALUE: Invalid model version source: 'https://else.org/s3://b/'.",
    );
    expect((await call('GET', `${VERSIONS}/search`)).body.model_versions).toHaveLength(1);
  });

  it('find versions by model, run, source and tags', async () => {
    const { call, refused, newModel, newVersion } = await setUp();
    await newModel('a');
    await newModel('b');
    await newVersion('a', { run_id: 'r1', tags: [{ key: 'k', value: 'x' }] });
    await newVersion('b', { run_id: 'r1', source: 's3://b/y' });
    await newVersion('a', { run_id: 'r2' });
    await newModel('hello', { tags: [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] });
    const prompt = { tags: [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] };
    await newVersion('hello', { source: 'prompt-template', ...prompt });
    const search = async (filter: string, order?: string) => {
      const { body } = await call('GET', `${VERSIONS}/search`, { filter, ...(order ? { order_by: order } : {}) });
      return (body.model_versions ?? []).map((one: Body) => `${one.name}/${one.version}`);
    };
    expect(await search('')).toEqual(['a/2', 'b/1', 'a/1']);
    expect(await search('', 'name')).toEqual(['a/2', 'a/1', 'b/1']);
    expect(await search("run_id = 'r1'")).toEqual(['b/1', 'a/1']);
    expect(await search("run_id IN ('r1', 'r2') and name = 'a'")).toEqual(['a/2', 'a/1']);
    expect(await search("source_path = 's3://b/y'")).toEqual(['b/1']);
    expect(await search('version_number >= 2')).toEqual(['a/2']);
    expect(await search("tags.k = 'x'")).toEqual(['a/1']);
    expect(await search("tags.`mlflow.prompt.is_prompt` = 'true'")).toEqual(['hello/1']);
    await call('DELETE', `${VERSIONS}/delete`, { name: 'a', version: '2' });
    expect(await search("name = 'a'")).toEqual(['a/1']);
    expect(await refused('GET', `${VERSIONS}/search`, { filter: 'version_number = 1', order_by: 'run_id' })).toMatch(
      /Invalid order by key 'run_id' specified/,
    );
    const same = await call('GET', `${VERSIONS}/search`, { filter: "name = 'a'" });
    expect(same.body.model_versions[0]).not.toHaveProperty('aliases');
  });
});
