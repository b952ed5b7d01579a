import type { DataType } from '#contract';
import { dataTypeOf, type FileColumn, isTime } from './data-type.ts';
import { parseInstant } from './instant.ts';
import * as sql from './sql-text.ts';

/** A condition that cannot be understood; `position` counts characters from 1. */
export class ConditionError extends Error {
  readonly position: number;

  constructor(problem: string, position: number) {
    super(problem);
    this.position = position;
  }
}

/** How the compiled condition refers to a column. */
export type ColumnSql = (column: FileColumn) => string;

type Kind = 'number' | 'text' | 'time' | 'boolean' | 'null';

interface Operand {
  readonly sql: string;
  readonly kind: Kind;
  /** The text of a literal, so that it can be read as a time where one is compared with. */
  readonly literal?: string;
  readonly position: number;
}

interface Token {
  readonly type: 'word' | 'name' | 'text' | 'number' | 'sign' | 'end';
  readonly value: string;
  readonly position: number;
}

/**
 * Compiles a condition on the columns of a table to SQL. The language is small on purpose: it can compare and
 * calculate, and can reach nothing outside the row.
 *
 *     condition  := and ('or' and)*          and := not ('and' not)*         not := 'not' not | comparison
 *     comparison := sum (('=' | '!=' | '<>' | '<' | '<=' | '>' | '>=') sum | 'is' 'not'? 'null'
 *                 | 'not'? 'in' '(' sum (',' sum)* ')' | 'not'? 'between' sum 'and' sum)?
 *     sum        := product (('+' | '-') product)*    product := value (('*' | '/') value)*
 *     value      := number | 'text' | true | false | null | column | "column" | '-' value | '(' condition ')'
 *
 * Text is taken as a time where it is compared with one. A comparison with a missing value is unknown.
 *
 * @throws ConditionError
 */
export function compileCondition(
  condition: string,
  columns: readonly FileColumn[],
  columnSql: ColumnSql = (column) => sql.name(column.name),
): string {
  const tokens = tokenize(condition);
  let at = 0;
  let depth = 0;
  const peek = () => tokens[at] as Token;
  const next = () => tokens[at++] as Token;
  const isSign = (...signs: readonly string[]) => peek().type === 'sign' && signs.includes(peek().value);
  const isWord = (...words: readonly string[]) => peek().type === 'word' && words.includes(peek().value.toLowerCase());
  const took = (word: string) => isWord(word) && next() !== undefined;
  const fail = (problem: string, token: Token = peek()): never => {
    throw new ConditionError(problem, token.position);
  };
  const expectSign = (sign: string) => (isSign(sign) ? next() : fail(`expected "${sign}" before ${shown(peek())}`));
  const expectWord = (word: string) => (isWord(word) ? next() : fail(`expected "${word}" before ${shown(peek())}`));
  const asked = (operand: Operand): Operand => {
    if (operand.kind !== 'boolean' && operand.kind !== 'null') {
      throw new ConditionError('a comparison is missing, such as = or <', operand.position);
    }
    return operand;
  };

  function either(): Operand {
    if (++depth > 100) fail('it is nested too deeply');
    let left = both();
    while (isWord('or')) {
      next();
      left = truth(`(${asked(left).sql} or ${asked(both()).sql})`, left.position);
    }
    depth--;
    return left;
  }

  function both(): Operand {
    let left = negation();
    while (isWord('and')) {
      next();
      left = truth(`(${asked(left).sql} and ${asked(negation()).sql})`, left.position);
    }
    return left;
  }

  function negation(): Operand {
    if (!isWord('not')) return comparison();
    const { position } = next();
    return truth(`(not ${asked(negation()).sql})`, position);
  }

  function comparison(): Operand {
    const left = sum();
    if (isSign('=', '!=', '<>', '<', '<=', '>', '>=')) {
      const sign = next();
      const [a, b] = comparable(left, sum(), sign);
      return truth(`(${a} ${sign.value} ${b})`, left.position);
    }
    if (isWord('is')) {
      next();
      const negated = took('not') ? ' not' : '';
      expectWord('null');
      return truth(`(${left.sql} is${negated} null)`, left.position);
    }
    const negated = took('not') ? 'not ' : '';
    if (isWord('in')) {
      const word = next();
      expectSign('(');
      const members: string[] = [];
      do members.push(comparable(left, sum(), word)[1]);
      while (isSign(',') && next());
      expectSign(')');
      return truth(`(${comparedAs(left, left.kind)} ${negated}in (${members.join(', ')}))`, left.position);
    }
    if (isWord('between')) {
      const word = next();
      const [a, low] = comparable(left, sum(), word);
      expectWord('and');
      const [, high] = comparable(left, sum(), word);
      return truth(`(${a} ${negated}between ${low} and ${high})`, left.position);
    }
    if (negated) fail(`expected "in" or "between" before ${shown(peek())}`);
    return left;
  }

  function sum(): Operand {
    return chain(product, '+', '-');
  }

  function product(): Operand {
    return chain(value, '*', '/');
  }

  function chain(part: () => Operand, ...signs: readonly string[]): Operand {
    let left = part();
    while (isSign(...signs)) {
      const sign = next();
      const right = part();
      if (left.kind !== 'number' || right.kind !== 'number') fail(`"${sign.value}" works on numbers only`, sign);
      left = { sql: `(${left.sql} ${sign.value} ${right.sql})`, kind: 'number', position: left.position };
    }
    return left;
  }

  function value(): Operand {
    const token = next();
    const { position } = token;
    if (token.type === 'number') return { sql: sql.number(Number(token.value)), kind: 'number', position };
    if (token.type === 'text') return { sql: sql.text(token.value), kind: 'text', literal: token.value, position };
    if (token.type === 'name') return column(token);
    if (token.type === 'word') {
      const word = token.value.toLowerCase();
      if (word === 'true' || word === 'false') return { sql: word, kind: 'boolean', position };
      if (word === 'null') return { sql: 'null', kind: 'null', position };
      return column(token);
    }
    if (token.type === 'sign' && token.value === '(') {
      const inner = either();
      expectSign(')');
      return { ...inner, sql: `(${inner.sql})` };
    }
    if (token.type === 'sign' && token.value === '-') {
      if (++depth > 100) fail('it is nested too deeply', token);
      const inner = value();
      depth--;
      if (inner.kind !== 'number') fail('"-" works on numbers only', token);
      return { sql: `(-${inner.sql})`, kind: 'number', position };
    }
    return fail(`expected a column, a number or 'text' before ${shown(token)}`, token);
  }

  function column(token: Token): Operand {
    const found = columns.find(({ name }) => name === token.value);
    if (!found) {
      const known = columns.map(({ name }) => name).slice(0, 30);
      return fail(`there is no column "${token.value}"; there are ${known.join(', ')}`, token);
    }
    const type = dataTypeOf(found.type);
    const kind = KINDS[type];
    if (!kind) return fail(`column "${token.value}" is of type ${found.type}, which cannot be compared`, token);
    const expression = columnSql(found);
    return { sql: isTime(type) ? sql.asTimestamp(expression) : expression, kind, position: token.position };
  }

  const compiled = asked(either());
  if (peek().type !== 'end') fail(`expected the end, "and" or "or" before ${shown(peek())}`);
  return compiled.sql;
}

