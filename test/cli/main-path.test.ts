import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CliBench, openCli, trimtab } from './bench.ts';

/** docs/getting-started.md as it is written, from a CSV to a served, watched and audited model. */

const EXAMPLES = fileURLToPath(new URL('../../docs/examples', import.meta.url));
const ROW = '{"placed":"2026-04-02T10:00:00Z","country":"IT","items":2,"weight":4.5}';

let cli: CliBench;
let csv: string;
beforeAll(async () => {
  cli = await openCli();
  execFileSync(process.execPath, [join(EXAMPLES, 'orders.mjs')], { cwd: cli.folder });
  csv = join(cli.folder, 'orders.csv');
});
afterAll(() => cli?.close());

it('says on an empty server what to do next', async () => {
  for (const [line, next] of [
    ['data repos', 'trimtab data create'],
    ['pipeline list', 'trimtab pipeline put'],
    ['model list', 'trimtab model create'],
    ['deploy list', 'trimtab deploy create'],
    ['monitor list', 'trimtab monitor create'],
    ['loop list', 'trimtab loop create'],
    ['study list', 'trimtab study create'],
  ] as const) {
    const { code, stdout } = await cli.trimtab(...line.split(' '));
    expect([code, stdout]).toEqual([0, expect.stringContaining(next)]);
  }
});

it('versions a file, profiles it, infers a schema and refuses what breaks it', async () => {
  expect((await cli.trimtab('data', 'create', 'orders')).stdout).toBe('Repository orders: 1 commit on main.\n');
  const committed = await cli.json('data', 'commit', 'orders', csv, '-m', 'Orders of January to March');
  expect(committed).toMatchObject({ message: 'Orders of January to March', entries: 1 });
  const again = await cli.trimtab('data', 'commit', 'orders', csv, '-m', 'The same');
  expect(again.stdout).toContain('Nothing differs from main');
  const profile = await cli.trimtab('data', 'profile', 'orders', 'orders.csv');
  expect(profile.stdout).toContain('orders.csv: 20000 rows, none a copy of another.');
  expect(profile.stdout).toMatch(/days +integer +0 +16 +1 to 17, median 4, 99 % 16/);
  await cli.json('data', 'schema', 'infer', 'orders', 'orders.csv', '--branch', 'main');
  expect((await cli.trimtab('data', 'validate', 'orders', 'orders.csv', '--schema', 'orders')).code).toBe(0);

  const lines = readFileSync(csv, 'utf8').split('\n');
  const broken = [lines[0], ...lines.slice(1, 100), '2026-03-01T00:00:00Z,DE,2,1.5,-400', ''].join('\n');
  const file = cli.file('april.csv', broken);
  await cli.json('data', 'commit', 'orders', file, '-m', 'A defect');
  const refused = await cli.trimtab('data', 'validate', 'orders', 'april.csv', '--schema', 'orders');
  expect(refused).toMatchObject({ code: 8, stdout: expect.stringMatching(/days is at least 0.*-400/) });
  const parted = await cli.json('data', 'quarantine', 'orders', 'april.csv', '--schema', 'orders');
  expect(parted).toMatchObject({ clean: { rows: 99 }, quarantine: { rows: 1 } });
  const ls = await cli.trimtab('data', 'ls', 'orders');
  expect(ls.stdout).toMatch(/^clean\/april.parquet +\d+ +99$/m);
  const target = join(cli.folder, 'out');
  await cli.trimtab('data', 'checkout', 'orders', 'main', target);
  expect(readFileSync(join(target, 'orders.csv'), 'utf8')).toBe(lines.join('\n'));
});

it('trains by the built-in pipeline, and tells on stderr how far it is', async () => {
  await cli.json('pipeline', 'put', join(EXAMPLES, 'orders-training.yaml'));
  const search = 'search={"trials":2,"rows":5000}';
  const run = await cli.trimtab('pipeline', 'run', 'orders-training', '--param', search, 'iterations=20', '--json');
  expect(run).toMatchObject({ code: 0, stderr: expect.stringContaining('fit: succeeded') });
  expect(JSON.parse(run.stdout)).toMatchObject({ run: { status: 'succeeded' } });
  const shown = await cli.trimtab('model', 'show', 'orders', '1');
  expect(shown.stdout).toMatch(/Gate of version:orders\/1: passed/);
  expect(shown.stdout).toMatch(/^better-than +ok +Better than baseline/m);
  const { runs } = (await cli.json('run', 'list', 'orders', '--filter', "tags.trial = '0'")) as { runs: unknown[] };
  expect(runs.length).toBeGreaterThan(0);
  expect((await cli.trimtab('study', 'list')).stdout).toMatch(/^orders-\w+ +0 +2 +0 +0/m);
}, 120_000);

