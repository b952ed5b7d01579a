import type { Condition, Entity, Field, FieldType, Operator, Order, RefusalReason, Vocabulary } from './condition.ts';
import { momentOf } from './dates.ts';
import { type Token, tokenize } from './tokens.ts';

const MAX_DEPTH = 50;
const MAX_COMPARISONS = 200;
const OPERATORS: readonly Operator[] = ['=', '!=', '>=', '<=', '>', '<', 'like', 'ilike'];

/**
 * Reads a filter:
 *
 *     or         := and (OR and)*            and := not (AND not)*
 *     not        := NOT not | '(' or ')' | comparison
 *     comparison := field operator value | field [NOT] IN '(' value, … ')' | field IS [NOT] NULL
 *     field      := [entity '.'] key        a key without one is of the vocabulary's bare entity
 *     operator   := = != > >= < <= LIKE ILIKE
 *
 * Words are read in any case. For quotes see `tokens.ts`, for dates `dates.ts`.
 *
 * @returns undefined for an empty text
 * @throws what the vocabulary makes of a refusal
 */
export function parseFilter(text: string, vocabulary: Vocabulary): Condition | undefined {
  if (text.trim() === '') return undefined;
  const parser = new Parser(text, vocabulary);
  const condition = parser.or(0);
  parser.end();
  return condition;
}

/** Reads `metrics.auc desc`. @throws what the vocabulary makes of a refusal */
export function parseOrder(text: string, vocabulary: Vocabulary): Order {
  return new Parser(text, vocabulary).order();
}

/** Reads `metrics.auc`. @throws what the vocabulary makes of a refusal */
export function parseField(text: string, vocabulary: Vocabulary): Field {
  const parser = new Parser(text, vocabulary);
  const field = parser.field();
  parser.end();
  return field;
}

class Parser {
  readonly #text: string;
  readonly #vocabulary: Vocabulary;
  readonly #tokens: readonly Token[];
  #next = 0;
  #comparisons = 0;

  constructor(text: string, vocabulary: Vocabulary) {
    this.#text = text;
    this.#vocabulary = vocabulary;
    this.#tokens = tokenize(text);
  }

  or(depth: number): Condition {
    return this.#chain('or', () => this.#chain('and', () => this.#not(depth)));
  }

  order(): Order {
    const field = this.field();
    const descending = this.#takeWord('desc');
    if (!descending) this.#takeWord('asc');
    const rest = this.#peek();
    if (rest.kind !== 'end') this.#fail(rest, 'expected asc, desc, or the end', { kind: 'direction', found: rest.raw });
    return { field, descending };
  }

