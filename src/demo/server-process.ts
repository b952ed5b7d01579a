import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/trimtab.js', import.meta.url));
const READY = /answers at (\S+)/;

export interface ServerProcess {
  readonly url: string;
  /** Resolves when the server ends, by itself or because it was stopped. */
  readonly ended: Promise<number | null>;
  stop(): Promise<void>;
}

/** Starts `trimtab serve` in a process of its own, its log in the data folder, and waits until it answers. */
export async function startServerProcess(options: {
  readonly port: number;
  readonly dataFolder: string;
  readonly simulatedStart: string;
}): Promise<ServerProcess> {
  const { port, dataFolder, simulatedStart } = options;
  const flags = ['--port', String(port), '--data-dir', dataFolder, '--simulated-clock', simulatedStart];
  const log = join(dataFolder, 'server.log');
  const stdio: ['ignore', 'pipe', number] = ['ignore', 'pipe', openSync(log, 'a')];
  const child = spawn(process.execPath, [PROGRAM, 'serve', ...flags], { stdio });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const url = await Promise.race([addressOf(child), ended.then((code) => refused(code, log))]);
  return {
    url,
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function addressOf(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the server has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = READY.exec(line)?.[1];
    if (url) return url;
  }
  return new Promise(() => undefined);
}

function refused(code: number | null, log: string): never {
  throw new Error(`The server ended with code ${code} before it answered; ${log} says why.`);
}
