import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { freePort } from '../program.ts';
import { pythonEnv } from './python.ts';

/** Where MLflow's stores are quick: a database of its waits for the disk at every call. */
export const QUICK_FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** MLflow's own server with a database and files in the folder. */
export async function startMlflowServer(python: string, folder: string) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    python,
    [
      ...['-m', 'mlflow', 'server', '--port', String(port), '--workers', '1'],
      ...['--backend-store-uri', `sqlite:///${folder}/mlflow.db`, '--artifacts-destination', `${folder}/files`],
    ],
    {
      cwd: folder,
      // It has workers, which end with it only as a group.
      ...{ detached: true, stdio: 'ignore' },
      env: { ...pythonEnv(python), MLFLOW_DISABLE_TELEMETRY: 'true', PYTHONWARNINGS: 'ignore' },
    },
  );
  for (;;) {
    if (child.exitCode !== null) throw new Error(`MLflow's server ended with ${child.exitCode}`);
    const ready = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return { url, stop: () => stopGroup(child) };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function stopGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}