  field(): Field {
    const token = this.#take();
    const isName = token.kind === 'name' || (token.kind === 'string' && token.raw.startsWith('"'));
    if (!isName) this.#unexpected(token, 'expected a name such as tags.stage');
    if (token.entity === undefined) return this.#keyOf(token, this.#vocabulary.bare);
    const called = token.entity.toLowerCase();
    const { entities } = this.#vocabulary;
    const entity = Object.keys(entities).find((name) => entities[name]?.words.includes(called));
    if (entity !== undefined) return this.#keyOf(token, entity);
    const known = Object.keys(entities).join(', ');
    return this.#fail(token, `there are no "${token.entity}"; there are ${known}`, {
      kind: 'entity',
      found: token.entity,
    });
  }

  end(): void {
    const token = this.#peek();
    if (token.kind !== 'end') this.#unexpected(token, 'expected and, or, or the end');
  }

  #keyOf(token: Token, entity: string): Field {
    const { keys } = this.#vocabulary.entities[entity] as Entity;
    if (typeof keys === 'string') return { entity, key: token.text, type: keys };
    const name = token.text.toLowerCase();
    const known = Object.hasOwn(keys, name) ? keys[name] : undefined;
    if (known) return { entity, ...known };
    const names = [...new Set(Object.values(keys).map(({ key }) => key))].join(', ');
    const others = Object.entries(this.#vocabulary.entities).filter(([, { keys: own }]) => typeof own === 'string');
    const open = others.map(([other]) => `${other}.<key>`).join(', ');
    const hint = token.entity === undefined && open !== '' ? `; there are also ${open}` : '';
    return this.#fail(token, `"${token.text}" is not one of ${names}${hint}`, {
      kind: 'key',
      entity,
      found: token.text,
    });
  }

  #chain(kind: 'and' | 'or', part: () => Condition): Condition {
    const first = part();
    const parts = [first];
    while (this.#takeWord(kind)) parts.push(part());
    return parts.length === 1 ? first : { kind, parts };
  }

  #not(depth: number): Condition {
    const token = this.#peek();
    if (depth > MAX_DEPTH) this.#unexpected(token, `it is nested more than ${MAX_DEPTH} deep`);
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
    if (this.#comparisons > MAX_COMPARISONS) {
      this.#unexpected(start, `it has more than ${MAX_COMPARISONS} comparisons`);
    }
    const field = this.field();
    if (this.#takeWord('is')) {
      const negated = this.#takeWord('not');
      if (!this.#takeWord('null')) this.#unexpected(this.#peek(), 'expected null');
      return negated ? present(field) : { kind: 'missing', field };
    }
    if (this.#takeWord('not')) {
      if (!this.#takeWord('in')) this.#unexpected(this.#peek(), 'expected in');
      return { kind: 'in', field, values: this.#list(field), negated: true };
    }
    if (this.#takeWord('in')) return { kind: 'in', field, values: this.#list(field), negated: false };
    const operator = this.#operator(field);
    return { kind: 'compare', field, operator, value: this.#value(field, operator) };
  }

  #operator(field: Field): Operator {
    const token = this.#take();
    const text = token.text.toLowerCase();
    const plain = token.kind === 'sign' || (token.kind === 'name' && token.entity === undefined);
    const operator = plain ? OPERATORS.find((known) => known === text) : undefined;
    if (operator === undefined) {
      return this.#unexpected(token, `expected one of ${OPERATORS.join(' ')} in, not in, is null, is not null`);
    }
    const refuse = (problem: string) => this.#fail(token, problem, { kind: 'operator', field, found: token.raw });
    const wordy = operator === 'like' || operator === 'ilike';
    const numeric = field.type === 'number' || field.type === 'time';
    if (wordy && numeric) return refuse('numbers have no like');
    if (isOrdered(operator) && field.type === 'text') return refuse('text is not greater or less');
    return operator;
  }

  #list(field: Field): (string | number)[] {
    this.#expect('(');
    const values = [this.#value(field, '=')];
    while (this.#peek().kind === 'sign' && this.#peek().text === ',') {
      this.#take();
      if (this.#peek().text === ')' && this.#peek().kind === 'sign') break;
      values.push(this.#value(field, '='));
    }
    this.#expect(')');
    return values;
  }

  #value(field: Field, operator: Operator): string | number {
    const token = this.#take();
    const refuse = (problem: string) =>
      this.#fail(token, problem, { kind: 'value', field, found: token.kind === 'end' ? 'None' : token.raw });
    const value = token.kind === 'number' ? Number(token.text) : token.kind === 'string' ? token.text : undefined;
    if (value === undefined) return refuse(isOpenQuote(token) ? OPEN_QUOTE : `expected ${EXPECTED[field.type]}`);
    if (typeof value === 'number') {
      if (field.type === 'text') return refuse('expected text in quotes');
      if (operator === 'like' || operator === 'ilike') return refuse('expected text in quotes');
      return value;
    }
    if (field.type === 'number') return refuse('expected a number');
    if (field.type === 'param' && isOrdered(operator)) return refuse('expected a number; params compare with numbers');
    if (field.type !== 'time') return value;
    return (
      momentOf(value) ?? refuse("expected ms since the epoch, or a date such as '2026-03-01' or '2026-03-01T12:30Z'")
    );
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', raw: '', at: this.#text.length };
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }

  #takeWord(word: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'name' || token.raw.toLowerCase() !== word) return false;
    this.#next += 1;
    return true;
  }

  #expect(sign: string): void {
    const token = this.#take();
    if (token.kind !== 'sign' || token.text !== sign) this.#unexpected(token, `expected ${sign}`);
  }

  /** A token where no such token can stand. */
  #unexpected(token: Token, problem: string): never {
    const unreadable = isOpenQuote(token) ? OPEN_QUOTE : `"${token.text}" has no meaning here`;
    const why = token.kind === 'unreadable' ? unreadable : problem;
    return this.#fail(token, why, { kind: 'clause', found: token.raw });
  }

  #fail(token: Token, problem: string, reason: RefusalReason): never {
    throw this.#vocabulary.refuse({ text: this.#text, at: token.at, problem, reason });
  }
}

const OPEN_QUOTE = 'the quote is never closed';

function isOpenQuote({ kind, raw }: Token): boolean {
  return kind === 'unreadable' && /^['"`]/.test(raw);
}

const EXPECTED: Readonly<Record<FieldType, string>> = {
  number: 'a number',
  text: 'text in quotes',
  param: 'a value: a number, or text in quotes',
  time: 'ms since the epoch, or a date in quotes',
};

function isOrdered(operator: Operator): boolean {
  return operator === '>' || operator === '>=' || operator === '<' || operator === '<=';
}

function present(field: Field): Condition {
  return { kind: 'not', part: { kind: 'missing', field } };
}
