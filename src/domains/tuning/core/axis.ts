import type { Dimension } from '#contract';
import type { ParamValue } from '../model.ts';

/**
 * A dimension of the search space as samplers see it: numbers on a line, or choices by index.
 *
 * Numeric coordinates are logarithms where the dimension is logarithmic. The bounds of a dimension of separate values
 * reach half a step beyond the least and the greatest, so that each value has its cell.
 */
export type Axis = NumericAxis | CategoricalAxis;

export interface NumericAxis {
  readonly kind: 'numeric';
  readonly low: number;
  readonly high: number;
  /** The stretch that belongs to the value at a coordinate, on an axis of separate values; undefined on others. */
  readonly cellOf: ((coordinate: number) => readonly [number, number]) | undefined;
  toCoordinate(value: ParamValue): number;
  /** The allowed value nearest to a coordinate. */
  toValue(coordinate: number): number;
}

export interface CategoricalAxis {
  readonly kind: 'categorical';
  readonly choices: readonly ParamValue[];
  toCoordinate(value: ParamValue): number;
  toValue(coordinate: number): ParamValue;
}

export function axisOf(dimension: Dimension): Axis {
  if (dimension.kind === 'categorical') return categoricalAxis(dimension.choices);
  const { low, high, log = false } = dimension;
  if (dimension.kind === 'float' && log) {
    const toValue = (x: number) => clip(Math.exp(x), low, high);
    return numericAxis({ low: Math.log(low), high: Math.log(high), scale: Math.log, toValue });
  }
  if (dimension.kind === 'float' && dimension.step === undefined) {
    return numericAxis({ low, high, scale: Number, toValue: (x) => clip(x, low, high) });
  }
  if (log) {
    const toValue = (x: number) => clip(Math.round(Math.exp(x)), low, high);
    const cellOf = (x: number) => [Math.log(toValue(x) - 0.5), Math.log(toValue(x) + 0.5)] as const;
    return numericAxis({ low: Math.log(low - 0.5), high: Math.log(high + 0.5), scale: Math.log, toValue, cellOf });
  }
  const step = dimension.step ?? 1;
  const last = Math.floor((high - low) / step + 1e-9);
  const top = low + last * step;
  const toValue = (x: number) => tidy(low + clip(Math.round((x - low) / step), 0, last) * step);
  const cellOf = (x: number) => [x - step / 2, x + step / 2] as const;
  return numericAxis({ low: low - step / 2, high: top + step / 2, scale: Number, toValue, cellOf });
}

/** True when there is only one value to choose. */
export function isFixed(axis: Axis): boolean {
  if (axis.kind === 'categorical') return axis.choices.length === 1;
  return axis.toValue(axis.low) === axis.toValue(axis.high);
}

interface NumericParts extends Pick<NumericAxis, 'low' | 'high' | 'toValue'> {
  readonly scale: (value: number) => number;
  readonly cellOf?: NumericAxis['cellOf'];
}

function numericAxis({ low, high, scale, toValue, cellOf }: NumericParts): NumericAxis {
  return { kind: 'numeric', low, high, cellOf, toCoordinate: (value) => scale(Number(value)), toValue };
}

function categoricalAxis(choices: readonly ParamValue[]): CategoricalAxis {
  return {
    kind: 'categorical',
    choices,
    toCoordinate: (value) => choices.indexOf(value),
    toValue: (index) => choices[index] ?? null,
  };
}

function clip(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** 0.30000000000000004 is meant to be 0.3. */
function tidy(value: number): number {
  return Number(value.toPrecision(15));
}
