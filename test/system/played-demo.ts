import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import type { DemoSummary } from '#demo';

const PROGRAM = new URL('../../bin/trimtab.js', import.meta.url).pathname;

export type Trimtab = ChildProcessByStdio<null, Readable, Readable>;

/** Runs the program as a user does, in a process of its own. */
export function runTrimtab(words: readonly string[], env: NodeJS.ProcessEnv = {}): Trimtab {
  return spawn(process.execPath, [PROGRAM, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
}

/** Plays the demo to its end. @throws with its last words when it ends badly */
export async function playDemo(words: readonly string[]): Promise<DemoSummary> {
  const demo = runTrimtab(['demo', '--fast', '--json', ...words]);
  const code = new Promise<number | null>((resolve) => demo.once('close', resolve));
  const [out, errors] = await Promise.all([text(demo.stdout), text(demo.stderr)]);
  if ((await code) !== 0) throw new Error(`the demo ended with ${await code}:\n${errors.slice(-3000)}`);
  return JSON.parse(out) as DemoSummary;
}

/** What the demo has to tell, wherever it is played. */
export function expectTheStory(summary: DemoSummary): void {
  const kinds = summary.transitions.map(({ kind }) => kind);
  // A challenger may be refused by the gate before one is promoted; what happens first happens in this order.
  const order = ['data-fault-found', 'data-fault-ended', 'performance-lost', 'canary-started', 'promoted'];
  expect([...new Set(kinds)].filter((kind) => order.includes(kind))).toEqual(order);
  expect(summary.incident).toMatchObject({ delayDays: 0, foundOn: summary.incident.startedOn });
  expect(summary.change.endedOn).not.toBeNull();
  expect(summary.falseAlarms).toEqual([]);
  expect(summary.champion).not.toBe('version:delays/1');
  expect(summary).toMatchObject({ predictions: 24_400, logged: 24_400, errors: 0, audit: { ok: true } });
}
