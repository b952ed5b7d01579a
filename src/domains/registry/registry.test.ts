import { describe, expect, it } from 'vitest';
import type { NewModelVersion } from '#contract';
import type { BlobStore } from '#platform/blob';
import { isTrimtabError, type VersionRef } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { describeDatabases } from '#testing/platform/sql';
import { FILE_LIMIT_BYTES, parseVersionRef } from './model.ts';
import {
  goodMeasurements,
  newVersion,
  outlineOf,
  REGISTRY_TEST_MIGRATIONS,
  registered,
  setUpRegistry,
  streamOf,
} from './testing.ts';

const code = (wanted: string) => (error: unknown) => isTrimtabError(error, wanted);

interface OutboxTables {
  event_outbox: { sequence: number; topic: string; subject: string };
}

async function published(database: Database): Promise<string[]> {
  const rows = await database
    .tables<OutboxTables>()
    .selectFrom('event_outbox')
    .selectAll()
    .orderBy('sequence')
    .execute();
  return rows.map(({ topic, subject }) => `${topic} ${subject}`);
}

async function keysOf(blobs: BlobStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of blobs.list('')) keys.push(key);
  return keys;
}

describeDatabases('models', (open) => {
  it('are made once, however often and by however many they are asked for', async () => {
    const { database, registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, n) => registry.createModel({ name: 'fraud', description: `by ${n}` }, 'user:ann')),
    );
    expect(new Set(made.map((model) => JSON.stringify(model))).size).toBe(1);
    expect(made[0]).toMatchObject({ protectedAliases: ['champion'], latestVersion: null, aliases: [] });
    expect(await published(database)).toEqual([
      'registry.model.created model:delays',
      'registry.model.created model:fraud',
    ]);
    expect((await registry.listModels()).map(({ name }) => name)).toEqual(['delays', 'fraud']);
  });

  it('keep the aliases they protect', async () => {
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    await expect(registry.createModel({ name: 'delays', protectedAliases: [] }, 'user:eve')).rejects.toSatisfy(
      code('REGISTRY_MODEL_EXISTS'),
    );
    expect(await registry.getModel('delays')).toMatchObject({ protectedAliases: ['champion'] });
  });

  it.each(['../x', '', 'a/b', 'a b', 'x'.repeat(129), 'a@b', '.hidden'])('refuse the name "%s"', async (name) => {
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    await expect(registry.createModel({ name }, 'user:ann')).rejects.toSatisfy(code('KERNEL_NAME_INVALID'));
    await expect(registry.getModel(name)).rejects.toSatisfy(code('REGISTRY_MODEL_NOT_FOUND'));
    expect(await registry.listModels()).toHaveLength(1);
  });
});

