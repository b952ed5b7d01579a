import type { Dimension } from '#contract';
import { figure } from '../../format/numbers.ts';

/** What a param may be, in words: `0.01 to 0.3, logarithmic`. */
export function dimensionWords(dimension: Dimension): string {
  if (dimension.kind === 'categorical') return dimension.choices.map(paramText).join(', ');
  const { low, high, log, step, kind } = dimension;
  const steps = step === undefined ? '' : `, in steps of ${figure(step)}`;
  return `${figure(low)} to ${figure(high)}${kind === 'int' ? ', whole' : ''}${log ? ', logarithmic' : ''}${steps}`;
}

/** The value of a param as people read it. */
export function paramText(value: string | number | boolean | null | undefined): string {
  if (value === undefined) return '–';
  return typeof value === 'number' ? figure(value) : String(value);
}
