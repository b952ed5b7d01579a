import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRng, systemClock } from '#platform/kernel';
import { readClaim } from './claim.ts';
import { LocalProcesses, type ProcessStatus } from './index.ts';
import { groupMembers } from './process-table.ts';

let root: string;
let processes: LocalProcesses;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'trimtab-jobs-'));
  processes = open();
});

afterEach(async () => {
  await Promise.all(processes.list().map((id) => processes.stop(id)));
  rmSync(root, { recursive: true, force: true });
});

/** Another server on the same folder: it knows nothing but the files. */
function open(): LocalProcesses {
  return new LocalProcesses({ folder: join(root, 'processes'), clock: systemClock, graceMs: 200 });
}

function shell(id: string, script: string, env: Record<string, string> = {}) {
  return { id, argv: ['/bin/sh', '-c', script], cwd: root, env: { PATH: process.env.PATH ?? '', ...env } };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited 5 s in vain');
    await sleep(2);
  }
}

function textOf(id: string, offset = 0): string {
  return new TextDecoder().decode(processes.logs(id, offset).data);
}

describe('a process', () => {
  it('tells its exit code, what it wrote, where it ran and which environment it saw', async () => {
    await processes.start(
      shell('a', 'echo out; echo err >&2; pwd; env | grep -c HOME; echo "$WORD"; exit 7', { WORD: 'x y' }),
    );
    const end = await processes.wait('a');
    expect(end).toMatchObject({ state: 'exited', code: 7, signal: null, stopped: false });
    expect(textOf('a')).toBe(`out\nerr\n${root}\n0\nx y\n`);
    expect(textOf('a', 4)).toBe(`err\n${root}\n0\nx y\n`);
    if (end.state === 'exited') expect(end.finishedAtMs).toBeGreaterThanOrEqual(end.startedAtMs);
  });

  it('keeps arguments apart, whatever they hold', async () => {
    const odd = ['a b', '$HOME', '"; touch pwned; "', "it's", '', '*'];
    await processes.start({
      id: 'a',
      argv: ['printf', '[%s]', ...odd],
      cwd: root,
      env: { PATH: process.env.PATH ?? '' },
    });
    await processes.wait('a');
    expect(textOf('a')).toBe(odd.map((one) => `[${one}]`).join(''));
    expect(existsSync(join(root, 'pwned'))).toBe(false);
  });

  it('is started once, however often and by however many it is asked for', async () => {
    const job = shell('a', 'echo ran >> effects; sleep 0.05');
    const others = Array.from({ length: 8 }, open);
    await Promise.all([processes, ...others].map((one) => one.start(job)));
    await Promise.all([processes, ...others].map((one) => one.wait('a')));
    await processes.start(job);
    expect(readFileSync(join(root, 'effects'), 'utf8')).toBe('ran\n');
  });

  it('that cannot be found ends with 127, and the log says why', async () => {
    await processes.start({ id: 'a', argv: ['no-such-program'], cwd: root, env: { PATH: '/usr/bin' } });
    expect(await processes.wait('a')).toMatchObject({ state: 'exited', code: 127 });
    expect(textOf('a')).toContain('no-such-program');
  });

  it('killed by somebody else tells the signal and is not called stopped', async () => {
    await processes.start(shell('a', 'kill -KILL $$'));
    expect(await processes.wait('a')).toMatchObject({ state: 'exited', code: null, signal: 'SIGKILL', stopped: false });
  });

  it('that nobody started is absent, and waiting for it is an error', async () => {
    expect(processes.status('nothing')).toEqual({ state: 'absent' });
    await expect(processes.wait('nothing')).rejects.toMatchObject({ code: 'JOBS_PROCESS_NOT_FOUND' });
    await expect(processes.start(shell('../evil', 'true'))).rejects.toMatchObject({ code: 'KERNEL_NAME_INVALID' });
  });

  it('tells what it uses while it runs', async () => {
    const script = 'let b = Buffer.alloc(60e6, 1); const t = Date.now(); while (Date.now() - t < 3000);';
    await processes.start({ id: 'a', argv: [process.execPath, '-e', script], cwd: root, env: {} });
    await until(() => (processes.usage('a')?.rssBytes ?? 0) > 60e6 && (processes.usage('a')?.cpuMs ?? 0) > 50);
    expect(processes.usage('a')?.peakRssBytes).toBeLessThan(1e9);
    await processes.stop('a');
    expect(processes.usage('a')).toBeUndefined();
  });
});

