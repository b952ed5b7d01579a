import fc from 'fast-check';

/** The part of JSON Schema that the contract uses. */
export interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** Values that exist on the server, by the name of the property that may name them. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

/** Inputs of a schema: fitting ones, of which half have one place replaced by something nasty. */
export function inputsOf(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  const fitting = fittingOf(schema, known, '');
  return fc.oneof(fitting, fc.tuple(fitting, fc.nat(), nasty).map(spoil));
}

/** Variants of inputs that were good: one place of each is replaced by something nasty. */
export function spoiled<T>(inputs: readonly T[]): fc.Arbitrary<T> {
  // A spoiled input is of no type at all; who sends it takes it as it comes.
  return fc.tuple(fc.constantFrom(...inputs), fc.nat(), nasty).map((parts) => spoil(parts) as T);
}

/** What breaks programs: numbers at the edge, texts that climb, hide or never end, and wrong types. */
const nasty: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...[0, -0, -1, 0.5, 1e21, 1e300, -1e300, 2 ** 31, 2 ** 53 - 1, 2 ** 53, -(2 ** 63), 8.64e15, 8.64e15 + 1, 5e-324],
    ...[
      '',
      ' ',
      '\0',
      'a\0b',
      '../../etc/passwd',
      '..',
      '.',
      '/',
      '\\',
      '%00',
      "'; drop table x; --",
      '\ud800',
      '\u202e',
    ],
    ...['__proto__', 'constructor', 'toString', 'NaN', 'null', 'true', '1e999', 'x'.repeat(10_000), '{{node}}'],
    ...[null, true, false, [], {}, [[]], [null], { a: 1 }, { '': 1 }],
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.double(),
  fc.jsonValue(),
);

/** Replaces the n-th place of a value, counted round; now and then takes it away or adds a property instead. */
function spoil([value, n, replacement]: [unknown, number, unknown]): unknown {
  const places = placesIn(value);
  const path = places[n % places.length] ?? [];
  return replaced(value, path, n % 7 === 0 ? undefined : replacement, n % 11 === 0);
}

function placesIn(value: unknown): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner).map((path) => [key, ...path]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], replacement: unknown, add: boolean): unknown {
  if (key === undefined) {
    const open = typeof value === 'object' && value !== null && !Array.isArray(value);
    return add && open ? { ...value, surplus: replacement } : replacement;
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => (String(index) === key ? replaced(item, rest, replacement, add) : item));
  }
  const object = value as Readonly<Record<string, unknown>>;
  return { ...object, [key]: replaced(object[key], rest, replacement, add) };
}

function fittingOf(schema: Schema, known: Known, name: string): fc.Arbitrary<unknown> {
  const plain = plainOf(schema, known, name);
  const named = Object.hasOwn(known, name) ? (known[name] ?? []) : [];
  const usable = named.filter((value) => schema.type === undefined || schema.type === typeName(value));
  return usable.length > 0 ? fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...usable) }, plain) : plain;
}

function typeName(value: unknown): string {
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function plainOf(schema: Schema, known: Known, name: string): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((arm) => fittingOf(arm, known, name)));
  switch (schema.type) {
    case 'string':
      return stringOf(schema);
    case 'integer':
      return fc.integer(rangeOf(schema, -1000, 1_000_000));
    case 'number': {
      const { min, max } = rangeOf(schema, -1e6, 1e6);
      return fc.double({ min, max, noNaN: true, noDefaultInfinity: true });
    }
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array': {
      const minLength = schema.minItems ?? 0;
      const maxLength = Math.max(minLength, Math.min(schema.maxItems ?? 3, 3));
      return fc.array(fittingOf(schema.items ?? {}, known, singular(name)), { minLength, maxLength });
    }
    case 'object':
      return objectOf(schema, known);
    default:
      return fc.jsonValue();
  }
}

function singular(name: string): string {
  return name.replace(/s$/, '');
}

function stringOf({ minLength = 0, maxLength = 20, pattern }: Schema): fc.Arbitrary<string> {
  const longest = Math.max(minLength, Math.min(maxLength, 20));
  const free = fc.oneof(
    fc.string({ minLength, maxLength: longest }),
    fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/),
    fc.constantFrom('1', 'main', '2001-03-01T00:00:00Z', 'commit:flights/x', 'run:x', 'version:delays/1'),
  );
  if (pattern === undefined) return free;
  const hex = /\{(64|32)\}/.exec(pattern)?.[1];
  const digits = hex ? [fc.stringMatching(new RegExp(`^[0-9a-f]{${hex}}$`))] : [];
  return fc.oneof(...digits, free);
}

function rangeOf(schema: Schema, low: number, high: number): { min: number; max: number } {
  const min = schema.minimum ?? schema.exclusiveMinimum ?? low;
  const max = schema.maximum ?? schema.exclusiveMaximum ?? Math.max(high, min);
  return { min: Math.min(min, max), max };
}

function objectOf(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  if (!schema.properties) {
    const value = Object.values(schema.patternProperties ?? {})[0] ?? {};
    return fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fittingOf(value, known, ''), { maxKeys: 3 });
  }
  const fields = Object.fromEntries(
    Object.entries(schema.properties).map(([name, property]) => [name, fittingOf(property, known, name)]),
  );
  return fc.record(fields, { requiredKeys: [...(schema.required ?? [])] });
}
