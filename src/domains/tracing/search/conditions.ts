import { type RawBuilder, sql as raw } from 'kysely';
import type { Comparison, Condition, Field, Order } from '#platform/search';
import type { Sql } from '#platform/sql';
import { METADATA, TAGS } from '../core/names.ts';
import { SPAN_ATTRIBUTE } from './vocabulary.ts';

type Expression = RawBuilder<unknown>;
type Dialect = Sql['dialect'];

/**
 * A filter of traces as SQL over `tracing_trace as t`. It is true or false, never unknown: a comparison with something
 * that is missing is false.
 *
 * What the parts of one `and` ask of spans must hold of one and the same span.
 */
export function conditionSql(condition: Condition, dialect: Dialect): Expression {
  switch (condition.kind) {
    case 'and': {
      const ofSpans = condition.parts.filter(isOfSpan);
      const others = condition.parts.filter((part) => !isOfSpan(part));
      const parts = others.map((part) => conditionSql(part, dialect));
      if (ofSpans.length > 0) parts.push(someSpan(ofSpans, dialect));
      return raw`(${raw.join(parts, raw` and `)})`;
    }
    case 'or':
      return raw`(${raw.join(
        condition.parts.map((part) => conditionSql(part, dialect)),
        raw` or `,
      )})`;
    case 'not':
      return raw`(not ${conditionSql(condition.part, dialect)})`;
    case 'missing':
      return raw`(not ${someValue(condition.field, dialect, () => raw`true`)})`;
    default:
      return isOfSpan(condition)
        ? someSpan([condition], dialect)
        : someValue(condition.field, dialect, (value, number) => test(condition, value, number, dialect));
  }
}

/** What to sort by, those without a value last. */
export function orderSql({ field, descending }: Order): Expression {
  const value = sortValue(field);
  return raw`case when ${value} is null then 1 else 0 end, ${value} ${descending ? raw`desc` : raw`asc`}`;
}

/** A comparison of something of a span. */
type SpanComparison = Comparison & { readonly ofSpan?: true };

function isOfSpan(condition: Condition): condition is SpanComparison {
  const compares = condition.kind === 'compare' || condition.kind === 'in';
  return compares && (condition.field.entity === 'span' || isText(condition.field));
}

/** `text` is searched for in all that is stored of a span. */
function isText({ entity, key }: Field): boolean {
  return entity === 'attributes' && key === 'text';
}

/** Whether a value is as asked for: `value` is the text of it, `number` the number, where it is another expression. */
type Test = (value: Expression, number?: Expression) => Expression;

/** True when one of the values that a trace has in a field passes the test. */
function someValue(field: Field, dialect: Dialect, passes: Test): Expression {
  const { entity, key } = field;
  switch (entity) {
    case 'tags':
      return inTable('tracing_tag', key, passes);
    case 'metadata':
      return inTable('tracing_metadata', key, passes);
    case 'feedback':
    case 'expectation':
      return raw`exists (select 1 from tracing_assessment a where a.trace = t.id and a.kind = ${entity}
        and a.name = ${key} and a.valid = 1 and ${passes(raw`a.value_text`, raw`a.value_number`)})`;
    case 'issue':
      return raw`exists (select 1 from tracing_assessment a where a.trace = t.id and a.kind = 'issue'
        and ${passes(raw`a.name`)})`;
    case 'span':
      return raw`exists (select 1 from tracing_span s where s.trace = t.id and ${ofSpan(field, dialect, passes)})`;
    default:
      return attribute(field, dialect, passes);
  }
}

function attribute({ key }: Field, dialect: Dialect, passes: Test): Expression {
  if (key === 'name') return inTable('tracing_tag', TAGS.name, passes);
  if (key === 'prompt') return linked('prompt', passes);
  if (key === 'run') return raw`(${inTable('tracing_metadata', METADATA.run, passes)} or ${linked('run', passes)})`;
  if (key === 'text') {
    return raw`exists (select 1 from tracing_span s where s.trace = t.id and ${ofSpan(CONTENT, dialect, passes)})`;
  }
  const value = COLUMNS[key] ?? raw`null`;
  return raw`(${value} is not null and ${passes(value, value)})`;
}

