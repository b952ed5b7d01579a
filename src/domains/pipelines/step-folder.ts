import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StepOutput } from '#contract';
import { canonicalJson, type Json } from '#platform/kernel';
import type { Files } from './files.ts';
import type { StoredOutput } from './model.ts';

/**
 * What a step is told: the JSON file whose path is in its environment variable TRIMTAB_STEP. All paths are absolute
 * and in a folder of the attempt's own.
 */
export interface StepFile {
  /** Id of the run; its reference is `pipeline-run:<id>`. */
  readonly run: string;
  readonly pipeline: string;
  readonly step: string;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  readonly params: { readonly [name: string]: Json };
  /** Files to read, by the step's own name for each. */
  readonly inputs: { readonly [name: string]: string };
  /** Where to write each declared output. */
  readonly outputs: { readonly [name: string]: string };
  /** The server to talk to; its address stays the same when it restarts. */
  readonly server: { readonly url: string; readonly token?: string };
  /** A folder for whatever the step likes; removed with the attempt. */
  readonly scratch: string;
}

/** Largest json output that is read, and the largest whose value is kept with the run. */
const MAX_JSON_BYTES = 64 * 1024 ** 2;
const MAX_VALUE_BYTES = 64 * 1024;

/** A declared output that is not there or not what it is declared to be: in words. */
export class OutputProblem extends Error {}

/** The folder of one attempt. */
export class StepFolder {
  /** Id of the attempt. */
  readonly id: string;
  readonly path: string;
  /** Path of the file that tells the step everything. */
  readonly stepFile: string;
  readonly scratch: string;

  constructor(folder: string, attempt: string) {
    this.id = attempt;
    this.path = join(folder, attempt);
    this.stepFile = join(this.path, 'step.json');
    this.scratch = join(this.path, 'scratch');
  }

  /** Attempts that have a folder. */
  static listIn(folder: string): readonly string[] {
    return existsSync(folder) ? readdirSync(folder) : [];
  }

  input(name: string): string {
    return join(this.path, 'inputs', name);
  }

  output(name: string): string {
    return join(this.path, 'outputs', name);
  }

  /**
   * Lays out everything the step reads. Done again after a crash it leaves the same; nothing that a process of the
   * attempt may have written or be reading is touched.
   */
  async prepare(
    told: StepFile,
    inputs: ReadonlyMap<string, { readonly digest: string; readonly what: string }>,
    files: Files,
    newName: () => string,
  ): Promise<void> {
    const parts = [
      'scratch',
      ...(inputs.size > 0 ? ['inputs'] : []),
      ...(Object.keys(told.outputs).length > 0 ? ['outputs'] : []),
    ];
    for (const part of parts) mkdirSync(join(this.path, part), { recursive: true, mode: 0o700 });
    const draft = () => join(this.path, `draft-${newName()}`);
    for (const [name, { digest, what }] of inputs) await files.copyTo(digest, this.input(name), draft(), what);
    const stepDraft = draft();
    writeFileSync(stepDraft, `${JSON.stringify(told, null, 2)}\n`, { mode: 0o600 });
    renameSync(stepDraft, this.stepFile);
  }

  /** Stores the declared outputs, once the processes are gone. @throws OutputProblem */
  async collect(outputs: readonly StepOutput[], files: Files): Promise<readonly StoredOutput[]> {
    const stored: StoredOutput[] = [];
    for (const { name, kind } of outputs) {
      const path = this.output(name);
      const about = statSync(path, { throwIfNoEntry: false });
      if (!about) throw new OutputProblem(`It ended well but did not write its output "${name}". ${whereTo(name)}`);
      if (!about.isFile()) {
        throw new OutputProblem(`Its output "${name}" is no file. Write one file; pack a folder into an archive.`);
      }
      const value = kind === 'json' ? await readJson(name, path, about.size) : null;
      stored.push({ name, kind, value, ...(await files.storeFile(path)) });
    }
    return stored;
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true, force: true, maxRetries: 3 });
  }
}

function whereTo(name: string): string {
  return `The file named by TRIMTAB_STEP tells under outputs.${name} where it belongs.`;
}

/** The text of a small value, null for a large one. @throws OutputProblem when it is no JSON */
async function readJson(name: string, path: string, sizeBytes: number): Promise<string | null> {
  if (sizeBytes > MAX_JSON_BYTES) {
    throw new OutputProblem(
      `Its json output "${name}" has ${sizeBytes} bytes, more than ${MAX_JSON_BYTES}. Declare it as a file.`,
    );
  }
  const text = await readFile(path, 'utf8');
  try {
    const value = canonicalJson(JSON.parse(text) as Json);
    return Buffer.byteLength(value) <= MAX_VALUE_BYTES ? value : null;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new OutputProblem(`Its output "${name}" is not JSON: ${problem}. JSON knows no NaN and no Infinity.`);
  }
}
