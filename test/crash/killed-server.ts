import type { ChildProcess } from 'node:child_process';
import { startProgram } from '../program.ts';

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
    this.#child = await startProgram(this.url, flags);
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

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
