import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { openFileTree } from '#platform/blob';
import { migrate, openDatabase } from '#platform/sql';
import { artifactEndpoints, artifactFilesPlugin, artifactWords, mlflowPlugin, trackingWords } from '#protocols/mlflow';
import { setUpTracking, TRACKING_TEST_MIGRATIONS } from '#testing/domains/tracking';

const s3 = process.env.TRIMTAB_TEST_S3;
describe.skipIf(!s3)(`files in a bucket${s3 ? '' : ' (skipped: TRIMTAB_TEST_S3 names no server)'}`, () => {
  async function setUp() {
    process.env.AWS_ACCESS_KEY_ID ??= 'test';
    process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
    const bucket = `trimtab-signed-${process.pid}`;
    await fetch(`${s3}/${bucket}`, { method: 'PUT' });
    const tree = (place: string) =>
      openFileTree(`s3://${place}?endpoint=${encodeURIComponent(s3 ?? '')}&region=us-east-1&forcePathStyle=true`);
    const database = await openDatabase('sqlite::memory:');
    await migrate(database, TRACKING_TEST_MIGRATIONS);
    const open = (uri: string) => (uri.startsWith('s3://') ? tree(uri.slice('s3://'.length)) : undefined);
    const foreignFiles = { destination: tree(`${bucket}/proxied`), serves: true, open, isOurs: () => false };
    const { tracking } = setUpTracking(database, undefined, foreignFiles);
    const authenticate = () => ({ id: 'user:ann' });
    const app = Fastify();
    await app.register(
      mlflowPlugin({
        endpoints: artifactEndpoints(tracking),
        words: [trackingWords, artifactWords],
        authenticate,
        plugins: [artifactFilesPlugin({ tracking, authenticate, sourceOfVersion: async () => undefined })],
      }),
    );
    const get = async (path: string) => (await app.inject({ method: 'GET', url: `/api/2.0/${path}` })).json();
    const ask = async (body: object) =>
      (
        await app.inject({ method: 'POST', url: '/api/2.0/mlflow/artifacts/presigned-upload-url', payload: body })
      ).json();
    return { tracking, bucket, get, ask };
  }

  it('are read and written past the server, where clients of MLflow ask for an address', async () => {
    const { tracking, bucket, get, ask } = await setUp();
    await tracking.putFile(
      '1/r/artifacts/a.bin',
      (async function* () {
        yield Buffer.from('0123456789');
      })(),
    );
    const { url, ...told } = await get('mlflow-artifacts/presigned/1/r/artifacts/a.bin');
    expect(told).toEqual({ headers: {}, file_size: 10 });
    expect(await (await fetch(url, { headers: { range: 'bytes=3-5' } })).text()).toBe('345');
    expect(await get('mlflow-artifacts/presigned/1/r/artifacts/none')).toMatchObject({
      error_code: 'RESOURCE_DOES_NOT_EXIST',
    });
    await tracking.createExperiment({ name: 'direct', artifactLocation: `s3://${bucket}/direct` }, 'user:ann');
    const run = await tracking.createRun({ experiment: 'direct' }, 'user:ann');
    const { presigned_url: address, headers } = await ask({ run_id: run.id, path: 'plots/a.png', expiration: 60 });
    expect(headers).toEqual({ 'Content-Type': 'image/png' });
    expect((await fetch(address, { method: 'PUT', headers, body: 'picture' })).status).toBe(200);
    expect(await tracking.listArtifacts(run.id)).toMatchObject([{ path: 'plots/a.png', sizeBytes: 7 }]);
    for (const [more, problem] of [
      [{ expiration: 604_801 }, /between 1 and 604800 seconds/],
      [{ expiration: 0 }, /between 1 and 604800 seconds/],
      [{ path: '../b' }, /Invalid path/],
    ] as const) {
      const { error_code: code, message } = await ask({ run_id: run.id, path: 'a', ...more });
      expect([code, message]).toEqual(['INVALID_PARAMETER_VALUE', expect.stringMatching(problem)]);
    }
    const proxied = await tracking.createRun({ experiment: 'Default' }, 'user:ann');
    expect((await ask({ run_id: proxied.id, path: 'a' })).message).toContain('not supported for runs with proxied');
  });
});
