import { trackingErrors } from '../errors.ts';
import { type Token, tokenize } from './filter-tokens.ts';

/** Attributes of a run by the names a filter may use; the second half are MLflow's. */
const ATTRIBUTES = {
  id: 'id',
  name: 'name',
  status: 'status',
  experiment: 'experiment',
  parent: 'parent',
  createdby: 'createdBy',
  codecommit: 'codeCommit',
  startedat: 'startedAt',
  endedat: 'endedAt',
  run_id: 'id',
  run_name: 'name',
  user_id: 'createdBy',
  start_time: 'startedAt',
  created: 'startedAt',
  end_time: 'endedAt',
} as const;

const ENTITIES: Readonly<Record<string, Field['entity']>> = {
  metrics: 'metrics',
  metric: 'metrics',
  params: 'params',
  param: 'params',
  parameters: 'params',
  parameter: 'params',
  tags: 'tags',
  tag: 'tags',
  inputs: 'inputs',
  input: 'inputs',
  attributes: 'attributes',
  attribute: 'attributes',
  attr: 'attributes',
  run: 'attributes',
};

export type Attribute = (typeof ATTRIBUTES)[keyof typeof ATTRIBUTES];

export type Field =
  | { readonly entity: 'metrics' | 'params' | 'tags'; readonly key: string }
  | { readonly entity: 'inputs'; readonly key: 'ref' | 'path' | 'role' }
  | { readonly entity: 'attributes'; readonly key: Attribute };

export type Operator = '=' | '!=' | '>' | '>=' | '<' | '<=' | 'like' | 'ilike';

/** A condition on a run. A comparison with something a run lacks is false, whatever the operator. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'compare'; readonly field: Field; readonly operator: Operator; readonly value: string | number }
  | { readonly kind: 'in'; readonly field: Field; readonly values: readonly (string | number)[] }
  | { readonly kind: 'missing'; readonly field: Field };

export interface Order {
  readonly field: Field;
  readonly descending: boolean;
}

const MAX_DEPTH = 50;
const MAX_COMPARISONS = 200;

/**
 * Reads a filter:
 *
 *     or         := and (OR and)*            and := not (AND not)*
 *     not        := NOT not | '(' or ')' | comparison
 *     comparison := field operator value | field [NOT] IN '(' value, … ')' | field IS [NOT] NULL
 *     field      := [entity '.'] key        a bare key is an attribute
 *
 * Words are read in any case. Strings stand in single or double quotes, a quote inside is doubled; keys with other
 * signs stand in back-quotes.
 *
 * @throws TRACKING_FILTER_INVALID
 */
export function parseFilter(text: string): Condition {
  const parser = new Parser(text);
  const condition = parser.or(0);
  parser.end();
  return condition;
}

/** Reads `metrics.auc desc`. @throws TRACKING_FILTER_INVALID */
export function parseOrder(text: string): Order {
  const parser = new Parser(text);
  const order = parser.order();
  parser.end();
  return order;
}

