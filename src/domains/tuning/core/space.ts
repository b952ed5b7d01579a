import type { Dimension } from '#contract';
import { tuningErrors } from '../errors.ts';
import type { SearchSpace } from '../model.ts';

const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,127}$/u;

/** Checks what the schema cannot say. @throws TUNING_SPACE_INVALID */
export function assertSpace(space: SearchSpace): void {
  for (const [param, dimension] of Object.entries(space)) {
    const problem = NAME.test(param)
      ? dimensionProblem(dimension)
      : 'needs a name of letters, digits, dots, dashes and underscores';
    if (problem) throw tuningErrors.TUNING_SPACE_INVALID({ param: param.slice(0, 200), problem });
  }
}

function dimensionProblem(dimension: Dimension): string | undefined {
  if (dimension.kind === 'categorical') {
    const { choices } = dimension;
    const twice = choices.find((choice, index) => choices.indexOf(choice) !== index);
    return twice === undefined ? undefined : `has the choice ${JSON.stringify(twice)} twice`;
  }
  const { kind, low, high, log = false, step } = dimension;
  if (low > high) return `has low ${low} above high ${high}`;
  if (!Number.isFinite(high - low)) return `is too wide: high - low exceeds the largest number`;
  if (kind === 'int' && !(Number.isSafeInteger(low) && Number.isSafeInteger(high))) {
    return 'has a bound beyond 9007199254740991, where whole numbers are not exact any more';
  }
  if (log && kind === 'float' && low <= 0) return `is logarithmic, so low must be above 0, not ${low}`;
  if (log && kind === 'int' && low < 1) return `is logarithmic, so low must be at least 1, not ${low}`;
  if (log && step !== undefined && !(kind === 'int' && step === 1)) return 'is logarithmic, so it can have no step';
  return undefined;
}
