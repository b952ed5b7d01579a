import { expect, it, vi } from 'vitest';
import { createEvents, type Events, eventsMigrations, type StoredEvent } from '#platform/events';
import { systemClock } from '#platform/kernel';
import type { Database } from '#platform/sql';
import { describeDatabases } from '#testing/platform/sql';

describeDatabases('the outbox', (open) => {
  it('delivers in order what was committed, and nothing of a transaction that failed', async () => {
    const { database, events } = await setUp();
    const seen: StoredEvent[] = [];
    events.subscribe('test', ['a.b.done'], async (event) => void seen.push(event));
    await events.start();
    await publish(database, events, 'a.b.done', 1);
    await expect(
      database.transaction(async (tx) => {
        await events.publish(tx, { topic: 'a.b.done', subject: 'run:x', payload: 2 });
        throw new Error('no');
      }),
    ).rejects.toThrow();
    await publish(database, events, 'a.b.other', 3);
    await publish(database, events, 'a.b.done', 4);
    await until(() => events.isIdle());
    expect(seen.map((event) => event.payload)).toEqual([1, 4]);
    await events.stop();
  });

  it('continues where a subscriber stopped', async () => {
    const { database, events } = await setUp();
    const first: unknown[] = [];
    events.subscribe('test', ['t.t.t'], async (event) => void first.push(event.payload));
    await events.start();
    await publish(database, events, 't.t.t', 1);
    await until(() => events.isIdle());
    await events.stop();

    await publish(database, events, 't.t.t', 2);
    const restarted = createEvents({ database, clock: systemClock });
    const second: unknown[] = [];
    restarted.subscribe('test', ['t.t.t'], async (event) => void second.push(event.payload));
    await restarted.start();
    await until(() => restarted.isIdle());
    await restarted.stop();
    expect([first, second]).toEqual([[1], [2]]);
  });

  it('calls a failing handler again, then goes on with the next event', async () => {
    const { database, events } = await setUp();
    const seen: unknown[] = [];
    let failures = 3;
    events.subscribe('test', ['t.t.t'], async (event) => {
      if (event.payload === 1 && failures-- > 0) throw new Error('not yet');
      seen.push(event.payload);
    });
    await events.start();
    await publish(database, events, 't.t.t', 1);
    await publish(database, events, 't.t.t', 2);
    await until(() => events.isIdle());
    await events.stop();
    expect(seen).toEqual([1, 2]);
  });

  it('loses none of the events of overlapping transactions', async () => {
    const { database, events } = await setUp();
    const seen = new Set<unknown>();
    events.subscribe('test', ['t.t.t'], async (event) => void seen.add(event.payload));
    await events.start();
    await Promise.all(Array.from({ length: 50 }, (_, i) => publish(database, events, 't.t.t', i)));
    await until(() => events.isIdle());
    await events.stop();
    expect(seen.size).toBe(50);
  });

  it('reads what is new once for all subscribers, and many events at a time', async () => {
    const { database, events } = await setUp();
    for (const name of ['one', 'two', 'three', 'four']) events.subscribe(name, ['t.t.t'], async () => undefined);
    for (let i = 0; i < 150; i++) await publish(database, events, 't.t.other', i);
    const tables = vi.spyOn(database, 'tables');
    await events.start();
    await until(() => events.isIdle());
    await events.stop();
    // Most are those that ask whether it is idle.
    expect(tables.mock.calls.length).toBeLessThan(20);
    tables.mockRestore();
  });

  async function setUp() {
    const database = await open(eventsMigrations);
    return { database, events: createEvents({ database, clock: systemClock }) };
  }
});

function publish(database: Database, events: Events, topic: string, payload: number) {
  return database.transaction((tx) => events.publish(tx, { topic, subject: 'run:x', payload }));
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it never came true');
}