/** Reads `metrics.auc`, or `inputs` for all of them. @throws TRACKING_FILTER_INVALID */
export function parseColumn(text: string): { readonly entity: Field['entity']; readonly key: string } {
  if (text === 'inputs') return { entity: 'inputs', key: 'ref' };
  const parser = new Parser(text);
  const field = parser.field();
  parser.end();
  return field;
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #comparisons = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  or(depth: number): Condition {
    return this.#chain('or', () => this.#chain('and', () => this.#not(depth)));
  }

  order(): Order {
    const field = this.field();
    const descending = this.#takeWord('desc');
    if (!descending) this.#takeWord('asc');
    return { field, descending };
  }

  field(): Field {
    const token = this.#take();
    if (token.kind !== 'word' && token.kind !== 'quoted-key') this.#fail(token, 'expected a name such as metrics.auc');
    const [first, key] = token.kind === 'word' ? splitKey(token.text) : [undefined, token.text];
    const entity = first === undefined ? undefined : ENTITIES[first.toLowerCase()];
    if (entity === undefined) return this.#attribute(token, token.text);
    // `metrics.` ends a word when the key behind it stands in quotes.
    const quoted = key === '' ? this.#take() : undefined;
    if (quoted && quoted.kind !== 'quoted-key' && quoted.kind !== 'string') this.#fail(quoted, 'expected a key');
    const name = quoted?.text ?? key;
    if (entity === 'attributes') return this.#attribute(token, name);
    if (entity !== 'inputs') return { entity, key: name };
    if (name === 'ref' || name === 'path' || name === 'role') return { entity, key: name };
    return this.#fail(token, 'inputs have ref, path and role');
  }

  end(): void {
    const token = this.#tokens[this.#next];
    if (token && token.kind !== 'end') this.#fail(token, 'expected and, or, or the end');
  }

  #chain(kind: 'and' | 'or', part: () => Condition): Condition {
    const first = part();
    const parts = [first];
    while (this.#takeWord(kind)) parts.push(part());
    return parts.length === 1 ? first : { kind, parts };
  }

  #not(depth: number): Condition {
    const token = this.#peek();
    if (depth > MAX_DEPTH) this.#fail(token, `it is nested more than ${MAX_DEPTH} deep`);
    if (this.#takeWord('not')) return { kind: 'not', part: this.#not(depth + 1) };
    if (token.kind !== 'sign' || token.text !== '(') return this.#comparison();
    this.#take();
    const inner = this.or(depth + 1);
    this.#expect(')');
    return inner;
  }

  #comparison(): Condition {
    const start = this.#peek();
    this.#comparisons += 1;
    if (this.#comparisons > MAX_COMPARISONS) this.#fail(start, `it has more than ${MAX_COMPARISONS} comparisons`);
    const field = this.field();
    if (this.#takeWord('is')) {
      const negated = this.#takeWord('not');
      if (!this.#takeWord('null')) this.#fail(this.#peek(), 'expected null');
      return negated ? present(field) : { kind: 'missing', field };
    }
    if (this.#takeWord('not')) {
      if (!this.#takeWord('in')) this.#fail(this.#peek(), 'expected in');
      const values = this.#list(field);
      return { kind: 'and', parts: [present(field), { kind: 'not', part: { kind: 'in', field, values } }] };
    }
    if (this.#takeWord('in')) return { kind: 'in', field, values: this.#list(field) };
    const operator = this.#operator(field);
    return { kind: 'compare', field, operator, value: this.#value(field, operator) };
  }

  #operator(field: Field): Operator {
    const token = this.#take();
    const text = token.text.toLowerCase();
    const operator = OPERATORS.find((known) => known === text);
    if (operator === undefined || (token.kind !== 'sign' && token.kind !== 'word')) {
      return this.#fail(token, `expected one of ${OPERATORS.join(' ')} in, not in, is null, is not null`);
    }
    const wordy = operator === 'like' || operator === 'ilike';
    if (wordy && isNumeric(field)) this.#fail(token, 'numbers have no like');
    const ordered = operator !== '=' && operator !== '!=' && !wordy;
    if (ordered && !isNumeric(field) && field.entity !== 'params') this.#fail(token, 'text is not greater or less');
    return operator;
  }

  #list(field: Field): (string | number)[] {
    this.#expect('(');
    const values = [this.#value(field, '=')];
    while (this.#peek().text === ',' && this.#peek().kind === 'sign') {
      this.#take();
      values.push(this.#value(field, '='));
    }
    this.#expect(')');
    return values;
  }

  #value(field: Field, operator: Operator): string | number {
    const token = this.#take();
    const ordered = operator === '>' || operator === '>=' || operator === '<' || operator === '<=';
    if (token.kind === 'number') {
      if (isNumeric(field) || (field.entity === 'params' && operator !== 'like' && operator !== 'ilike')) {
        return Number(token.text);
      }
      return this.#fail(token, 'expected text in quotes');
    }
    if (token.kind !== 'string') this.#fail(token, 'expected a value: a number, or text in quotes');
    if (isNumeric(field)) this.#fail(token, 'expected a number');
    if (ordered) this.#fail(token, 'expected a number; params compare with numbers');
    return token.text;
  }

  #attribute(token: Token, name: string): Field {
    const key = Object.entries(ATTRIBUTES).find(([known]) => known === name.toLowerCase())?.[1];
    if (key) return { entity: 'attributes', key };
    return this.#fail(
      token,
      `"${name}" is no attribute; write metrics., params., tags. or inputs. before a key, or one of ${[...new Set(Object.values(ATTRIBUTES))].join(', ')}`,
    );
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', at: this.#text.length };
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }

  #takeWord(word: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'word' || token.text.toLowerCase() !== word) return false;
    this.#next += 1;
    return true;
  }

  #expect(sign: string): void {
    const token = this.#take();
    if (token.kind !== 'sign' || token.text !== sign) this.#fail(token, `expected ${sign}`);
  }

  #fail(token: Token, problem: string): never {
    throw trackingErrors.TRACKING_FILTER_INVALID({ text: this.#text, at: token.at, problem });
  }
}

const OPERATORS: readonly Operator[] = ['=', '!=', '>=', '<=', '>', '<', 'like', 'ilike'];

function present(field: Field): Condition {
  return { kind: 'not', part: { kind: 'missing', field } };
}

export function isNumeric(field: Field): boolean {
  if (field.entity === 'attributes') return field.key === 'startedAt' || field.key === 'endedAt';
  return field.entity === 'metrics';
}

function splitKey(word: string): [string | undefined, string] {
  const dot = word.indexOf('.');
  return dot < 0 ? [undefined, word] : [word.slice(0, dot), word.slice(dot + 1)];
}
