import { expect, it } from 'vitest';
import { parseConfig, readEnv } from './config.ts';

it('needs nothing: this machine only, everything in one folder', () => {
  const config = parseConfig(readEnv({}));
  expect(config).toMatchObject({ host: '127.0.0.1', port: 5000, token: undefined, simulatedStartMs: undefined });
  expect(config.dataFolder).toMatch(/\/\.trimtab$/);
  expect(config.databaseUrl).toBe(`sqlite:${config.dataFolder}/trimtab.db`);
  expect(config.blobUrl).toBe(`file:${config.dataFolder}/blobs`);
  expect(Object.isFrozen(config)).toBe(true);
});

it('reads the environment, and a flag wins over it', () => {
  const env = { TRIMTAB_PORT: '6001', TRIMTAB_DATABASE_URL: 'postgres://db/trimtab', TRIMTAB_TOKEN: 'secret' };
  expect(parseConfig({ ...readEnv(env), port: '6002' })).toMatchObject({
    port: 6002,
    databaseUrl: 'postgres://db/trimtab',
    token: 'secret',
  });
});

it('keeps files of runs itself unless told otherwise, also in the variable of MLflow', () => {
  expect(parseConfig(readEnv({})).artifactRoot).toBe('mlflow-artifacts:/');
  const env = { MLFLOW_DEFAULT_ARTIFACT_ROOT: 's3://theirs' };
  expect(parseConfig(readEnv(env)).artifactRoot).toBe('s3://theirs');
  expect(parseConfig(readEnv({ ...env, TRIMTAB_ARTIFACT_ROOT: 's3://ours' })).artifactRoot).toBe('s3://ours');
  expect(parseConfig({ ...readEnv(env), defaultArtifactRoot: '/files' }).artifactRoot).toBe('/files');
});

it('is told by the variable of MLflow which sources versions may have', () => {
  expect(parseConfig(readEnv({})).modelSourcePattern).toBeUndefined();
  const env = { MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX: '^s3://ours/' };
  expect(parseConfig(readEnv(env)).modelSourcePattern).toEqual(/^s3:\/\/ours\//);
  expect(parseConfig(readEnv({ ...env, TRIMTAB_MODEL_SOURCE_PATTERN: '.' })).modelSourcePattern).toEqual(/./);
});

it.each(['0.0.0.0', '::', '192.168.1.7', 'example.org'])('does not listen on %s without a token', (host) => {
  expect(() => parseConfig({ host })).toThrow(expect.objectContaining({ code: 'SERVER_OPEN_TO_ALL' }));
  expect(parseConfig({ host, token: 'secret' }).host).toBe(host);
  expect(parseConfig({ host, insecure: true }).host).toBe(host);
});

it.each([
  [{ port: 'http' }, 'port'],
  [{ port: '70000' }, 'port'],
  [{ port: '' }, 'port'],
  [{ tableMemoryMb: '12' }, 'table memory'],
  [{ modelSourcePattern: '(' }, 'model source pattern'],
  [{ simulatedClock: 'yesterday' }, 'simulated clock'],
])('says which setting cannot be read: %j', (settings, named) => {
  expect(() => parseConfig(settings)).toThrow(
    expect.objectContaining({ code: 'SERVER_CONFIG_INVALID', message: expect.stringContaining(named) }),
  );
});
