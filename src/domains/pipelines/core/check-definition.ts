import type { PipelineDefinition, StepDefinition } from '#contract';
import { assertName, isTrimtabError, type Json } from '#platform/kernel';
import { needsOf } from '../model.ts';
import { paramsNamedIn, partlyNamedIn } from './params.ts';

/** Something wrong with a definition: where, and what, as the end of a sentence. */
export interface DefinitionProblem {
  readonly where: string;
  readonly problem: string;
}

/** Environment variables that the server sets itself. */
const RESERVED_ENV = /^TRIMTAB_(STEP|URL|TOKEN)$/;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The first thing wrong with a definition beyond its schema; undefined when it can run. */
export function problemOf(
  definition: PipelineDefinition,
  knowsEntrypoint: (name: string) => boolean,
): DefinitionProblem | undefined {
  const seen = new Set<string>();
  for (const step of definition.steps) {
    const where = `step "${step.name}"`;
    if (!isName(step.name)) return { where, problem: nameProblem };
    if (seen.has(step.name)) return { where, problem: 'is there twice; give each step a name of its own' };
    seen.add(step.name);
  }
  for (const name of definition.inputs ?? []) {
    if (!isName(name)) return { where: `input "${name}"`, problem: nameProblem };
  }
  for (const step of definition.steps) {
    const problem =
      programProblem(step, knowsEntrypoint) ??
      inputProblem(step, definition) ??
      outputProblem(step) ??
      paramProblem(step, definition) ??
      envProblem(step);
    if (problem) return { where: `step "${step.name}"`, problem };
  }
  const cycle = cycleOf(definition.steps);
  if (cycle) return { where: `step "${cycle[0]}"`, problem: `waits for itself: ${cycle.join(' -> ')}` };
  return undefined;
}

const nameProblem =
  'has a name that cannot be a file name: use 1 to 128 letters, digits, dots, dashes or underscores, starting with a letter or a digit';

function isName(name: string): boolean {
  try {
    assertName('step', name);
    return true;
  } catch (error) {
    if (isTrimtabError(error)) return false;
    throw error;
  }
}

function programProblem(step: StepDefinition, knowsEntrypoint: (name: string) => boolean): string | undefined {
  if ((step.command === undefined) === (step.entrypoint === undefined)) {
    return 'needs either a command or an entrypoint';
  }
  if (step.command?.[0] === '') return 'has an empty program name in its command';
  if (step.command?.some((word) => word.includes('\0'))) return 'has a zero byte in its command';
  if (step.entrypoint !== undefined && !knowsEntrypoint(step.entrypoint)) {
    return `names the entry point "${step.entrypoint}", which this server does not bring`;
  }
  return undefined;
}

function inputProblem(step: StepDefinition, definition: PipelineDefinition): string | undefined {
  const steps = definition.steps;
  for (const [name, input] of Object.entries(step.inputs ?? {})) {
    if (!isName(name)) return `has an input "${name}", which cannot be a file name`;
    if ('run' in input) {
      if (!definition.inputs?.includes(input.run)) {
        return `reads the run input "${input.run}", which the pipeline does not name (${listed(definition.inputs)})`;
      }
      continue;
    }
    const source = steps.find((other) => other.name === input.step);
    if (!source) return `reads from step "${input.step}", which does not exist (${listed(steps.map((s) => s.name))})`;
    const outputs = source.outputs?.map((output) => output.name);
    if (!outputs?.includes(input.output)) {
      return `reads output "${input.output}" of step "${input.step}", which has no such output (${listed(outputs)})`;
    }
  }
  const stranger = step.needs?.find((need) => !steps.some((other) => other.name === need));
  return stranger && `needs step "${stranger}", which does not exist (${listed(steps.map((s) => s.name))})`;
}

function outputProblem(step: StepDefinition): string | undefined {
  const names = (step.outputs ?? []).map((output) => output.name);
  const bad = names.find((name) => !isName(name));
  if (bad !== undefined) return `has an output "${bad}", which cannot be a file name`;
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice && `has two outputs named "${twice}"`;
}

function paramProblem(step: StepDefinition, definition: PipelineDefinition): string | undefined {
  const value = (step.params ?? {}) as Json;
  const partly = partlyNamedIn(value);
  if (partly !== undefined) {
    return `has a param "${partly}"; a reference must be the whole value, as in "{{params.x}}"`;
  }
  const known = Object.keys(definition.params ?? {});
  const stranger = paramsNamedIn(value).find((name) => !known.includes(name));
  return stranger && `uses the param "${stranger}", which the pipeline does not name (${listed(known)})`;
}

function envProblem(step: StepDefinition): string | undefined {
  const names = [...Object.keys(step.env ?? {}), ...(step.passEnv ?? [])];
  const bad = names.find((name) => !ENV_NAME.test(name));
  if (bad !== undefined) return `sets the environment variable "${bad}", which is no such name`;
  const reserved = names.find((name) => RESERVED_ENV.test(name));
  if (reserved) return `sets ${reserved}, which the server sets itself`;
  const zero = Object.entries(step.env ?? {}).find(([, value]) => value.includes('\0'));
  return zero && `has a zero byte in the environment variable "${zero[0]}"`;
}

/** A way from a step back to itself, ends included; undefined when there is none. */
function cycleOf(steps: readonly StepDefinition[]): readonly string[] | undefined {
  const needs = new Map(steps.map((step) => [step.name, needsOf(step)]));
  const done = new Set<string>();
  for (const { name: start } of steps) {
    // An explicit stack: a chain of 5,000 steps would exhaust the call stack.
    const path: { name: string; next: number }[] = done.has(start) ? [] : [{ name: start, next: 0 }];
    const onPath = new Set(path.map((entry) => entry.name));
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const need = needs.get(top.name)?.[top.next++];
      if (need === undefined) {
        done.add(top.name);
        onPath.delete(top.name);
        path.pop();
      } else if (onPath.has(need)) {
        const names = path.map((entry) => entry.name);
        return [...names.slice(names.indexOf(need)), need];
      } else if (!done.has(need)) {
        path.push({ name: need, next: 0 });
        onPath.add(need);
      }
    }
  }
  return undefined;
}

function listed(names: readonly string[] | undefined): string {
  if (!names || names.length === 0) return 'it has none';
  const shown = names.slice(0, 8).map((name) => `"${name}"`);
  return `there ${names.length === 1 ? 'is' : 'are'} ${shown.join(', ')}${names.length > 8 ? ' and more' : ''}`;
}
