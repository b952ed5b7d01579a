import type { TSchema } from 'typebox';

/** The furthest from 1970 that a `Date` can hold, ms. */
const MAX_TIME_MS = 8.64e15;

/**
 * A copy of a schema whose whole numbers are bounded where it leaves them open: to what a double holds exactly, and what
 * ends in `Ms` to what a date can be. No database, date or sum behind it meets a number it cannot take.
 */
export function bounded<Schema extends TSchema>(schema: Schema): Schema {
  // What is added to a whole number changes nothing of what the schema's type says.
  return copyOf(schema, '') as Schema;
}

function copyOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((item) => copyOf(item, name));
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return value;
  const copy = Object.create(Object.getPrototypeOf(value), Object.getOwnPropertyDescriptors(value));
  for (const [key, inner] of Object.entries(value)) copy[key] = copyOf(inner, WORDS.has(key) ? name : key);
  if (copy.type !== 'integer') return copy;
  const limit = name.endsWith('Ms') ? MAX_TIME_MS : Number.MAX_SAFE_INTEGER;
  return { minimum: -limit, maximum: limit, ...copy };
}

/** Words of JSON Schema below which a property's own schema stands. */
const WORDS = new Set(['anyOf', 'allOf', 'oneOf', 'items', 'not']);
