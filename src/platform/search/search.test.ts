import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  comparator,
  matches,
  parseField,
  parseFilter,
  parseOrder,
  type Refusal,
  type Vocabulary,
} from '#platform/search';

class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.problem);
    this.refusal = refusal;
  }
}

const VOCABULARY: Vocabulary = {
  entities: {
    metrics: { words: ['metrics', 'metric'], keys: 'number' },
    params: { words: ['params', 'param'], keys: 'param' },
    tags: { words: ['tags', 'tag'], keys: 'text' },
    datasets: { words: ['datasets'], keys: { name: { key: 'name', type: 'text' } } },
    attributes: {
      words: ['attributes', 'attr'],
      keys: {
        name: { key: 'name', type: 'text' },
        'run name': { key: 'name', type: 'text' },
        start_time: { key: 'startedAt', type: 'time' },
        created: { key: 'startedAt', type: 'time' },
      },
    },
  },
  bare: 'attributes',
  refuse: (refusal) => new Refused(refusal),
};

type Thing = Readonly<Record<string, string | number | readonly string[]>>;

function holds(filter: string, thing: Thing): boolean {
  const condition = parseFilter(filter, VOCABULARY);
  return condition === undefined || matches(condition, ({ entity, key }) => thing[`${entity}.${key}`]);
}

const THING: Thing = {
  'metrics.auc': 0.75,
  'metrics.bad': Number.NaN,
  'metrics.high': Number.POSITIVE_INFINITY,
  'params.depth': '6',
  'params.kind': 'tree',
  'params.my key': 'x',
  'tags.mlflow.runName': 'Green-Apple',
  'tags.it': "it's",
  'datasets.name': ['flights', 'weather'],
  'attributes.name': 'first',
  'attributes.startedAt': Date.UTC(2026, 2, 1, 12),
};

