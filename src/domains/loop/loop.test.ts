import { expect, it } from 'vitest';
import { createEvents, eventsMigrations } from '#platform/events';
import { ManualClock } from '#platform/kernel';
import { describeDatabases } from '#testing/platform/sql';
import { createLoops, loopMigrations } from './index.ts';
import type { CanaryComparison } from './model.ts';
import type { LoopActions } from './ports.ts';
import { day, gated, inputs, labels } from './testing.ts';

describeDatabases('the loop', (open) => {
  it('stores its story with audit entries and carries out each effect once', async () => {
    const { loops, done, audited } = await setUp();
    for (let repeat = 0; repeat < 2; repeat++) {
      await loops.signal('delays', 'w0', inputs(0, 'failed', 3));
      await loops.signal('delays', 'w1', inputs(1));
      await loops.signal('delays', 'p2', labels(2, 'failed'));
    }
    expect(done).toEqual(['block', 'unblock', 'retrain delays/1']);
    const story = await loops.listTransitions('delays');
    expect(story.map((t) => t.kind)).toEqual(['started', 'data-fault-found', 'data-fault-ended', 'performance-lost']);
    expect(audited).toEqual(['null -> steady', 'steady -> data-fault', 'data-fault -> steady', 'steady -> retraining']);
    expect(await loops.activity()).toEqual(['loop delays retrains']);
  });

  it('judges the canary by itself once enough labelled windows have passed', async () => {
    const { loops, done } = await setUp();
    await loops.signal('delays', 'p0', labels(0, 'failed'));
    await loops.signal('delays', 'r0', gated(0, true));
    await loops.signal('delays', 'p1', labels(1));
    await loops.signal('delays', 'p2', labels(2));
    expect(done).toEqual(['retrain delays/1', 'canary version:delays/2 0.2', 'compare', 'promote version:delays/2']);
    expect(await loops.get('delays')).toMatchObject({
      state: 'steady',
      champion: 'version:delays/2',
      challenger: null,
    });
  });

  it('carries out after a restart what a crash left undone', async () => {
    const { loops, done, again, failNext } = await setUp();
    failNext();
    await loops.signal('delays', 'w0', inputs(0, 'failed', 3));
    await loops.stop();
    expect(done).toEqual([]);
    await again().start();
    expect(done).toEqual(['block']);
  });

  it('does nothing while paused, and says what stands against a pause', async () => {
    const { loops, done } = await setUp();
    await loops.pause('delays', 'user:ann', 'holiday');
    await loops.signal('delays', 'p0', labels(0, 'failed'));
    expect(done).toEqual([]);
    await expect(loops.pause('delays', 'user:ann', 'again')).rejects.toMatchObject({ code: 'LOOP_CONFLICT' });
    await loops.resume('delays', 'user:ann', 'back');
    await loops.signal('delays', 'p1', labels(1, 'failed'));
    expect(done).toEqual(['retrain delays/1']);
    await expect(loops.get('none')).rejects.toMatchObject({ code: 'LOOP_NOT_FOUND' });
  });

  async function setUp() {
    const database = await open([...eventsMigrations, ...loopMigrations]);
    const clock = new ManualClock(1_000);
    const done: string[] = [];
    const audited: string[] = [];
    let failures = 0;
    const act = async (what: string) => {
      if (failures-- > 0) throw new Error('no connection');
      done.push(what);
    };
    const comparison: CanaryComparison = {
      championRows: 3000,
      challengerRows: 700,
      championLogLoss: 0.5,
      challengerLogLoss: 0.4,
      difference: -0.1,
      low: -0.2,
      high: -0.05,
      challengerErrors: 0,
    };
    const actions: LoopActions = {
      block: () => act('block'),
      unblock: () => act('unblock'),
      startRetraining: ({ key }) => act(`retrain ${key}`),
      startCanary: (_, challenger, share) => act(`canary ${challenger} ${share}`),
      compareCanary: async () => {
        await act('compare');
        return comparison;
      },
      promote: (_, challenger) => act(`promote ${challenger}`),
      rollBack: (_, challenger) => act(`roll back ${challenger}`),
    };
    const failNext = () => {
      failures = 1;
    };
    const again = () =>
      createLoops({
        database,
        clock,
        timeline: new ManualClock(day(0).startMs),
        events: createEvents({ database, clock }),
        pointerLog: { record: async (_, move) => void audited.push(`${move.from} -> ${move.to}`) },
        actions,
      });
    const loops = again();
    const request = {
      name: 'delays',
      endpoint: 'delays',
      model: 'delays',
      monitor: 'delays',
      champion: 'version:delays/1',
    };
    await loops.create({ ...request, policy: { pipeline: 'retrain' } }, 'user:ann');
    return { loops, done, audited, again, failNext };
  }
});
