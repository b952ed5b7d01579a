import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { StepDefinition } from '#contract';
import { digestOf, sha256 } from '#platform/digest';
import type { Json } from '#platform/kernel';
import { componentsOf } from './core/action-key.ts';
import { resolveParams } from './core/params.ts';
import type { FileDigests } from './file-digests.ts';
import type { Components, StoredOutput, StoredRun } from './model.ts';
import type { Entrypoints } from './ports.ts';
import { PreparationProblem } from './preparation-problem.ts';

/** A step with everything filled in: what runs, on what, and what decides its result. */
export interface Action {
  readonly argv: readonly string[];
  readonly params: { readonly [name: string]: Json };
  readonly inputs: ReadonlyMap<string, { readonly digest: string; readonly what: string }>;
  /** Variables the step gets, but for those that tell it where the server is. */
  readonly env: Readonly<Record<string, string>>;
  readonly components: Components;
  /** Null for a step that is not cached. */
  readonly key: string | null;
}

export interface PreparationOptions {
  readonly digests: FileDigests;
  readonly entrypoints: Entrypoints;
  /** Working directory of steps; relative paths of code start here. */
  readonly baseFolder: string;
  /** The server's own environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Variables every step gets from the server: without them most programs do not even start. */
const BASIC_ENV = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];
const NODE = '{{node}}';

/**
 * Works out what a step is to do.
 *
 * @param outputsOf the outputs of a step that ended well
 * @throws PreparationProblem when its code or its program does not exist
 */
export async function actionOf(
  run: StoredRun,
  step: StepDefinition,
  outputsOf: (step: string) => Promise<readonly StoredOutput[]>,
  options: PreparationOptions,
): Promise<Action> {
  const { digests, baseFolder } = options;
  // A record of params stays one when its values are filled in.
  const params = resolveParams((step.params ?? {}) as Json, run.params) as Action['params'];
  const inputs = await inputsOf(run, step, outputsOf);
  const entrypoint = step.entrypoint === undefined ? undefined : options.entrypoints.resolve(step.entrypoint);
  if (step.entrypoint !== undefined && !entrypoint) {
    throw new PreparationProblem(`This server no longer brings the entry point "${step.entrypoint}".`);
  }
  const argv = (entrypoint?.argv ?? step.command ?? []).map((word) => (word === NODE ? process.execPath : word));
  const env = environmentOf(step, options.environment);
  const program = programAt(argv[0] ?? '', env.PATH ?? '', baseFolder);
  const named = [...(step.code ?? []), ...(entrypoint ? entrypoint.code : scriptsIn(argv, baseFolder))];
  const facts = {
    params,
    inputs: Object.fromEntries([...inputs].map(([name, { digest }]) => [name, digest])),
    code: await digests.ofCode(baseFolder, named),
    program: step.cache === 'readwrite' ? await programDigest(program, digests) : program,
    passedEnv: Object.fromEntries((step.passEnv ?? []).map((name) => [name, valueDigest(options.environment[name])])),
    platform: { os: process.platform, arch: process.arch, ...(argv[0] === process.execPath ? nodeVersion() : {}) },
  };
  const components = componentsOf(step, facts);
  return { argv, params, inputs, env, components, key: step.cache === 'readwrite' ? digestOf(components) : null };
}

async function inputsOf(
  run: StoredRun,
  step: StepDefinition,
  outputsOf: (step: string) => Promise<readonly StoredOutput[]>,
): Promise<Action['inputs']> {
  const inputs = new Map<string, { digest: string; what: string }>();
  for (const [name, source] of Object.entries(step.inputs ?? {})) {
    if ('run' in source) {
      const given = run.inputs[source.run];
      if (!given) throw new PreparationProblem(`The run was not given its input "${source.run}".`);
      inputs.set(name, { digest: given.digest, what: `The run's input "${source.run}"` });
    } else {
      const output = (await outputsOf(source.step)).find((one) => one.name === source.output);
      if (!output) throw new PreparationProblem(`Step "${source.step}" has no output "${source.output}".`);
      inputs.set(name, { digest: output.digest, what: `Output "${source.output}" of step "${source.step}"` });
    }
  }
  return inputs;
}

function environmentOf(step: StepDefinition, server: PreparationOptions['environment']): Record<string, string> {
  const passed = [...BASIC_ENV, ...(step.passEnv ?? [])].flatMap((name) => {
    const value = server[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), ...step.env };
}

/** The file of a program, found as the shell finds it. */
function programAt(name: string, path: string, baseFolder: string): string {
  if (name.includes('/')) {
    const file = resolve(baseFolder, name);
    if (isProgram(file)) return file;
    throw new PreparationProblem(`There is no program at ${file}, or it may not be executed.`);
  }
  const found = path
    .split(delimiter)
    .map((folder) => join(resolve(baseFolder, folder || '.'), name))
    .find(isProgram);
  if (found) return found;
  throw new PreparationProblem(`There is no program "${name}" in PATH (${path}). Install it, or give its whole path.`);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return isFile(file);
  } catch {
    return false;
  }
}

/** Our own Node.js is known by its version; any other program by its bytes. */
async function programDigest(file: string, digests: FileDigests): Promise<string> {
  const real = realpathSync(file);
  return real === realpathSync(process.execPath) ? `node ${process.version}` : digests.of(real);
}

/** Words of a command that are files: scripts that decide the result although nobody declared them as code. */
function scriptsIn(argv: readonly string[], baseFolder: string): readonly string[] {
  return argv
    .slice(1)
    .filter((word) => word !== '' && !word.startsWith('-') && !word.includes('\n'))
    .filter((word) => isFile(resolve(baseFolder, word)));
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // Not a file, or not even a possible name of one.
    return false;
  }
}

function valueDigest(value: string | undefined): string | null {
  return value === undefined ? null : sha256(value);
}

function nodeVersion(): Record<string, string> {
  return { node: process.version };
}