describe('a filter', () => {
  it.each([
    ['metrics.auc > 0.7', true],
    ['metric.auc >= 7.5e-1 AND params.depth = 6', true],
    ["params.depth = '6'", true],
    ["params.depth = '6.0'", false],
    ['params.depth = 6.0', true],
    ['params.kind != 6', false],
    ['params.depth > 5 and params.depth < 7', true],
    ["tags.mlflow.runName LIKE 'Green%'", true],
    ["tags.mlflow.runName like 'green%'", false],
    ["tags.mlflow.runName iLike 'green_%e'", true],
    ["tags.`mlflow.runName` = 'Green-Apple'", true],
    ["`params`.`my key` = 'x'", true],
    ['params."my key" = "x"', true],
    ["tags.it = 'it''s'", true],
    ["attributes.`Run name` = 'first'", true],
    ["name = 'first'", true],
    ["metrics.auc > 0.9 or name = 'first'", true],
    ["metrics.auc > 0.9 or name = 'x' and name = 'first'", false],
    ["(metrics.auc > 0.9 or name = 'first') and not name = 'x'", true],
    ['metrics.none = 1', false],
    ['metrics.none != 1', false],
    ['not metrics.none = 1', true],
    ['metrics.none is null', true],
    ['metrics.bad is not null', true],
    ['metrics.bad = 0', false],
    ['metrics.bad != 0', false],
    ['metrics.bad not in (0)', false],
    ['metrics.auc not in (0)', true],
    ['metrics.high > 1e300', true],
    ['metrics.none not in (1)', false],
    ["params.depth in ('5', '6')", true],
    ['params.depth in (5, 6,)', true],
    ["datasets.name = 'weather'", true],
    ["datasets.name not in ('weather')", true],
    ["datasets.name not in ('weather', 'flights')", false],
    ["start_time > '2026-03-01'", true],
    ["created >= '2026-03-01T12:00Z'", true],
    ["created > '2026-03-01T14:00+02:00'", false],
    ['start_time < 1700000000000', false],
    ["created > '2026-02'", true],
    ['  ', true],
  ])('%s: %s', (filter, expected) => {
    expect(holds(filter, THING)).toBe(expected);
  });

  it.each([
    ['metrics.auc >', 'value', 'None', 13],
    ["metrics.auc > 'x'", 'value', "'x'", 14],
    ['params.depth = abc', 'value', 'abc', 15],
    ['tags.a = 1', 'value', '1', 9],
    ["created > '2026-02-30'", 'value', "'2026-02-30'", 10],
    ["created > 'soon'", 'value', "'soon'", 10],
    ["foo.m = 'x'", 'entity', 'foo', 0],
    ["colour = 'x'", 'key', 'colour', 0],
    ["constructor = 'x'", 'key', 'constructor', 0],
    ["metrics.auc like 'x'", 'operator', 'like', 12],
    ["tags.a > 'x'", 'operator', '>', 7],
    ["name = 'x' name = 'y'", 'clause', 'name', 11],
    ["name = 'x' and", 'clause', '', 14],
    ["(name = 'x'", 'clause', '', 11],
    ["name = 'x", 'value', "'x", 7],
    ['name ~ 3', 'clause', '~ 3', 5],
    ['name in ()', 'value', ')', 9],
    [`${'('.repeat(60)}name = 'x'`, 'clause', '(', 51],
    [Array(201).fill("name = 'x'").join(' or '), 'clause', 'name', 2800],
  ])('refuses %s', (filter, kind, found, at) => {
    let refusal: Refusal | undefined;
    try {
      parseFilter(filter, VOCABULARY);
    } catch (error) {
      refusal = (error as Refused).refusal;
    }
    expect(refusal).toMatchObject({ at, text: filter, reason: { kind, found } });
  });

  it('likes what a regular expression of the pattern likes', () => {
    const signs = fc.array(fc.constantFrom('a', 'b', '😀', '_', '%'), { maxLength: 8 }).map((list) => list.join(''));
    fc.assert(
      fc.property(signs, signs, (text, pattern) => {
        const expression = new RegExp(`^${pattern.replaceAll('%', '.*').replaceAll('_', '.')}$`, 'su');
        expect(holds(`tags.t like '${pattern}'`, { 'tags.t': text })).toBe(expression.test(text));
      }),
    );
  });

  it('answers a pattern made to be slow at once', () => {
    const started = performance.now();
    holds(`tags.t like '${'%a'.repeat(2000)}b_'`, { 'tags.t': 'a'.repeat(8000) });
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('an order', () => {
  const ordered = (order: string, things: readonly Thing[]) => {
    const compare = comparator([parseOrder(order, VOCABULARY)]);
    const lookup = (thing: Thing) => (field: { entity: string; key: string }) => thing[`${field.entity}.${field.key}`];
    return things.toSorted((a, b) => compare(lookup(a), lookup(b)));
  };

  it('puts values first, then NaN, then what has none, in both directions', () => {
    const [none, nan, one, two] = [{}, { 'metrics.m': Number.NaN }, { 'metrics.m': 1 }, { 'metrics.m': 2 }];
    expect(ordered('metrics.m', [none, two, nan, one])).toEqual([one, two, nan, none]);
    expect(ordered('metrics.m DESC', [none, nan, one, two])).toEqual([two, one, nan, none]);
  });

  it('sorts params that are numbers by their number, before others', () => {
    const things = ['b', '10', '9', 'a'].map((value) => ({ 'params.p': value }));
    expect(ordered('params.p asc', things).map((thing) => thing['params.p'])).toEqual(['9', '10', 'a', 'b']);
    expect(ordered('params.p desc', things).map((thing) => thing['params.p'])).toEqual(['10', '9', 'b', 'a']);
  });

  it('refuses a direction that is none', () => {
    expect(() => parseOrder('metrics.m bogus', VOCABULARY)).toThrow('expected asc, desc, or the end');
    expect(() => parseOrder('metrics.m desc asc', VOCABULARY)).toThrow('expected asc, desc, or the end');
  });

  it('reads a field', () => {
    expect(parseField('metrics.`a b`', VOCABULARY)).toEqual({ entity: 'metrics', key: 'a b', type: 'number' });
    expect(() => parseField('metrics.a b', VOCABULARY)).toThrow(Refused);
  });
});
