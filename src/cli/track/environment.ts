import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What pins the packages of a project, by language; kept as it is. */
const LOCK_FILES = [
  'requirements.txt',
  'uv.lock',
  'poetry.lock',
  'Pipfile.lock',
  'pixi.lock',
  'conda.yaml',
  'environment.yml',
  'package-lock.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'renv.lock',
  'Manifest.toml',
  'Cargo.lock',
  'go.sum',
  'Gemfile.lock',
];
/** The packages of the interpreter, as `pip freeze` writes them. */
export const PYTHON_PACKAGES = 'pip-freeze.txt';
/** Settings that change results or speed. Others stay private. */
const VARIABLES =
  /^(CUDA_|OMP_NUM_THREADS$|MKL_NUM_THREADS$|OPENBLAS_|PYTHONHASHSEED$|TF_|TORCH_|NVIDIA_VISIBLE_DEVICES$)/;
const MAX_LOCK_BYTES = 5 * 1024 * 1024;

export interface Environment {
  /** Files to keep with the run, by name. */
  readonly files: ReadonlyMap<string, string>;
  /** `python` and its version when the command is Python's. */
  readonly python: string | undefined;
}

/** What the command runs in: machine, interpreter, packages. */
export async function describeEnvironment(command: readonly string[], folder: string): Promise<Environment> {
  const files = new Map<string, string>();
  for (const name of LOCK_FILES) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    if (text !== undefined && text.length <= MAX_LOCK_BYTES) files.set(name, text);
  }
  const interpreter = pythonOf(command);
  const python = interpreter === undefined ? undefined : await describePython(interpreter, folder);
  if (python) files.set(PYTHON_PACKAGES, python.packages);
  const machine = {
    system: type(),
    release: release(),
    architecture: arch(),
    cpu: cpus()[0]?.model.trim() ?? null,
    cpus: cpus().length,
    memoryMb: Math.round(totalmem() / 1024 ** 2),
    gpus: await gpuNames(),
    python: python?.version ?? null,
    variables: Object.fromEntries(Object.entries(process.env).filter(([name]) => VARIABLES.test(name))),
  };
  files.set('machine.json', `${JSON.stringify(machine, null, 2)}\n`);
  return { files, python: python?.version };
}

/** The Python that a command starts, if it starts one. */
export function pythonOf([program = '']: readonly string[]): string | undefined {
  return /^python(\d+(\.\d+)?)?$/.test(basename(program)) ? program : undefined;
}

/** Version and packages, as `pip freeze` writes them, of an interpreter. */
export async function describePython(interpreter: string, folder: string) {
  const script =
    'import sys, importlib.metadata as m; print(sys.version.split()[0]); ' +
    'print("\\n".join(sorted({f"{d.metadata[\'Name\']}=={d.version}" for d in m.distributions() if d.metadata["Name"]}, key=str.lower)))';
  try {
    const { stdout } = await run(interpreter, ['-c', script], { cwd: folder, maxBuffer: MAX_LOCK_BYTES });
    const [version = '', ...packages] = stdout.trimEnd().split('\n');
    return { version, packages: `${packages.filter(Boolean).join('\n')}\n` };
  } catch {
    return undefined;
  }
}

async function gpuNames(): Promise<readonly string[]> {
  try {
    const { stdout } = await run('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader']);
    return stdout.trim().split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
