import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';

/** MLflow's client of two versions, where there is one. */
export const MLFLOW_CLIENTS = [
  ['MLflow 3.11', process.env.TRIMTAB_TEST_MLFLOW_3_11],
  ['the newest MLflow', process.env.TRIMTAB_TEST_MLFLOW_NEWEST],
] as const;

export interface Told {
  readonly output: string;
  /** Standard output and error, as they came. */
  readonly all: string;
  readonly code: number | null;
}

/** Runs a script of the folder `mlflow` against a tracking server, until it ends. */
export function runPython(
  python: string,
  script: string,
  trackingUri: string,
  folder: string,
  parameters: readonly string[] = [],
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, [new URL(`./mlflow/${script}`, import.meta.url).pathname, ...parameters], {
      cwd: folder,
      env: { ...pythonEnv(python), ...QUIET, MLFLOW_TRACKING_URI: trackingUri },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [output, all] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      output += part;
      all += part;
    });
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      all += part;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ output, all, code }));
  });
}

/**
 * Variables of a Python process that keeps what it compiles beside its packages, and nothing in this repository. Compiling
 * MLflow and the learners takes longer than most of what is tested with them.
 */
export function pythonEnv(python: string): NodeJS.ProcessEnv {
  const { PYTHONDONTWRITEBYTECODE: _, ...env } = process.env;
  return { ...env, PYTHONPYCACHEPREFIX: join(dirname(dirname(python)), 'bytecode') };
}

const QUIET = {
  MLFLOW_DISABLE_TELEMETRY: 'true',
  MLFLOW_ALLOW_FILE_STORE: 'true',
  MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1',
  GIT_PYTHON_REFRESH: 'quiet',
  MPLBACKEND: 'Agg',
  PYTHONWARNINGS: 'ignore',
};
