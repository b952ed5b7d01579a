import { type RawBuilder, sql as raw } from 'kysely';
import type { Sql } from '#platform/sql';
import { type Attribute, type Condition, type Field, isNumeric, type Operator, type Order } from '../core/filter.ts';
import type { RunLifecycle } from '../model.ts';

export interface RunQuery {
  /** Ids of experiments to look in; all when undefined. */
  readonly experimentIds: readonly number[] | undefined;
  readonly lifecycle: RunLifecycle | 'all';
  readonly condition: Condition | undefined;
  readonly orders: readonly Order[];
  readonly limit: number;
  readonly offset: number;
}

type Fragment = RawBuilder<unknown>;
type Dialect = Sql['dialect'];

/** Ids of the runs that match, in order. Runs that agree in all orders come newest first. */
export async function findRunIds(sql: Sql, query: RunQuery): Promise<readonly string[]> {
  const { dialect } = sql;
  const parts: Fragment[] = [raw`true`];
  if (query.experimentIds) {
    parts.push(query.experimentIds.length === 0 ? raw`false` : raw`r.experiment in (${raw.join(query.experimentIds)})`);
  }
  if (query.lifecycle !== 'all') parts.push(raw`r.lifecycle = ${query.lifecycle}`);
  if (query.condition) parts.push(conditionSql(query.condition, dialect));
  const orders = query.orders.map((order, index) => orderSql(order, `o${index}`, dialect));
  const result = await raw<{ id: string }>`
    select r.id from tracking_run r ${raw.join(
      orders.map(({ join }) => join),
      raw` `,
    )}
    where ${raw.join(parts, raw` and `)}
    order by ${raw.join([...orders.flatMap(({ keys }) => keys), raw`r.started_at desc`, raw`r.id`])}
    limit ${query.limit} offset ${query.offset}`.execute(sql.tables());
  return result.rows.map(({ id }) => id);
}

function conditionSql(condition: Condition, dialect: Dialect): Fragment {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const parts = condition.parts.map((part) => conditionSql(part, dialect));
      return raw`(${raw.join(parts, condition.kind === 'and' ? raw` and ` : raw` or `)})`;
    }
    case 'not':
      return raw`not ${conditionSql(condition.part, dialect)}`;
    case 'missing':
      return raw`not ${holds(condition.field, () => raw`true`)}`;
    case 'in':
      return raw`(${raw.join(
        condition.values.map((value) => holds(condition.field, compare(condition.field, '=', value, dialect), value)),
        raw` or `,
      )})`;
    case 'compare': {
      const { field, operator, value } = condition;
      return holds(field, compare(field, operator, value, dialect), value);
    }
  }
}

/** That the run has the field and a test of its value is true. Never null, so that `not` turns it around. */
function holds(field: Field, test: (value: Fragment) => Fragment, compared?: string | number): Fragment {
  switch (field.entity) {
    case 'metrics': {
      // The mere presence of a key counts NaN; a comparison does not.
      const comparable = compared === undefined ? raw`` : raw`and f.is_nan = 0`;
      return raw`exists (select 1 from tracking_series f
        where f.run = r.id and f.key = ${field.key} ${comparable} and ${test(raw`f.value`)})`;
    }
    case 'params':
    case 'tags': {
      const numeric = field.entity === 'params' && typeof compared === 'number';
      const column = numeric ? raw`f.number_value` : raw`f.value`;
      const table = raw.table(field.entity === 'params' ? 'tracking_param' : 'tracking_tag');
      return raw`exists (select 1 from ${table} f
        where f.run = r.id and f.key = ${field.key} and ${test(column)})`;
    }
    case 'inputs': {
      const column = raw.ref(`f.${field.key}`);
      const given = field.key === 'path' ? raw`and f.path <> ''` : raw``;
      return raw`exists (select 1 from tracking_input f where f.run = r.id ${given} and ${test(column)})`;
    }
    case 'attributes': {
      const column = attributeSql(field.key);
      return raw`(${column} is not null and ${test(column)})`;
    }
  }
}

