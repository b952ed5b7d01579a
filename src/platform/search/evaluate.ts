import type { Comparison, Condition, Field, Operator, Order } from './condition.ts';
import { likeTest } from './like.ts';

export type FieldValue = string | number;

/** What something holds in a field: a value (NaN counts as one), several of which one must do, or nothing. */
export type Lookup = (field: Field) => FieldValue | readonly FieldValue[] | null | undefined;

/** True when what `lookup` tells of meets the condition. For many things of one condition use {@link matcher}. */
export function matches(condition: Condition, lookup: Lookup): boolean {
  return matcher(condition)(lookup);
}

/** A condition made ready to be asked of many things. */
export function matcher(condition: Condition): (lookup: Lookup) => boolean {
  switch (condition.kind) {
    case 'and': {
      const parts = condition.parts.map(matcher);
      return (lookup) => parts.every((part) => part(lookup));
    }
    case 'or': {
      const parts = condition.parts.map(matcher);
      return (lookup) => parts.some((part) => part(lookup));
    }
    case 'not': {
      const part = matcher(condition.part);
      return (lookup) => !part(lookup);
    }
    case 'missing':
      return (lookup) => valuesOf(lookup(condition.field)).length === 0;
    default: {
      const test = valueTest(condition);
      return (lookup) => valuesOf(lookup(condition.field)).some(test);
    }
  }
}

const NOTHING: readonly FieldValue[] = [];

function valuesOf(found: ReturnType<Lookup>): readonly FieldValue[] {
  if (found === null || found === undefined) return NOTHING;
  return typeof found === 'object' ? found : [found];
}

/** Whether a value that is there passes a comparison. NaN passes none. */
export function valueTest(comparison: Comparison): (value: FieldValue) => boolean {
  if (comparison.kind === 'in') {
    const isIn = listTest(comparison.values);
    return comparison.negated ? (value) => !isIn(value) && !Number.isNaN(value) : isIn;
  }
  const { operator, value } = comparison;
  if (operator === 'like' || operator === 'ilike') {
    const test = likeTest(String(value), operator === 'ilike');
    return (held) => test(String(held));
  }
  if (typeof value === 'number') return numberTest(operator, value);
  return operator === '!=' ? (held) => held !== value : (held) => held === value;
}

function listTest(values: readonly FieldValue[]): (held: FieldValue) => boolean {
  const texts = new Set(values.filter((value) => typeof value === 'string'));
  const numbers = new Set(values.filter((value) => typeof value === 'number'));
  return (held) => {
    if (typeof held === 'number') return numbers.has(held);
    if (texts.has(held)) return true;
    const number = numbers.size === 0 ? undefined : numberIn(held);
    return number !== undefined && numbers.has(number);
  };
}

function numberTest(operator: Operator, value: number): (held: FieldValue) => boolean {
  const compare = NUMBER_TESTS[operator as keyof typeof NUMBER_TESTS];
  return (held) => {
    const number = typeof held === 'number' ? held : numberIn(held);
    return number !== undefined && !Number.isNaN(number) && compare(number, value);
  };
}

const NUMBER_TESTS = {
  '=': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
} as const;

/** The finite number a text is, if it is one. */
export function numberIn(text: string): number | undefined {
  const trimmed = text.trim();
  const number = Number(trimmed);
  return trimmed !== '' && Number.isFinite(number) ? number : undefined;
}

/**
 * Compares two things by some orders: those with a value come first, then NaN, then those without one, whichever way
 * the values are sorted. Params that are numbers come before others, by their number.
 */
export function comparator(orders: readonly Order[]): (a: Lookup, b: Lookup) => number {
  return (a, b) => {
    for (const { field, descending } of orders) {
      const difference = compareValues(single(a(field)), single(b(field)), field, descending);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

/** Of several values the least, by which such a field is sorted. */
function single(found: ReturnType<Lookup>): FieldValue | undefined {
  return valuesOf(found).toSorted((a, b) => (a < b ? -1 : 1))[0];
}

/** The order of two values of a field; see {@link comparator}. */
export function compareValues(
  a: FieldValue | undefined,
  b: FieldValue | undefined,
  field: Field,
  descending: boolean,
): number {
  const left = sortKey(a, field);
  const right = sortKey(b, field);
  if (left.rank !== right.rank) return left.rank - right.rank;
  if (left.value === right.value || left.rank >= MISSING - 1) {
    return left.rank === 0 && field.type === 'param' ? compareTexts(String(a), String(b), descending) : 0;
  }
  return left.value < right.value === descending ? 1 : -1;
}

const MISSING = 3;

function sortKey(value: FieldValue | undefined, field: Field): { rank: number; value: FieldValue } {
  if (value === undefined) return { rank: MISSING, value: 0 };
  if (typeof value === 'number') return { rank: Number.isNaN(value) ? MISSING - 1 : 0, value };
  if (field.type !== 'param') return { rank: 0, value };
  const number = numberIn(value);
  return number === undefined ? { rank: 1, value } : { rank: 0, value: number };
}

function compareTexts(a: string, b: string, descending: boolean): number {
  if (a === b) return 0;
  return a < b === descending ? 1 : -1;
}
