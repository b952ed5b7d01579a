import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';

const PROGRAM = new URL('../bin/trimtab.js', import.meta.url).pathname;

/** `trimtab serve` as a process of its own, answering at the url. */
export async function startProgram(url: string, flags: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PROGRAM, 'serve', ...flags], { stdio: ['ignore', 'ignore', 'inherit'] });
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const ready = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return child;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