function attributeSql(attribute: Attribute): Fragment {
  switch (attribute) {
    case 'experiment':
      return raw`(select e.name from tracking_experiment e where e.id = r.experiment)`;
    case 'createdBy':
      return raw`r.created_by`;
    case 'codeCommit':
      return raw`r.code_commit`;
    case 'startedAt':
      return raw`r.started_at`;
    case 'endedAt':
      return raw`r.ended_at`;
    default:
      return raw.ref(`r.${attribute}`);
  }
}

function compare(field: Field, operator: Operator, value: string | number, dialect: Dialect) {
  return (column: Fragment): Fragment => {
    if (operator === 'like' || operator === 'ilike') return likeSql(column, operator, String(value), dialect);
    const bound =
      isNumeric(field) || typeof value === 'number' ? raw`cast(${value} as double precision)` : raw`${value}`;
    return raw`${column} ${raw.raw(operator === '!=' ? '<>' : operator)} ${bound}`;
  };
}

/** `like` minds the case and `ilike` does not, on both databases; `%` stands for any text, `_` for any sign. */
function likeSql(column: Fragment, operator: 'like' | 'ilike', pattern: string, dialect: Dialect): Fragment {
  if (dialect === 'postgres') return raw`${column} ${raw.raw(operator)} ${pattern} escape ''`;
  if (operator === 'ilike') return raw`${column} like ${pattern}`;
  const glob = pattern.replace(/[*?[]/g, '[$&]').replaceAll('%', '*').replaceAll('_', '?');
  return raw`${column} glob ${glob}`;
}

/** Runs with a value come first, then NaN, then runs without one, whichever way the values are sorted. */
function orderSql({ field, descending }: Order, alias: string, dialect: Dialect): { join: Fragment; keys: Fragment[] } {
  const direction = raw.raw(descending ? 'desc' : 'asc');
  const column = (name: string) => raw.ref(`${alias}.${name}`);
  // PostgreSQL sorts text by the language of the database, SQLite by code point: the latter on both.
  const text = (value: Fragment) => (dialect === 'postgres' ? raw`${value} collate "C"` : value);
  const joined = (table: string, key: string) =>
    raw`left join ${raw.table(table)} as ${raw.ref(alias)} on ${column('run')} = r.id and ${column('key')} = ${key}`;
  switch (field.entity) {
    case 'metrics': {
      const rank = raw`case when ${column('run')} is null then 2 else ${column('is_nan')} end`;
      return { join: joined('tracking_series', field.key), keys: [rank, raw`${column('value')} ${direction}`] };
    }
    case 'params': {
      const number = column('number_value');
      const rank = raw`case when ${number} is not null then 0 when ${column('run')} is not null then 1 else 2 end`;
      const keys = [rank, raw`${number} ${direction}`, raw`${text(column('value'))} ${direction}`];
      return { join: joined('tracking_param', field.key), keys };
    }
    case 'tags': {
      const rank = raw`case when ${column('run')} is null then 1 else 0 end`;
      return { join: joined('tracking_tag', field.key), keys: [rank, raw`${text(column('value'))} ${direction}`] };
    }
    case 'inputs': {
      const value = raw`(select min(f.${raw.ref(field.key)}) from tracking_input f where f.run = r.id)`;
      return { join: raw``, keys: nullsLast(value, raw`${text(value)} ${direction}`) };
    }
    case 'attributes': {
      const value = attributeSql(field.key);
      return { join: raw``, keys: nullsLast(value, raw`${isNumeric(field) ? value : text(value)} ${direction}`) };
    }
  }
}

function nullsLast(value: Fragment, sorted: Fragment): Fragment[] {
  return [raw`case when ${value} is null then 1 else 0 end`, sorted];
}