const KINDS: Readonly<Partial<Record<DataType, Kind>>> = {
  integer: 'number',
  number: 'number',
  string: 'text',
  boolean: 'boolean',
  date: 'time',
  timestamp: 'time',
};

function truth(text: string, position: number): Operand {
  return { sql: text, kind: 'boolean', position };
}

/** Both sides of a comparison as SQL, when their kinds can be compared. */
function comparable(left: Operand, right: Operand, at: Token): readonly [string, string] {
  const kind = left.kind === 'time' || right.kind === 'time' ? 'time' : left.kind === 'null' ? right.kind : left.kind;
  for (const side of [left, right]) {
    const fits = side.kind === kind || side.kind === 'null' || (kind === 'time' && side.literal !== undefined);
    if (!fits) throw new ConditionError(`a ${left.kind} cannot be compared with a ${right.kind}`, at.position);
  }
  return [comparedAs(left, kind), comparedAs(right, kind)];
}

function comparedAs(side: Operand, kind: Kind): string {
  if (kind !== 'time' || side.literal === undefined) return side.sql;
  const ms = parseInstant(side.literal);
  if (ms === undefined) {
    throw new ConditionError(`'${side.literal}' is no time; write it like '2001-07-01 00:00'`, side.position);
  }
  return sql.timestamp(ms);
}

const TOKEN =
  /\s+|(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<word>[\p{L}_][\p{L}\p{N}_.]*)|"(?<name>(?:[^"]|"")+)"|'(?<text>(?:[^']|'')*)'|(?<sign><=|>=|<>|!=|[=<>(),+\-*/])/uy;

function tokenize(condition: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < condition.length) {
    const position = TOKEN.lastIndex + 1;
    const groups = TOKEN.exec(condition)?.groups;
    if (!groups) throw new ConditionError(`"${condition.slice(position - 1, position + 9)}" cannot be read`, position);
    for (const type of ['number', 'word', 'name', 'text', 'sign'] as const) {
      const found = groups[type];
      if (found === undefined) continue;
      const value =
        type === 'name' ? found.replaceAll('""', '"') : type === 'text' ? found.replaceAll("''", "'") : found;
      tokens.push({ type, value, position });
    }
  }
  return [...tokens, { type: 'end', value: '', position: condition.length + 1 }];
}

function shown(token: Token): string {
  return token.type === 'end' ? 'the end' : `"${token.value}"`;
}