describeDatabases('versions', (open) => {
  it('keep everything they were registered with, and their lineage', async () => {
    const { database, registry, edges } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    const bytes = outlineOf('one');
    const { digest, sizeBytes } = await registry.uploadFile(streamOf(bytes.subarray(0, 3), bytes.subarray(3)));
    expect(sizeBytes).toBe(bytes.length);
    const input = newVersion(digest);
    const version = await registry.registerVersion('delays', input, 'user:ann');
    const { file: _, ...rest } = input;
    expect(version).toMatchObject({
      ...rest,
      model: 'delays',
      version: 1,
      ref: 'version:delays/1',
      file: { digest, sizeBytes },
      aliases: [],
      gate: null,
      gatePassed: null,
      registeredBy: 'user:ann',
      createdAtMs: Date.UTC(2001, 2, 1),
    });
    expect(edges).toEqual([
      { from: 'run:r1', to: 'version:delays/1', relation: 'produced' },
      { from: 'commit:flights/c1', to: 'version:delays/1', relation: 'trained-on' },
      { from: 'code:abc123', to: 'version:delays/1', relation: 'built-from' },
    ]);
    expect((await published(database)).at(-1)).toBe('registry.version.registered version:delays/1');
    expect(await registry.getVersion('delays', 'latest')).toEqual(version);
    expect(await registry.load('version:delays/1')).toEqual({
      onnx: expect.any(Uint8Array),
      signature: input.signature,
      golden: input.golden,
    });
    expect(Buffer.from((await registry.load('version:delays/1')).onnx).equals(bytes)).toBe(true);
  });

  it('can be registered with no more than file, signature and metrics', async () => {
    const { registry, edges } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    const { digest } = await registry.uploadFile(streamOf(outlineOf('bare')));
    const { signature } = newVersion(digest);
    const least: NewModelVersion = { run: null, inputs: [], file: digest, signature, metrics: {} };
    const version = await registry.registerVersion('delays', least, 'user:ann');
    expect(version).toMatchObject({ golden: null, evaluation: null, reference: null, tags: {}, codeCommit: null });
    expect(await registry.load('version:delays/1')).not.toHaveProperty('golden');
    expect(edges).toEqual([]);
  });

  it('are numbered without gaps when many register at once', async () => {
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    await registry.createModel({ name: 'other' }, 'user:ann');
    const { digest } = await registry.uploadFile(streamOf(outlineOf('same')));
    const made = await Promise.all(
      Array.from({ length: 24 }, (_, n) =>
        registry.registerVersion(
          n % 3 ? 'delays' : 'other',
          newVersion(digest, { tags: { n: String(n) } }),
          'user:ann',
        ),
      ),
    );
    const numbers = (model: string) =>
      made
        .filter((version) => version.model === model)
        .map(({ version }) => version)
        .sort((a, b) => a - b);
    expect(numbers('delays')).toEqual(Array.from({ length: 16 }, (_, n) => n + 1));
    expect(numbers('other')).toEqual(Array.from({ length: 8 }, (_, n) => n + 1));
    expect((await registry.listVersions('delays', { limit: 3 })).map(({ version }) => version)).toEqual([16, 15, 14]);
    expect((await registry.listVersions('delays', { limit: 3, before: 3 })).map(({ version }) => version)).toEqual([
      2, 1,
    ]);
  });

  it('are registered once under a key, and a key serves one content only', async () => {
    const { registry, edges } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    const { digest } = await registry.uploadFile(streamOf(outlineOf('one')));
    const input = newVersion(digest, { idempotencyKey: 'run-r1' });
    const made = await Promise.all(
      Array.from({ length: 6 }, () => registry.registerVersion('delays', input, 'user:ann')),
    );
    expect(new Set(made.map(({ version }) => version))).toEqual(new Set([1]));
    expect(edges).toHaveLength(3);
    const other = { ...input, metrics: { 'test.auc': 0.9 } };
    await expect(registry.registerVersion('delays', other, 'user:ann')).rejects.toSatisfy(code('REGISTRY_KEY_REUSED'));
    const again = await registry.registerVersion('delays', { ...input, idempotencyKey: 'run-r2' }, 'user:ann');
    expect(again.version).toBe(2);
    expect(again.digest).toBe(made[0]?.digest);
  });

  it('are refused, with nothing kept, when something is wrong with them', async () => {
    const { registry, edges } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    const { digest } = await registry.uploadFile(streamOf(outlineOf('one')));
    const { digest: csv } = await registry.uploadFile(streamOf(Buffer.from('date,delay\n')));
    const { digest: cut } = await registry.uploadFile(streamOf(Uint8Array.from([8, 8, 0x3a, 90])));
    const column = { name: 'origin', type: 'string', nullable: false } as const;
    const rows = [{ origin: 'ATL', distance: 1 }];
    const bad: [Partial<NewModelVersion>, string, RegExp][] = [
      [{ file: 'f'.repeat(64) }, 'REGISTRY_FILE_NOT_FOUND', /ffff/],
      [{ file: csv }, 'REGISTRY_VERSION_INVALID', /"file" is no ONNX file/],
      [{ file: cut }, 'REGISTRY_VERSION_INVALID', /"file" is truncated: 4 of at least 94 bytes/],
      [{ signature: { inputs: [column, column], output: 'value' } }, 'REGISTRY_VERSION_INVALID', /"origin" twice/],
      [{ golden: { rows, predictions: [] } }, 'REGISTRY_VERSION_INVALID', /0 predictions for 1 rows/],
      [{ golden: { rows: [{}], predictions: [1] } }, 'REGISTRY_VERSION_INVALID', /golden.rows.0" lacks .*"origin"/],
      [{ golden: { rows: [{ origin: 'A', x: 1 }], predictions: [1] } }, 'REGISTRY_VERSION_INVALID', /"x", which/],
    ];
    for (const [changes, wanted, words] of bad) {
      const attempt = registry.registerVersion('delays', newVersion(digest, changes), 'user:ann');
      await expect(attempt).rejects.toThrow(words);
      await expect(attempt).rejects.toSatisfy(code(wanted));
    }
    await expect(registry.registerVersion('nobody', newVersion(digest), 'user:ann')).rejects.toSatisfy(
      code('REGISTRY_MODEL_NOT_FOUND'),
    );
    expect(await registry.listVersions('delays', { limit: 10 })).toEqual([]);
    expect(edges).toEqual([]);
  });

  it('are found by number, alias and latest, and not by anything else', async () => {
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    await expect(registry.getVersion('delays', 'latest')).rejects.toSatisfy(code('REGISTRY_VERSION_NOT_FOUND'));
    await registered(registry, 'one');
    await registered(registry, 'two');
    await registry.setAlias('delays', 'old', { version: 1, reason: 'kept' }, 'user:ann');
    expect((await registry.getVersion('delays', 'old')).version).toBe(1);
    expect((await registry.getVersion('delays', 'latest')).version).toBe(2);
    for (const named of ['3', '0', '01', '-1', '1e0', '99999999999999999999']) {
      await expect(registry.getVersion('delays', named)).rejects.toThrow(/REGISTRY|no version|no alias/);
    }
    await expect(registry.getVersion('delays', 'new')).rejects.toSatisfy(code('REGISTRY_ALIAS_NOT_FOUND'));
    for (const ref of ['version:delays/3', 'version:delays', 'version:delays/x', 'version:nobody/1', 'run:1']) {
      await expect(registry.load(ref as VersionRef)).rejects.toThrow(/no version|no model/);
    }
  });

  it('are not served when their stored file is not what was registered', async () => {
    const { registry, blobs } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    const { file } = await registered(registry, 'one');
    await blobs.put(`models/${file?.digest}`, outlineOf('two'));
    await expect(registry.load('version:delays/1')).rejects.toSatisfy(code('REGISTRY_FILE_DAMAGED'));
  });
});

describe('a reference of a version', () => {
  it('is taken apart', () => {
    expect(parseVersionRef('version:delay-model.v2/13')).toEqual({ key: 'delay-model.v2', version: 13 });
    for (const text of ['version:a/0', 'version:a/1/2', 'version:/1', 'run:a/1', 'version:a/1x']) {
      expect(parseVersionRef(text)).toBeUndefined();
    }
  });
});

describeDatabases('model files', (open) => {
  it('are stored once by their content', async () => {
    const { registry, blobs } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    const first = await registry.uploadFile(streamOf(outlineOf('one')));
    expect(await registry.uploadFile(streamOf(outlineOf('one')))).toEqual(first);
    expect(await keysOf(blobs)).toEqual([`models/${first.digest}`]);
  });

  it('are refused when empty or beyond 2 GiB, and leave nothing', async () => {
    const { registry, blobs } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    await expect(registry.uploadFile(streamOf())).rejects.toSatisfy(code('REGISTRY_FILE_EMPTY'));
    async function* endless() {
      // One part claims the whole size, so that the test need not write it.
      yield Object.defineProperty(new Uint8Array(8), 'byteLength', { value: FILE_LIMIT_BYTES });
      yield new Uint8Array(1);
    }
    await expect(registry.uploadFile(endless())).rejects.toSatisfy(code('REGISTRY_FILE_TOO_LARGE'));
    expect(await keysOf(blobs)).toEqual([]);
  });
});

describeDatabases('aliases', (open) => {
  async function withTwoVersions() {
    const bench = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    await registered(bench.registry, 'one');
    await registered(bench.registry, 'two');
    return bench;
  }

  it('move, and every move is recorded and published', async () => {
    const { database, registry, moves, clock } = await withTwoVersions();
    await registry.setAlias('delays', 'beta', { version: 1, reason: 'try it' }, 'user:ann');
    clock.advance(1000);
    const moved = await registry.setAlias('delays', 'beta', { version: 2, expected: 1, reason: 'newer' }, 'user:bob');
    expect(moved).toEqual({ alias: 'beta', version: 2, movedAtMs: clock.now() });
    await registry.deleteAlias('delays', 'beta', { reason: 'done' }, 'user:ann');
    expect(moves).toMatchObject([
      { actor: 'user:ann', pointer: 'model:delays@beta', from: null, to: 'version:delays/1', reason: 'try it' },
      { actor: 'user:bob', pointer: 'model:delays@beta', from: 'version:delays/1', to: 'version:delays/2' },
      { actor: 'user:ann', pointer: 'model:delays@beta', from: 'version:delays/2', to: null, reason: 'done' },
    ]);
    expect((await published(database)).filter((event) => event.startsWith('registry.alias.moved'))).toHaveLength(3);
    expect((await registry.getModel('delays')).aliases).toEqual([]);
  });

  it('are won by one of many who expect the same, and the others lose nothing', async () => {
    const { registry, moves } = await withTwoVersions();
    for (let n = 3; n <= 9; n++) await registered(registry, `version ${n}`);
    await registry.setAlias('delays', 'beta', { version: 1, reason: 'first' }, 'user:ann');
    const attempts = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) =>
        registry.setAlias('delays', 'beta', { version: n + 2, expected: 1, reason: 'race' }, `user:${n}`),
      ),
    );
    const won = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value.version] : []));
    expect(won).toHaveLength(1);
    for (const attempt of attempts) {
      if (attempt.status === 'rejected') expect(attempt.reason).toSatisfy(code('REGISTRY_ALIAS_MOVED'));
    }
    expect(await registry.getModel('delays')).toMatchObject({ aliases: [{ alias: 'beta', version: won[0] }] });
    expect(moves).toHaveLength(2);
  });

  it('that are there already are left alone, so a lost answer can be asked for again', async () => {
    const { registry, moves, clock } = await withTwoVersions();
    const first = await registry.setAlias('delays', 'beta', { version: 1, expected: null, reason: 'x' }, 'user:ann');
    clock.advance(5000);
    const again = await registry.setAlias('delays', 'beta', { version: 1, expected: null, reason: 'x' }, 'user:ann');
    expect(again).toEqual(first);
    expect(moves).toHaveLength(1);
  });

  it('refuse what is not as expected, unknown versions and names of versions', async () => {
    const { registry, moves } = await withTwoVersions();
    const set = (alias: string, version: number, expected?: number | null) =>
      registry.setAlias('delays', alias, { version, expected, reason: 'x' }, 'user:ann');
    await expect(set('beta', 1, 2)).rejects.toThrow(/names no version, not version 2/);
    await set('beta', 1);
    await expect(set('beta', 2, null)).rejects.toSatisfy(code('REGISTRY_ALIAS_MOVED'));
    await expect(set('beta', 3)).rejects.toSatisfy(code('REGISTRY_VERSION_NOT_FOUND'));
    for (const alias of ['1', 'v2', 'V3', 'latest', 'LATEST']) {
      await expect(set(alias, 1)).rejects.toSatisfy(code('REGISTRY_ALIAS_INVALID'));
    }
    await expect(set('../x', 1)).rejects.toSatisfy(code('KERNEL_NAME_INVALID'));
    const remove = (alias: string, expected?: number) =>
      registry.deleteAlias('delays', alias, { expected, reason: 'x' }, 'user:ann');
    await expect(remove('gamma')).rejects.toSatisfy(code('REGISTRY_ALIAS_NOT_FOUND'));
    await expect(remove('beta', 2)).rejects.toSatisfy(code('REGISTRY_ALIAS_MOVED'));
    expect(moves).toHaveLength(1);
  });

  it('that are protected move to versions whose latest gate passed, and to no others', async () => {
    const { registry, moves } = await withTwoVersions();
    const promote = (version: number, override?: string) =>
      registry.setAlias('delays', 'champion', { version, reason: 'best', override }, 'user:ann');
    await expect(promote(1)).rejects.toSatisfy(code('REGISTRY_GATE_MISSING'));
    await registry.runGate('delays', '1', { measurements: { ...goodMeasurements(), onnx: undefined } }, 'user:ann');
    await expect(promote(1)).rejects.toThrow(/did not pass its latest gate \(onnx-parity\)/);
    await expect(promote(1)).rejects.toSatisfy(code('REGISTRY_GATE_FAILED'));
    expect(moves).toEqual([]);
    const passed = await registry.runGate('delays', '1', { measurements: goodMeasurements() }, 'user:ann');
    await promote(1);
    expect(moves[0]?.evidence).toEqual({ protected: true, gate: { id: passed.id, passed: true }, override: null });

    const failing = goodMeasurements('version:delays/1', { latency: { requests: 5, p50Ms: 9, p99Ms: 50 } });
    await registry.runGate('delays', '2', { measurements: failing }, 'user:ann');
    await expect(promote(2)).rejects.toSatisfy(code('REGISTRY_GATE_FAILED'));
    await promote(2, 'the slow machine is to blame');
    expect(moves[1]).toMatchObject({
      from: 'version:delays/1',
      evidence: { gate: { passed: false }, override: 'the slow machine is to blame' },
    });
    // Back to a version that passed once: no new gate is asked for.
    await promote(1);
    expect((await registry.getVersion('delays', 'champion')).version).toBe(1);
  });
});