describe('stopping a process', () => {
  it('lets it clean up, and takes its children with it', async () => {
    await processes.start(shell('a', 'trap "echo bye; exit 3" TERM; sleep 60 & echo up; wait'));
    await until(() => textOf('a') === 'up\n');
    await processes.stop('a');
    expect(processes.status('a')).toMatchObject({ state: 'exited', code: 3, stopped: true });
    expect(textOf('a')).toBe('up\nbye\n');
  });

  it('kills what does not listen, with all it started', async () => {
    await processes.start(
      shell('a', "trap '' TERM; (trap '' TERM; while :; do sleep 0.01; done) & echo up; wait; wait"),
    );
    await until(() => textOf('a') === 'up\n');
    const group = readClaim(join(root, 'processes', 'a'))?.pid ?? 0;
    await processes.stop('a');
    expect(processes.status('a')).toMatchObject({ state: 'exited', code: null, signal: 'SIGKILL', stopped: true });
    expect(open().status('a')).toMatchObject({ state: 'exited', stopped: true });
    expect(groupMembers(group)).toEqual([]);
  });

  it('that has not started yet keeps it from ever starting', async () => {
    await processes.stop('a');
    await processes.start(shell('a', 'touch effects'));
    await open().start(shell('a', 'touch effects'));
    expect(processes.status('a')).toMatchObject({ state: 'exited', stopped: true });
    await sleep(50);
    expect(existsSync(join(root, 'effects'))).toBe(false);
  });

  it('at any moment of its start leaves nothing alive and never a half start', async () => {
    const rng = seededRng(5);
    for (let round = 0; round < 40; round++) {
      const id = `a${round}`;
      const started = processes.start(shell(id, `echo begin; sleep 5; echo end`));
      await sleep(rng.next() * 6);
      await open().stop(id);
      await started;
      expect(await processes.wait(id)).toMatchObject({ state: 'exited', stopped: true });
      const group = readClaim(join(root, 'processes', id))?.pid ?? 0;
      if (group > 0) expect(groupMembers(group)).toEqual([]);
    }
  });
});

describe('a server that comes back', () => {
  it('finds a process running that another server started, and learns how it ended', async () => {
    await processes.start(shell('a', 'sleep 0.2; exit 5'));
    const later = open();
    await until(() => later.status('a').state === 'running');
    expect(await later.wait('a')).toMatchObject({ state: 'exited', code: 5 });
  });

  it('calls a process lost whose wrapper was killed, but only once nothing of it lives', async () => {
    await processes.start(shell('a', 'sleep 0.3; touch effects'));
    await until(() => readClaim(join(root, 'processes', 'a')) !== undefined);
    await sleep(30);
    process.kill(readClaim(join(root, 'processes', 'a'))?.pid ?? 0, 'SIGKILL');
    await sleep(50);
    const later = open();
    expect(later.status('a').state).toBe('running');
    expect((await later.wait('a')).state).toBe('lost');
    expect(existsSync(join(root, 'effects'))).toBe(true);
  });

  it('does not mistake a stranger that got the same process id for the process', async () => {
    await processes.start(shell('a', 'true'));
    await processes.wait('a');
    const folder = join(root, 'processes', 'a');
    rmSync(join(folder, 'exit'));
    rmSync(join(folder, 'claim'));
    writeFileSync(join(folder, 'claim'), `${process.pid} 1 ${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')}`);
    expect(processes.status('a').state).toBe('lost');
  });

  it('killed at random moments, again and again, has started every process once', async () => {
    const count = 12;
    const effects = join(root, 'effects');
    const rng = seededRng(11);
    const argv = [join(import.meta.dirname, 'fixtures/starter.ts'), join(root, 'processes'), effects, String(count)];
    let kills = 0;
    for (let life = 0; life < 40; life++) {
      const server = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(server, 'exit');
      const afterMs = life < 39 ? rng.next() * 12 : 60_000;
      server.stdout.once('data', () => setTimeout(() => server.kill('SIGKILL'), afterMs).unref());
      const [code] = await ended;
      if (code === 0) break;
      kills += 1;
    }
    const ends = await Promise.all(
      Array.from({ length: count }, async (_, index): Promise<ProcessStatus> => {
        const id = `job-${index}`;
        return processes.wait(id);
      }),
    );
    expect(ends.every((end) => end.state === 'exited' && end.code === 0)).toBe(true);
    const lines = readFileSync(effects, 'utf8').trim().split('\n').sort();
    expect(lines).toEqual(Array.from({ length: count }, (_, index) => `job-${index}`).sort());
    expect(kills).toBeGreaterThan(0);
  });
});
