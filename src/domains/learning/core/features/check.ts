import { learningErrors } from '../../errors.ts';
import type { FeatureSpec, KeyPart, RecipeSpec } from '../../model.ts';

/** @throws LEARNING_RECIPE_INVALID naming the feature at fault */
export function assertSpec(spec: RecipeSpec): void {
  const names = new Set<string>();
  if (spec.features.length === 0)
    throw learningErrors.LEARNING_RECIPE_INVALID({ feature: '', problem: 'there is none' });
  for (const feature of spec.features) {
    const problem = names.has(feature.name) ? 'there are two of this name' : problemOf(feature);
    if (problem) throw learningErrors.LEARNING_RECIPE_INVALID({ feature: feature.name, problem });
    names.add(feature.name);
  }
}

function problemOf(feature: FeatureSpec): string | undefined {
  if (feature.op === 'band') return problemOfBounds(feature.bounds);
  if (feature.op !== 'category' && feature.op !== 'rate') return undefined;
  if (feature.keys.length === 0) return 'it has no keys';
  if (feature.op === 'rate' && !((feature.priorStrength ?? 0) >= 0 && Number.isFinite(feature.priorStrength ?? 0))) {
    return `its priorStrength is ${feature.priorStrength}, but must be 0 or more`;
  }
  if (feature.op === 'category' && !((feature.maxCategories ?? 1) >= 1)) {
    return `its maxCategories is ${feature.maxCategories}, but must be 1 or more`;
  }
  return feature.keys.map(problemOfPart).find((problem) => problem !== undefined);
}

function problemOfPart(part: KeyPart): string | undefined {
  return typeof part === 'object' && 'band' in part ? problemOfBounds(part.bounds) : undefined;
}

/** Bounds are compared as float32, so they must ascend as such. */
function problemOfBounds(bounds: readonly number[]): string | undefined {
  const edges = bounds.map(Math.fround);
  if (edges.length === 0) return 'its bounds are empty';
  const ascend = edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > (edges[i - 1] as number)));
  return ascend ? undefined : `its bounds ${bounds.join(', ')} do not ascend`;
}
