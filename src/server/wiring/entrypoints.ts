import { fileURLToPath } from 'node:url';
import type { Entrypoints } from '#domains/pipelines';

const SOURCE = fileURLToPath(new URL('../..', import.meta.url));

/** The built-in steps, with the code whose change makes their cached results stale. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  'training-data': ['server/steps', 'domains/learning'],
  'hyperparameter-search': ['server/steps', 'domains/learning'],
  'fit-model': ['server/steps', 'domains/learning', 'domains/monitoring/core'],
  'register-version': ['server/steps'],
};

/** Steps that the server brings, each this program again in a process of its own. */
export function stepEntrypoints(program: string): Entrypoints {
  return {
    resolve(name) {
      const code = STEPS[name];
      return code && { argv: [process.execPath, program, name], code: code.map((folder) => `${SOURCE}${folder}`) };
    },
  };
}
