import { invalid, type MlflowError } from './errors.ts';

const SEE_DOCS = ' See the API docs for more information about request parameters.';

/**
 * What a request asks for: its JSON body, or its query. Values are read as leniently as MLflow reads them (numbers may
 * be text, text NaN and Infinity are numbers, an empty text is absent) and refused in MLflow's words.
 */
export class Message {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #written: string;

  /**
   * @param path where the message stands in the request, e.g. `metrics[0]`; empty for the whole
   * @param written the request as it was written, so that a refusal can show 9.0 and not 9
   */
  constructor(fields: Readonly<Record<string, unknown>>, path = '', written = '') {
    this.#fields = fields;
    this.#path = path;
    this.#written = written;
  }

  /** The value as it came; null is absent. */
  raw(name: string): unknown {
    const value = this.#fields[name];
    return value === null ? undefined : value;
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  /** Text as it came, possibly empty; undefined when absent. */
  text(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.wrongType(name);
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') throw this.missing(name);
    return value;
  }

  /** A whole number, also as text. */
  integer(name: string): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && /^[+-]?\d+(\.0*)?$/.test(value.trim()) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number)) throw this.wrongType(name);
    if (Number.isSafeInteger(number)) return number;
    throw this.invalidValue(name, 'It must lie between -2^53 and 2^53.');
  }

  requiredInteger(name: string): number {
    const value = this.integer(name);
    if (value === undefined) throw this.missing(name);
    return value;
  }

  /** A number, also as text; NaN and infinities too. */
  number(name: string): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' ? numberIn(value) : value;
    if (typeof number !== 'number') throw this.wrongType(name);
    return number;
  }

  requiredNumber(name: string): number {
    const value = this.number(name);
    if (value === undefined) throw this.missing(name);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'boolean') return value;
    if (typeof value === 'string' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
    if (typeof value === 'string') throw invalid(`Invalid boolean value: ${value}, must be 'true' or 'false'.`);
    throw this.wrongType(name);
  }

  /** A list of texts; a single one of a query is a list of one. Empty when absent. */
  texts(name: string): readonly string[] {
    const value = this.raw(name);
    if (value === undefined) return [];
    if (typeof value === 'string' && this.#path === '') return [value];
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    throw this.wrongType(name);
  }

  /** A list of messages, each knowing its place. Empty when absent. */
  messages(name: string): readonly Message[] {
    const value = this.raw(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw this.wrongType(name);
    return value.map((item: unknown, index) => {
      if (isRecord(item)) return new Message(item, `${this.pathOf(name)}[${index}]`);
      throw this.wrongType(name);
    });
  }

  /** A message inside this one. */
  message(name: string): Message | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (isRecord(value)) return new Message(value, this.pathOf(name));
    throw this.wrongType(name);
  }

  /** The fields as they came. */
  get fields(): Readonly<Record<string, unknown>> {
    return this.#fields;
  }

  /** The place of a field in the request, e.g. `metrics[0].timestamp`. */
  pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  missing(name: string): MlflowError {
    return invalid(`Missing value for required parameter '${this.pathOf(name)}'.${SEE_DOCS}`);
  }

  wrongType(name: string): MlflowError {
    const value = this.raw(name);
    if (typeof value !== 'number') return this.invalidValue(name, hintOf(pythonType(value)));
    const written = new RegExp(`"${name}"\\s*:\\s*(-?[0-9.eE+-]+)`).exec(this.#written)?.[1] ?? String(value);
    const type = /^-?\d+$/.test(written) ? 'int' : 'float';
    return invalid(`Invalid value ${written} for parameter '${this.pathOf(name)}' supplied: ${hintOf(type)}`);
  }

  /** `Invalid value <json> for parameter '<path>' supplied: <hint>` */
  invalidValue(name: string, hint: string): MlflowError {
    return invalidValue(this.pathOf(name), this.raw(name), hint);
  }
}

function hintOf(type: string): string {
  return ` Hint: Value was of type '${type}'.${SEE_DOCS}`;
}

/** MLflow's refusal of a value, which it shows as compact JSON. */
export function invalidValue(path: string, value: unknown, hint?: string): MlflowError {
  const supplied = `Invalid value ${compactJson(value)} for parameter '${path}' supplied`;
  return invalid(hint === undefined ? `${supplied}.` : `${supplied}: ${hint}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numberIn(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^[+-]?inf(inity)?$/i.test(trimmed)) {
    return trimmed.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (/^[+-]?nan$/i.test(trimmed)) return Number.NaN;
  const number = Number(trimmed);
  return trimmed === '' || Number.isNaN(number) ? undefined : number;
}

function pythonType(value: unknown): string {
  if (value === undefined) return 'NoneType';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? 'list' : 'dict';
}

/** Compact JSON with sorted keys. Deep values are cut: a message is for people. */
function compactJson(value: unknown): string {
  const text = JSON.stringify(value ?? null, (_, inner: unknown) =>
    isRecord(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text;
}
