import type { PrunerChoice, SamplerChoice } from '#contract';
import { type Rng, seededRng } from '#platform/kernel';
import { createMedianPruner } from './median-pruner.ts';
import { noPruner } from './no-pruner.ts';
import type { Pruner } from './pruner.ts';
import { randomSampler } from './random-sampler.ts';
import type { Sampler } from './sampler.ts';
import { createTpeSampler } from './tpe-sampler.ts';

/** A sampler's choice with every option filled in. */
export function withSamplerDefaults(choice: SamplerChoice, seed: number): Required<SamplerChoice> {
  if (choice.name === 'random') return { seed, ...choice };
  return {
    seed,
    startupTrials: 10,
    candidates: 24,
    multivariate: false,
    constantLiar: false,
    priorWeight: 1,
    ...choice,
  };
}

/** A pruner's choice with every option filled in. */
export function withPrunerDefaults(choice: PrunerChoice): Required<PrunerChoice> {
  if (choice.name === 'none') return choice;
  return { startupTrials: 5, warmupSteps: 0, intervalSteps: 1, minTrials: 1, ...choice };
}

/** Samplers by name. */
export function samplerOf(choice: Required<SamplerChoice>): Sampler {
  switch (choice.name) {
    case 'random':
      return randomSampler;
    case 'tpe':
      return createTpeSampler(choice);
  }
}

/** Pruners by name. */
export function prunerOf(choice: Required<PrunerChoice>): Pruner {
  switch (choice.name) {
    case 'none':
      return noPruner;
    case 'median':
      return createMedianPruner(choice);
  }
}

/** The chance of one trial: a generator of its own, so that any process can replay it. */
export function trialRng(seed: number, number: number): Rng {
  return seededRng(mix(mix(seed >>> 0) ^ (number >>> 0)));
}

/** A bijection of 32 bits in which every input bit moves every output bit (the finaliser of MurmurHash3). */
function mix(value: number): number {
  let h = (value + 0x9e3779b9) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
