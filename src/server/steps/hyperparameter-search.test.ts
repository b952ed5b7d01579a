import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { frameFromRows } from '#domains/learning';
import { seededRng } from '#platform/kernel';
import { openTables } from '#platform/table';
import { createClient } from '#sdk';
import { parseConfig } from '../config.ts';
import { startServer } from '../server.ts';
import { type BestTrial, hyperparameterSearch } from './hyperparameter-search.ts';
import type { StepContext } from './step-context.ts';
import type { TrainingFacts } from './training-data.ts';
import type { TrainingPlan } from './training-plan.ts';

const folder = mkdtempSync(join(tmpdir(), 'trimtab-search-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DAY_MS = 86_400_000;
const PLAN: TrainingPlan = {
  model: 'm',
  experiment: 'e',
  repository: 'r',
  data: { ref: 'main', path: 'rows.parquet', time: 'at', label: { column: 'y', above: 0.5 } },
  window: null,
  champion: null,
  split: { train: 0.7, validation: 0.15 },
  recentSplit: { validationDays: 1, testDays: 2 },
  features: [{ name: 'x', op: 'number', column: 'x' }],
  baseline: { hour: [{ hour: 'at' }] },
  segments: {},
  watch: [{ name: 'x' }],
  search: { trials: 4, rows: 2000 },
  iterations: 40,
  halfLifeDays: 2,
  expectedDays: 7,
  gate: {},
  seed: 1,
};

it('goes on where an earlier attempt of the step was cut off, and finds the same', { timeout: 60_000 }, async () => {
  const server = await startServer(parseConfig({ port: '0', dataDir: join(folder, 'server') }));
  try {
    const client = createClient({ baseUrl: server.url });
    const outputs: Record<string, unknown> = {};
    const step = {
      ...(await stepOn(1500)),
      client,
      writeJson(name: string, value: unknown) {
        outputs[name] = value;
      },
    };

    await hyperparameterSearch(step);
    const first = outputs.best as BestTrial;
    await hyperparameterSearch(step);
    const second = outputs.best as BestTrial;

    expect(second).toMatchObject({ trial: first.trial, validationLogLoss: first.validationLogLoss });
    // Reports come every ten iterations, so the earlier attempt's best iteration is known to within ten.
    expect(Math.abs(second.iterations - first.iterations)).toBeLessThanOrEqual(10);
    const { trials } = await client.tuning.listTrials({ params: { study: first.study }, query: {} });
    expect(trials.map(({ number }) => number)).toEqual([0, 1, 2, 3]);
    const run = await client.tracking.getRun({ params: { run: trials[first.trial]?.run ?? '' } });
    expect(run).toMatchObject({
      status: 'finished',
      inputs: expect.arrayContaining([expect.objectContaining({ role: 'training' })]),
    });
    expect(run.codeCommit).not.toBeNull();
  } finally {
    await server.close();
  }
});

/** A step with rows whose label follows from `x`, but for some noise. */
async function stepOn(rowCount: number): Promise<Omit<StepContext, 'client' | 'writeJson'>> {
  const rng = seededRng(5);
  const rows = Array.from({ length: rowCount }, (_, n) => {
    const x = rng.normal();
    return { at: n * (DAY_MS / 100), x, y: rng.next() < 1 / (1 + Math.exp(-2 * x)) ? 1 : 0 };
  });
  const tables = openTables({ memoryMb: 256, scratchFolder: join(folder, 'tables') });
  const fileOf = (part: string) => join(folder, `${part}.parquet`);
  const types = { at: 'timestamp', x: 'number', y: 'number' } as const;
  const cut = Math.floor(rowCount * 0.8);
  await tables.writeFrame(frameFromRows(rows.slice(0, cut), types), fileOf('train'));
  await tables.writeFrame(frameFromRows(rows.slice(cut), types), fileOf('validation'));
  await tables.close();
  const part = (path: string) => ({ path, rows: 1, fromMs: 0, toMs: 1 });
  const facts: TrainingFacts = {
    commit: 'commit:r/0',
    parts: { train: part('train.parquet'), validation: part('validation.parquet'), test: part('test.parquet') },
    time: 'at',
    label: PLAN.data.label,
  };
  return {
    run: '0'.repeat(32),
    params: JSON.parse(JSON.stringify(PLAN)),
    scratch: folder,
    inputFile: fileOf,
    readJson: () => facts,
    outputFile: (name) => join(folder, name),
    say: () => undefined,
  };
}