it('puts it to work, and never half: a refused move changes nothing', async () => {
  await cli.json('model', 'alias', 'orders', 'champion', '1', '--reason', 'first version');
  await cli.json('deploy', 'create', 'orders', '--version', 'orders/1', '--sticky-key', 'country');
  const answer = await cli.trimtab('predict', 'orders', '--row', ROW);
  expect(answer.stdout).toMatch(/^value +variant +version +inference id\n0\.\d+ +champion +orders\/1 +\w{36}\n$/);
  const wrong = await cli.trimtab('predict', 'orders', '--row', ROW.replace('country', 'contry'));
  expect(wrong).toMatchObject({ code: 5, stdout: '', stderr: expect.stringMatching(/"contry".*Nothing .* predicted/) });
  expect((await cli.trimtab('deploy', 'show', 'orders')).stdout).toContain("curl -X POST '");

  const canary = await cli.trimtab('deploy', 'canary', 'orders', 'orders/2');
  expect(canary).toMatchObject({ code: 3, stderr: expect.stringContaining('trimtab model versions orders') });
  await cli.trimtab('deploy', 'canary', 'orders', 'orders/1', '--share', '20');
  await cli.trimtab('deploy', 'block', 'orders', '--reason', 'the feed is broken');
  const held = await cli.trimtab('deploy', 'rollback', 'orders');
  expect(held).toMatchObject({ code: 4, stderr: expect.stringContaining('blocked (the feed is broken)') });
  expect((await cli.trimtab('deploy', 'list')).stdout).toContain('champion orders/1 80 %, canary orders/1 20 %');
  await cli.trimtab('deploy', 'unblock', 'orders', '--reason', 'mended');
  expect((await cli.trimtab('deploy', 'rollback', 'orders')).code).toBe(0);
});

it('watches it, takes labels, and puts it under a loop that a person can pause', async () => {
  const made = await cli.json('monitor', 'create', 'orders', '--endpoint', 'orders', '--version', 'orders/1');
  expect(made).toMatchObject({ name: 'orders', windowMs: 86_400_000 });
  const rows = cli.file('rows.jsonl', `${ROW}\n${ROW}\n`);
  const { predictions } = (await cli.json('predict', 'orders', '--file', rows)) as {
    predictions: { inferenceId: string }[];
  };
  const labels = predictions.map(({ inferenceId }) => `${inferenceId},1`).join('\n');
  const file = cli.file('labels.csv', `inferenceId,value\n${labels}\n`);
  expect((await cli.trimtab('monitor', 'labels', 'import', 'orders', file)).stdout).toBe(
    '2 labels recorded, 0 known already.\n',
  );
  expect(await cli.json('monitor', 'labels', 'import', 'orders', file)).toEqual({ recorded: 0, known: 2 });
  const ends = ['--endpoint', 'orders', '--monitor', 'orders', '--champion', 'orders/1'];
  await cli.json('loop', 'create', 'orders', ...ends, '--pipeline', 'orders-training', '--canary-share', '0.1');
  expect(await cli.json('loop', 'pause', 'orders', '--reason', 'holiday')).toMatchObject({ state: 'paused' });
  const twice = await cli.trimtab('loop', 'pause', 'orders', '--reason', 'again');
  expect(twice).toMatchObject({ code: 4, stdout: '' });
  await cli.json('loop', 'resume', 'orders', '--reason', 'back');
  const story = await cli.trimtab('loop', 'story', 'orders');
  expect(story.stdout).toMatch(/started[\s\S]*paused[\s\S]*holiday[\s\S]*resumed/);
});

it('answers for it: who moved what, and which data trained the model', async () => {
  const log = await cli.trimtab('audit', 'log', '--pointer', 'endpoint:orders*');
  expect(log.stdout).toMatch(/endpoint:orders {2}nothing -> champion=version:orders\/1@10000/);
  expect(log.stdout).toContain('the feed is broken');
  expect((await cli.trimtab('audit', 'verify')).stdout).toMatch(/^The audit log is whole: \d+ entries/);
  const checkpoint = cli.file('checkpoint.txt', (await cli.trimtab('audit', 'checkpoint')).stdout);
  expect((await cli.trimtab('audit', 'verify', '--checkpoint', checkpoint)).code).toBe(0);
  const up = await cli.trimtab('audit', 'lineage', 'version:orders/1', '--direction', 'up');
  const [, commit = ''] = /^ {2}(commit:orders\/[0-9a-f]{12}) {2}\(trained-on\)$/m.exec(up.stdout) ?? [];
  expect(up.stdout).not.toContain('was used to make');
  const down = await cli.trimtab('audit', 'lineage', commit, '--direction', 'down');
  expect(down.stdout).toContain('version:orders/1');
});

it('ends with the documented codes, its reason on stderr', async () => {
  const notFound = await cli.trimtab('run', 'show', 'nothing');
  expect(notFound).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('trimtab run list') });
  const invalid = await cli.trimtab('data', 'create', '../up');
  expect(invalid).toMatchObject({ code: 5, stdout: '', stderr: expect.stringContaining('"../up" cannot be') });
  const away = await trimtab('--url', 'http://127.0.0.1:9', 'model', 'list', '--json');
  expect(away).toMatchObject({ code: 7, stdout: '', stderr: expect.stringContaining('Start it with: trimtab serve') });
  const noServer = await trimtab('serve', '--host', '0.0.0.0', '--data-dir', join(cli.folder, 'open'));
  expect(noServer).toMatchObject({ code: 6, stderr: expect.stringContaining('TRIMTAB_TOKEN') });
  expect(existsSync(join(cli.folder, 'open'))).toBe(false);

  const locked = await openCli({ token: 'secret' });
  try {
    expect((await locked.trimtab('model', 'list')).code).toBe(6);
    expect((await locked.trimtab('model', 'list', '--token', 'secret')).code).toBe(0);
  } finally {
    await locked.close();
  }
});
