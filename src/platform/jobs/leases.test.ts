import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { ManualClock } from '#platform/kernel';
import { describeDatabases } from '#testing/platform/sql';
import { holderIsDead, jobsMigrations, Leases, thisHolder } from './index.ts';

describeDatabases('a lease', (open) => {
  async function setUp() {
    const clock = new ManualClock(1_000_000);
    return { clock, leases: new Leases({ database: await open(jobsMigrations), clock }) };
  }

  it('has one holder until it runs out, who may prolong it', async () => {
    const { clock, leases } = await setUp();
    const first = await leases.acquire('tick', 'a', 1_000);
    expect(first).toMatchObject({ holder: 'a', token: 1, expiresAtMs: 1_001_000 });
    expect(await leases.acquire('tick', 'b', 1_000)).toBeUndefined();
    clock.advance(900);
    expect(await leases.acquire('tick', 'a', 1_000)).toMatchObject({ token: 1, expiresAtMs: 1_001_900 });
    clock.advance(999);
    expect(await leases.acquire('tick', 'b', 1_000)).toBeUndefined();
    clock.advance(1);
    expect(await leases.acquire('tick', 'b', 1_000)).toMatchObject({ holder: 'b', token: 2 });
    expect(await leases.acquire('tick', 'a', 1_000)).toBeUndefined();
  });

  it('goes to one of many who ask at once', async () => {
    const { leases } = await setUp();
    const asked = Array.from({ length: 10 }, (_, index) => leases.acquire('tick', `h${index}`, 1_000));
    expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(1);
  });

  it('is free at once when given back, and a former holder cannot give back what is not his', async () => {
    const { clock, leases } = await setUp();
    const first = await leases.acquire('tick', 'a', 1_000);
    clock.advance(1_000);
    await leases.acquire('tick', 'b', 1_000);
    if (first) await leases.release(first);
    expect(await leases.acquire('tick', 'c', 1_000)).toBeUndefined();
  });

  it('passes at once from a process that is known to be dead, and not from a living one', async () => {
    const { leases } = await setUp();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const { readFileSync } = await import('node:fs');
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const [host, boot] = thisHolder().split('/');
    const theirs = [host, boot, child.pid, started].join('/');
    await leases.acquire('tick', theirs, 60_000);
    expect(await leases.acquire('tick', thisHolder(), 60_000, holderIsDead)).toBeUndefined();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await leases.acquire('tick', thisHolder(), 60_000, holderIsDead)).toMatchObject({ token: 2 });
    expect(holderIsDead(thisHolder())).toBe(false);
  });
});
