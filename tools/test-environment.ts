import { execFileSync, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Services that some tests need besides npm; each is named with why it is missing when it cannot be had. */
export interface TestEnvironment {
  /**
   * Variables for the test processes: TRIMTAB_TEST_POSTGRES, TRIMTAB_TEST_S3, TRIMTAB_CHROMIUM, TRIMTAB_TEST_PYTHON,
   * TRIMTAB_TEST_MLFLOW_3_11, TRIMTAB_TEST_MLFLOW_NEWEST.
   */
  readonly variables: Readonly<Record<string, string>>;
  readonly missing: readonly string[];
  stop(): void;
}

const PYTHON_PACKAGES = ['moto[server]==5.2.*', 'boto3', 'numpy', 'tritonclient[http]'];
/** What MLflow's client tests log with, beyond what MLflow itself asks for. */
const LEARNERS = ['scikit-learn<2', 'pandas<3', 'lightgbm', 'pillow', 'psutil', 'psycopg2-binary', 'openai<4'];
/** MLflow's client in the version whose API ours is, and in the newest one there was. */
const MLFLOW_CLIENTS = {
  TRIMTAB_TEST_MLFLOW_3_11: ['mlflow==3.11.1', ...LEARNERS],
  TRIMTAB_TEST_MLFLOW_NEWEST: ['mlflow==3.17.*', ...LEARNERS],
} as const;
/** Without what it asks for: on Linux that is hundreds of megabytes for graphics cards. */
const XGBOOST = 'xgboost==3.*';
const isRoot = userInfo().uid === 0;

/**
 * Starts PostgreSQL and an S3 server for the tests and finds Chromium and Python. With `install` what is missing is
 * installed first: Debian's packages as root, Python packages into a folder of their own.
 */
export async function openTestEnvironment(install: boolean): Promise<TestEnvironment> {
  const variables: Record<string, string> = {};
  const missing: string[] = [];
  const cleanups: (() => void)[] = [];
  if (install) installDebianPackages();

  const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  if (chromium) variables.TRIMTAB_CHROMIUM = chromium;
  else missing.push('Chromium (Debian: chromium)');

  if (process.env.TRIMTAB_TEST_POSTGRES) variables.TRIMTAB_TEST_POSTGRES = process.env.TRIMTAB_TEST_POSTGRES;
  else
    await tryTo('PostgreSQL (Debian: postgresql)', missing, async () => {
      const { url, stop } = await startPostgres();
      variables.TRIMTAB_TEST_POSTGRES = url;
      cleanups.push(stop);
    });

  await tryTo('Python with moto from PyPI', missing, async () => {
    const python = findPython('trimtab-test-python', PYTHON_PACKAGES, install);
    variables.TRIMTAB_TEST_PYTHON = python;
    const { url, stop } = await startMoto(python);
    variables.TRIMTAB_TEST_S3 = url;
    cleanups.push(stop);
  });
  for (const [variable, packages] of Object.entries(MLFLOW_CLIENTS)) {
    await tryTo(`Python with ${packages[0]} from PyPI`, missing, async () => {
      const name = variable.toLowerCase().replaceAll('_', '-');
      variables[variable] = findPython(name, packages, install, [XGBOOST]);
    });
  }
  return {
    variables,
    missing,
    stop: () => {
      for (const cleanup of cleanups.reverse()) cleanup();
    },
  };
}

async function tryTo(what: string, missing: string[], attempt: () => Promise<void>): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    missing.push(`${what}: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
  }
}

function installDebianPackages(): void {
  const needed = [
    existsSync('/usr/bin/chromium') ? '' : 'chromium',
    findPostgres() ? '' : 'postgresql',
    spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0 ? '' : 'python3-venv',
  ].filter(Boolean);
  if (needed.length === 0 || !isRoot) return;
  console.log(`Installing ${needed.join(', ')}`);
  const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...needed], options);
}

function findPostgres(): string | undefined {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').sort().reverse() : [];
  return versions
    .map((version) => `/usr/lib/postgresql/${version}/bin`)
    .find((folder) => existsSync(`${folder}/initdb`));
}

async function startPostgres(): Promise<{ url: string; stop: () => void }> {
  const bin = findPostgres();
  if (!bin) throw new Error('not installed');
  const folder = mkdtempSync(join(tmpdir(), 'trimtab-postgres-'));
  // PostgreSQL refuses to run as root; Debian's package brings a user of its own.
  if (isRoot) chownSync(folder, idOf('-u'), idOf('-g'));
  const run = (command: string, ...parameters: string[]) =>
    check(
      isRoot
        ? spawnSync('runuser', ['-u', 'postgres', '--', `${bin}/${command}`, ...parameters], {
            cwd: folder,
            stdio: 'ignore',
          })
        : spawnSync(`${bin}/${command}`, parameters, { cwd: folder, stdio: 'ignore' }),
      command,
    );
  const port = await freePort();
  const data = join(folder, 'data');
  run('initdb', '-D', data, '-A', 'trust', '-U', 'postgres');
  run(
    'pg_ctl',
    '-D',
    data,
    '-o',
    `-p ${port} -c fsync=off -c listen_addresses=127.0.0.1 -k ${folder}`,
    '-l',
    join(folder, 'log'),
    '-w',
    'start',
  );
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: () => {
      run('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
}

function check(result: SpawnSyncReturns<Buffer>, what: string): void {
  if (result.status !== 0) throw new Error(`${what} ended with ${result.status ?? result.signal ?? result.error}`);
}

/**
 * A Python with the packages, in a folder of its own; installed when asked to.
 *
 * @param bare packages to install without those they ask for
 */
function findPython(name: string, packages: readonly string[], install: boolean, bare: readonly string[] = []): string {
  const folder = join(homedir(), '.cache', name);
  const python = join(folder, 'bin', 'python');
  // Written last, so a folder that was interrupted is not taken for a whole one.
  const note = join(folder, 'installed.json');
  const wanted = JSON.stringify([packages, bare]);
  if (existsSync(note) && readFileSync(note, 'utf8') === wanted) return python;
  if (!install) throw new Error('not installed; run with CI=true to have it installed');
  console.log(
    `Installing ${packages[0]} and ${packages.length + bare.length - 1} more Python packages for the client tests`,
  );
  // Most of what is installed is never imported: what is, Python compiles by itself.
  const pip = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--no-compile'];
  check(spawnSync('python3', ['-m', 'venv', '--clear', folder], { stdio: 'inherit' }), 'python3 -m venv');
  check(spawnSync(python, [...pip, ...packages], { stdio: 'inherit' }), 'pip install');
  if (bare.length > 0) check(spawnSync(python, [...pip, '--no-deps', ...bare], { stdio: 'inherit' }), 'pip install');
  writeFileSync(note, wanted);
  return python;
}

async function startMoto(python: string): Promise<{ url: string; stop: () => void }> {
  const port = await freePort();
  const server = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 150; attempt++) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return { url, stop: () => server.kill('SIGKILL') };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  server.kill('SIGKILL');
  throw new Error('the S3 server did not start');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
