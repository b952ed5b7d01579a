import type { StepDefinition } from '#contract';
import { canonicalJson, type Json } from '#platform/kernel';
import type { Components } from '../model.ts';

/** What, beyond its definition, decides the result of a step. */
export interface ActionFacts {
  /** Params after the run's were filled in. */
  readonly params: Readonly<Record<string, Json>>;
  /** Digest of each input's bytes. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Digest of each file of code, by path. */
  readonly code: Readonly<Record<string, string>>;
  /** Digest of the program's own file. */
  readonly program: string;
  /** Values of the variables that are passed on, as digests. */
  readonly passedEnv: Readonly<Record<string, string | null>>;
  /** Where it runs: operating system, processor, Node.js. */
  readonly platform: Readonly<Record<string, string>>;
}

/**
 * Everything that decides a step's result, a value for each part, so that two keys can be compared part by part. The
 * key is the digest of the canonical JSON of all of it: names and values cannot run into each other. Paths of inputs,
 * ids and times are no part of it.
 */
export function componentsOf(step: StepDefinition, facts: ActionFacts): Components {
  return {
    schema: 1,
    ...(step.entrypoint === undefined ? { command: step.command ?? [] } : { entrypoint: step.entrypoint }),
    program: facts.program,
    ...prefixed('params.', facts.params),
    ...prefixed('inputs.', facts.inputs),
    ...prefixed('code:', facts.code),
    ...prefixed('env.', step.env ?? {}),
    ...prefixed('passEnv.', facts.passedEnv),
    ...prefixed('platform.', facts.platform),
    ...prefixed('outputs.', Object.fromEntries((step.outputs ?? []).map(({ name, kind }) => [name, kind]))),
  };
}

export interface Difference {
  readonly component: string;
  readonly before: Json;
  readonly after: Json;
}

/** Parts that differ between two keys; null stands for a part that one of them lacks. */
export function differencesOf(before: Components, after: Components): readonly Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const same = (component: string) => {
    // A part that is null is not a part that is missing: the keys differ.
    if (!Object.hasOwn(before, component) || !Object.hasOwn(after, component)) return false;
    return canonicalJson(before[component] ?? null) === canonicalJson(after[component] ?? null);
  };
  return names
    .filter((component) => !same(component))
    .map((component) => ({ component, before: before[component] ?? null, after: after[component] ?? null }));
}

/** True for a part that is code: a file, or the program that runs it. */
export function isCode(component: string): boolean {
  return component.startsWith('code:') || component === 'program';
}

function prefixed(prefix: string, values: Readonly<Record<string, Json>>): Record<string, Json> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}
