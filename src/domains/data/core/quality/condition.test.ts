import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConditionError, compileCondition } from './condition.ts';

const COLUMNS = [
  { name: 'delay', type: 'BIGINT' },
  { name: 'ratio', type: 'DOUBLE' },
  { name: 'origin', type: 'VARCHAR' },
  { name: 'date', type: 'TIMESTAMP' },
  { name: 'late', type: 'BOOLEAN' },
  { name: 'an "odd" name', type: 'BIGINT' },
  { name: 'tags', type: 'VARCHAR[]' },
];

describe('a condition', () => {
  it.each([
    ['delay < -90', '("delay" < (-(90)))'],
    ["origin = 'O''Hare'", `("origin" = 'O''Hare')`],
    ['"an ""odd"" name" >= 1', '("an ""odd"" name" >= (1))'],
    ['late', '"late"'],
    ['not late or delay is not null', '((not "late") or ("delay" is not null))'],
    ['delay not in (1, 2)', '("delay" not in ((1), (2)))'],
    ['delay / 2 + 1 > ratio * 3', '((("delay" / (2)) + (1)) > ("ratio" * (3)))'],
    ["date >= '2001-07-01'", '(cast("date" as timestamp) >= make_timestamp(993945600000000))'],
    [
      "date between '2001-01-01T00:00Z' and '2001-01-02'",
      '(cast("date" as timestamp) between make_timestamp(978307200000000) and make_timestamp(978393600000000))',
    ],
    [
      '(delay = 1 AND ratio = 0.5) OR late = TRUE',
      '(((("delay" = (1)) and ("ratio" = (0.5::double)))) or ("late" = true))',
    ],
  ])('%s', (condition, sql) => {
    expect(compileCondition(condition, COLUMNS)).toBe(sql);
  });

  it.each([
    ['', 1, 'before the end'],
    ['delay', 1, 'a comparison is missing'],
    ['delay <', 8, 'before the end'],
    ['delya < 1', 1, 'there is no column "delya"; there are delay, ratio'],
    ['delay < 1 ratio', 11, 'expected the end'],
    ["delay < 'x'", 7, 'a number cannot be compared with a text'],
    ["date < 'yesterday'", 8, 'is no time'],
    ["date < '2001-02-30'", 8, 'is no time'],
    ['tags = 1', 1, 'is of type VARCHAR[]'],
    ['delay in 1', 10, 'expected "("'],
    ['delay is 1', 10, 'expected "null"'],
    ['delay not 1', 11, 'expected "in" or "between"'],
    ['origin + 1 > 2', 8, 'works on numbers only'],
    ['delay < 1; drop table x', 10, 'cannot be read'],
    ["delay in (select delay from read_csv('x'))", 11, 'there is no column "select"'],
    ["read_text('secret') = 'x'", 1, 'there is no column "read_text"'],
    ["origin = 'open", 10, 'cannot be read'],
    [`${'('.repeat(200)}delay`, 101, 'nested too deeply'],
    [`delay = ${'-'.repeat(200)}1`, 108, 'nested too deeply'],
  ])('refuses %s and says where', (condition, position, words) => {
    const refused = () => compileCondition(condition, COLUMNS);
    expect(refused).toThrow(ConditionError);
    expect(refused).toThrow(words);
    try {
      refused();
    } catch (error) {
      expect((error as ConditionError).position).toBe(position);
    }
  });

  it('either compiles to SQL of known pieces or is refused, whatever is typed', () => {
    const piece = fc.constantFrom(
      'delay',
      'origin',
      '"',
      "'",
      '(',
      ')',
      ',',
      ';',
      '--',
      '/*',
      ' and ',
      ' in ',
      '1',
      'select',
      '<',
      '=',
      '-',
      '\\',
      '\0',
      'ß',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        try {
          const sql = compileCondition(pieces.join(''), COLUMNS);
          // Outside of quotes there is nothing but operators, numbers and the words of the language.
          const bare = sql.replace(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, '');
          expect(bare).toMatch(
            /^(?:[\s()<>=!,.+\-*/\d]|and|or|not|in|is|null|between|true|false|cast|as|timestamp|make_timestamp|::double)*$/,
          );
        } catch (error) {
          expect(error).toBeInstanceOf(ConditionError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
