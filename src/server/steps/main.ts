/**
 * The program of the built-in steps: `main.ts <step>`, with TRIMTAB_STEP naming the file that says what it reads and
 * where it writes.
 */
import { enableCompileCache } from 'node:module';
import type { StepContext } from './step-context.ts';

const STEPS: Readonly<Record<string, () => Promise<(context: StepContext) => Promise<void>>>> = {
  'training-data': async () => (await import('./training-data.ts')).trainingData,
  'hyperparameter-search': async () => (await import('./hyperparameter-search.ts')).hyperparameterSearch,
  'fit-model': async () => (await import('./fit-model.ts')).fitModel,
  'register-version': async () => (await import('./register-version.ts')).registerVersion,
};

const name = process.argv[2] ?? '';
const file = process.env.TRIMTAB_STEP;
const load = STEPS[name];
if (!load || !file) {
  console.error(`Start it as a step of a pipeline: one of ${Object.keys(STEPS).join(', ')}, with TRIMTAB_STEP set.`);
  process.exit(64);
}
// Stripped and compiled once, not by each step.
enableCompileCache();
const { openStepContext } = await import('./step-context.ts');
const step = await load();
await step(openStepContext(file));
