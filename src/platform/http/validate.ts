import type { TObject, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
import { bounded } from './bounds.ts';
import { httpErrors } from './errors.ts';
import { assertSoundTexts } from './sound-json.ts';

/** Checks one part of a request, compiled when the first comes. Returns the value to hand to the handler. */
export type PartValidator = (value: unknown) => unknown;

/** A validator of JSON bodies: nothing is converted, defaults of missing properties are filled in. */
export function bodyValidator(schema: TSchema, operation: string): PartValidator {
  const check = compiledOnce(() => bounded(schema));
  return (value) => {
    if (value === undefined || value === null) throw httpErrors.HTTP_BODY_MISSING({ operation });
    const compiled = check();
    const filled = compiled.Check(value) ? value : Value.Default(schema, value);
    if (!compiled.Check(filled)) throw invalid('body', compiled.Errors(filled));
    return filled;
  };
}

/** A validator of query parameters: text is converted to the declared number or boolean, defaults are filled in. */
export function queryValidator(schema: TObject): PartValidator {
  const check = compiledOnce(() => bounded(schema));
  return (value) => {
    assertSoundTexts('query', value as object);
    const compiled = check();
    const filled = Value.Default(schema, Value.Convert(schema, { ...(value as object) }));
    if (!compiled.Check(filled)) throw invalid('query', compiled.Errors(filled));
    return filled;
  };
}

/** A validator of path parameters: text is converted to the declared number where it does not fit as it is. */
export function pathValidator(schema: TObject): PartValidator {
  const check = compiledOnce(() => bounded(schema));
  return (value) => {
    assertSoundTexts('path', value as object);
    const compiled = check();
    if (compiled.Check(value)) return value;
    const converted = Value.Convert(schema, { ...(value as object) });
    if (!compiled.Check(converted)) throw invalid('path', compiled.Errors(converted));
    return converted;
  };
}

/** Compiling the schemas of all routes takes longer than the rest of a start, and most are never asked for. */
function compiledOnce(schema: () => TSchema): () => ReturnType<typeof Compile> {
  let compiled: ReturnType<typeof Compile> | undefined;
  return () => {
    compiled ??= Compile(schema());
    return compiled;
  };
}

/** A check of answers against the contract, for tests. */
export function answerChecker(schema: TSchema, operation: string): (value: unknown) => void {
  const check = compiledOnce(() => schema);
  return (value) => {
    // The wire form is what counts: properties that are undefined do not reach the caller.
    const wire: unknown = JSON.parse(JSON.stringify(value ?? null));
    const compiled = check();
    if (compiled.Check(wire)) return;
    throw new Error(
      `${operation} answered outside its contract: ${describe(operation, compiled.Errors(wire)).problem}`,
    );
  };
}

interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message: string;
  readonly params: unknown;
}

function invalid(where: string, errors: readonly SchemaError[]) {
  return httpErrors.HTTP_INVALID(describe(where, errors));
}

function describe(where: string, errors: readonly SchemaError[]): { where: string; problem: string } {
  // The deepest path is the most telling one: a union reports each of its arms as well.
  const first = [...errors].sort((a, b) => depth(b) - depth(a))[0];
  if (!first) return { where, problem: 'is not as expected' };
  const path = first.instancePath.replaceAll('/', '.');
  if (first.message === 'schema is false') return { where: `${where}${path}`, problem: 'is not a known property' };
  return { where: `${where}${path}`, problem: `${first.message}${hint(first)}` };
}

function depth(error: SchemaError): number {
  return error.instancePath.split('/').length;
}

function hint(error: SchemaError): string {
  const params = error.params as Record<string, unknown>;
  const named = params.additionalProperties ?? params.requiredProperties ?? params.allowedValues ?? params.allowedValue;
  if (named === undefined) return '';
  const text = Array.isArray(named) ? named.map((item) => `"${String(item)}"`).join(', ') : `"${String(named)}"`;
  return error.message.includes(text) ? '' : ` (${text})`;
}
