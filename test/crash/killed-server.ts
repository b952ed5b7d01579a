import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';

const PROGRAM = new URL('../../bin/trimtab.js', import.meta.url).pathname;

/** A server that is killed without warning and started again on the same port and data. */
export class KilledServer {
  readonly url: string;
  readonly #port: number;
  readonly #dataFolder: string;
  #child: ChildProcess | undefined;

  constructor(port: number, dataFolder: string) {
    this.#port = port;
    this.#dataFolder = dataFolder;
    this.url = `http://127.0.0.1:${port}`;
  }

  async start(): Promise<void> {
    const flags = ['--port', String(this.#port), '--data-dir', this.#dataFolder, '--simulated-clock', '2001-03-01'];
    const child = spawn(process.execPath, [PROGRAM, 'serve', ...flags], { stdio: ['ignore', 'ignore', 'inherit'] });
    this.#child = child;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
      if (await answers(this.url)) return;
      await pause(20);
    }
  }

  /** SIGKILL to the server alone: its steps live on. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
}

function answers(url: string): Promise<boolean> {
  return fetch(`${url}/health`).then(
    ({ ok }) => ok,
    () => false,
  );
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
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