const CONTENT: Field = { entity: 'span', key: 'content', type: 'text' };

const COLUMNS: Readonly<Record<string, Expression>> = {
  id: raw`t.id`,
  startedAt: raw`t.started_at`,
  duration: raw`t.duration_ms`,
  endedAt: raw`(t.started_at + coalesce(t.duration_ms, 0))`,
  state: raw`t.state`,
  experimentId: raw`cast(t.experiment as text)`,
  clientRequestId: raw`t.client_request_id`,
};

function inTable(table: 'tracing_tag' | 'tracing_metadata', key: string, passes: Test): Expression {
  return raw`exists (select 1 from ${raw.table(table)} x where x.trace = t.id and x.key = ${key}
    and ${passes(raw`x.value`)})`;
}

function linked(kind: string, passes: Test): Expression {
  return raw`exists (select 1 from tracing_link l where l.trace = t.id and l.kind = ${kind}
    and ${passes(raw`l.target`)})`;
}

/** True when one span passes all comparisons. */
function someSpan(comparisons: readonly Comparison[], dialect: Dialect): Expression {
  const tests = comparisons.map((comparison) => {
    const field = isText(comparison.field) ? CONTENT : comparison.field;
    return ofSpan(field, dialect, (value) => test(comparison, value, undefined, dialect));
  });
  return raw`exists (select 1 from tracing_span s where s.trace = t.id and ${raw.join(tests, raw` and `)})`;
}

function ofSpan({ key }: Field, dialect: Dialect, passes: Test): Expression {
  if (key === 'name') return passes(raw`s.name`);
  if (key === 'type') return passes(raw`s.type`);
  if (key === 'status') return passes(raw`s.status`);
  if (key === 'content') return passes(raw`(s.name || ' ' || s.content)`);
  const name = key.slice(SPAN_ATTRIBUTE.length);
  if (dialect === 'sqlite') {
    // Booleans are 1 and 0 in SQLite's JSON.
    const value = raw`(case when a.type in ('true', 'false') then a.type else cast(a.value as text) end)`;
    return raw`exists (select 1 from json_each(s.content, '$.attributes') a where a.key = ${name} and ${passes(value)})`;
  }
  const value = raw`(s.content::jsonb -> 'attributes' ->> ${name})`;
  return raw`(${value} is not null and ${passes(value)})`;
}

function test(comparison: Comparison, text: Expression, number: Expression | undefined, dialect: Dialect): Expression {
  if (comparison.kind === 'in') {
    const values = comparison.values.map((value) => (comparison.field.type === 'time' ? value : String(value)));
    return raw`${text} ${comparison.negated ? raw`not in` : raw`in`} (${raw.join(values)})`;
  }
  const { operator, value } = comparison;
  if (operator === 'like' || operator === 'ilike') return like(text, String(value), operator === 'ilike', dialect);
  if (typeof value === 'number') {
    const left = number ?? text;
    return raw`(${left} is not null and ${left} ${raw.raw(operator)} ${value})`;
  }
  return raw`${text} ${raw.raw(operator)} ${value}`;
}

/** `%` stands for any text, `_` for one sign, and there is no escape. */
function like(text: Expression, pattern: string, ignoreCase: boolean, dialect: Dialect): Expression {
  if (dialect === 'postgres') return raw`${text} ${raw.raw(ignoreCase ? 'ilike' : 'like')} ${pattern} escape ''`;
  if (ignoreCase) return raw`${text} like ${pattern}`;
  // SQLite's LIKE ignores the case of ASCII; its GLOB does not.
  const glob = pattern.replace(/[[*?]/g, '[$&]').replaceAll('%', '*').replaceAll('_', '?');
  return raw`${text} glob ${glob}`;
}

function sortValue({ entity, key }: Field): Expression {
  const from = (table: string, name: string) =>
    raw`(select x.value from ${raw.table(table)} x where x.trace = t.id and x.key = ${name})`;
  if (entity === 'tags') return from('tracing_tag', key);
  if (entity === 'metadata') return from('tracing_metadata', key);
  if (key === 'name') return from('tracing_tag', TAGS.name);
  return COLUMNS[key] ?? raw`null`;
}
