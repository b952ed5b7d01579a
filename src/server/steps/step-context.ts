import { readFileSync, writeFileSync } from 'node:fs';
import type { Json } from '#platform/kernel';
import { type Client, createClient } from '#sdk';

/** How long a step waits for a server that is being restarted, ms. */
const PATIENCE_MS = 120_000;

/** What the pipelines hand to a step's process, in the file that TRIMTAB_STEP names. */
interface StepFile {
  readonly run: string;
  readonly step: string;
  readonly params: Readonly<Record<string, Json>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly server: { readonly url: string; readonly token?: string };
  readonly scratch: string;
}

/** Everything a built-in step is given. */
export interface StepContext {
  /** Id of the pipeline run; with the name of what is done it makes keys that a second attempt shares. */
  readonly run: string;
  readonly params: StepFile['params'];
  readonly client: Client;
  /** A folder of the attempt's own. */
  readonly scratch: string;
  inputFile(name: string): string;
  readJson(name: string): unknown;
  outputFile(name: string): string;
  writeJson(name: string, value: unknown): void;
  /** A line in the step's log. */
  say(line: string): void;
}

export function openStepContext(file: string): StepContext {
  const spec = JSON.parse(readFileSync(file, 'utf8')) as StepFile;
  const { url, token } = spec.server;
  const pathOf = (paths: StepFile['inputs'], name: string) => {
    const path = paths[name];
    if (path === undefined) throw new Error(`The step "${spec.step}" declares no "${name}".`);
    return path;
  };
  return {
    run: spec.run,
    params: spec.params,
    client: createClient({
      baseUrl: url,
      patienceMs: PATIENCE_MS,
      actor: `pipeline-run:${spec.run}`,
      ...(token ? { token } : {}),
    }),
    scratch: spec.scratch,
    inputFile: (name) => pathOf(spec.inputs, name),
    readJson: (name) => JSON.parse(readFileSync(pathOf(spec.inputs, name), 'utf8')),
    outputFile: (name) => pathOf(spec.outputs, name),
    writeJson: (name, value) => writeFileSync(pathOf(spec.outputs, name), JSON.stringify(value)),
    say: (line) => {
      process.stdout.write(`${line}\n`);
    },
  };
}