describeDatabases('gates', (open) => {
  it('keep what was measured, the policy and every verdict', async () => {
    const { database, registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    await registered(registry, 'one');
    await expect(registry.getGate('delays', '1')).rejects.toSatisfy(code('REGISTRY_GATE_NOT_FOUND'));
    const measurements = goodMeasurements();
    const strict = { minMargin: 0.1, latencyBudgetMs: 1 };
    const failed = await registry.runGate('delays', '1', { policy: strict, measurements }, 'user:ann');
    expect(failed).toMatchObject({ passed: false, measurements, policy: { ...strict, onnxTolerance: 1e-5 } });
    const passed = await registry.runGate('delays', 'latest', { measurements }, 'trimtab:loop');
    expect(passed).toMatchObject({ passed: true, version: 1, champion: null, decidedBy: 'trimtab:loop' });
    expect(await registry.getGate('delays', '1')).toEqual(passed);
    expect(await registry.listGates('delays', '1')).toEqual([passed, failed]);
    expect(await registry.getVersion('delays', '1')).toMatchObject({ gatePassed: true, gate: { id: passed.id } });
    expect((await published(database)).slice(-2)).toEqual([
      'registry.gate.decided version:delays/1',
      'registry.gate.decided version:delays/1',
    ]);
  });

  it('judge against the champion of the moment', async () => {
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    await registered(registry, 'one');
    await registered(registry, 'two');
    await registry.runGate('delays', '1', { measurements: goodMeasurements() }, 'user:ann');
    await registry.setAlias('delays', 'champion', { version: 1, reason: 'first' }, 'user:ann');
    const run = (version: string, opponent: string) =>
      registry.runGate('delays', version, { measurements: goodMeasurements(opponent) }, 'user:ann');
    expect(await run('2', 'baseline')).toMatchObject({ passed: false, champion: 'version:delays/1' });
    expect(await run('2', 'version:delays/1')).toMatchObject({ passed: true });
    // The champion itself is compared with whatever it was measured against.
    expect(await run('1', 'baseline')).toMatchObject({ passed: true });
  });

  it('are run once under a key', async () => {
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    await registered(registry, 'one');
    const request = { measurements: goodMeasurements(), idempotencyKey: 'step-7' };
    const reports = await Promise.all(
      Array.from({ length: 6 }, () => registry.runGate('delays', '1', request, 'user:ann')),
    );
    expect(new Set(reports.map(({ id }) => id)).size).toBe(1);
    expect(await registry.listGates('delays', '1')).toHaveLength(1);
    const other = { ...request, policy: { minMargin: 0.01 } };
    await expect(registry.runGate('delays', '1', other, 'user:ann')).rejects.toSatisfy(code('REGISTRY_KEY_REUSED'));
  });

  it('are not run on figures that contradict themselves', async () => {
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    await registered(registry, 'one');
    const measurements = goodMeasurements('version:delays/1');
    await expect(registry.runGate('delays', '1', { measurements }, 'user:ann')).rejects.toSatisfy(
      code('REGISTRY_MEASUREMENT_INVALID'),
    );
    expect(await registry.listGates('delays', '1')).toEqual([]);
  });
});
