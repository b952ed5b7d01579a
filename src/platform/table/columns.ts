import { tableErrors } from './errors.ts';
import type { Frame, FrameColumn } from './frame.ts';
import type { Session } from './session.ts';
import { quoteName } from './source.ts';

/** How a SQL type is used: as numbers, times, text, or not at all. */
function kindOf(type: string): FrameColumn['type'] | undefined {
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|BOOLEAN|DECIMAL\(.*\))$/.test(type)) return 'number';
  if (/^(DATE|TIMESTAMP.*)$/.test(type)) return 'timestamp';
  if (/^(VARCHAR|UUID|ENUM\(.*\))$/.test(type)) return 'string';
  return undefined;
}

/** ms since the epoch, as a number, of a SQL expression of dates or times. */
function millisecondsOf(expression: string): string {
  return `(epoch_us(${expression}) / 1000.0)`;
}

interface Plan {
  readonly name: string;
  readonly kind: FrameColumn['type'];
  /** What to select: a number that is never null. */
  readonly sql: string;
  readonly categories: readonly string[];
}

/**
 * Reads a query's answer into typed arrays. Text is turned into codes inside DuckDB, so that no row becomes an object
 * and no text is decoded twice.
 *
 * @throws TABLE_COLUMN_UNSUPPORTED for lists, structures, bytes and times of day
 */
export async function readColumns(session: Session, sql: string): Promise<Frame> {
  const types = await session.describe(sql);
  for (const { name, type } of types) {
    if (!kindOf(type)) throw tableErrors.TABLE_COLUMN_UNSUPPORTED({ column: name, type });
  }
  await session.run(`create or replace temp table frame_rows as ${sql}`);
  const [counted] = await session.query('select count(*) as n from frame_rows');
  const rowCount = Number(counted?.n ?? 0);
  const plans: Plan[] = [];
  for (const [index, { name, type }] of types.entries()) plans.push(await planOf(session, name, type, index));
  const targets = plans.map(({ kind }) => (kind === 'string' ? new Int32Array(rowCount) : new Float64Array(rowCount)));
  if (rowCount > 0) await fill(session, plans, targets);
  await session.run('drop table frame_rows');
  const columns = plans.map(({ name, kind, categories }, index): readonly [string, FrameColumn] => {
    const values = targets[index];
    if (values instanceof Int32Array) return [name, { type: 'string', codes: values, categories }];
    return [name, { type: kind === 'timestamp' ? 'timestamp' : 'number', values: values ?? new Float64Array(0) }];
  });
  return { rowCount, columns: Object.fromEntries(columns) };
}

async function planOf(session: Session, name: string, type: string, index: number): Promise<Plan> {
  const column = quoteName(name);
  const kind = kindOf(type) ?? 'number';
  const numeric = kind === 'timestamp' ? millisecondsOf(column) : `cast(${column} as double)`;
  if (kind !== 'string') return { name, kind, sql: `coalesce(${numeric}, 'nan'::double)`, categories: [] };
  const text = `cast(${column} as varchar)`;
  const enumeration = `frame_text_${index}`;
  const distinct = `select distinct ${text} as v from frame_rows where ${column} is not null`;
  const values = await session.query(`${distinct} order by v`);
  if (values.length === 0) return { name, kind, sql: 'cast(-1 as integer)', categories: [] };
  await session.run(`create or replace temp type ${enumeration} as enum (${distinct} order by v)`);
  const code = `cast(enum_code(cast(${text} as ${enumeration})) as integer)`;
  return { name, kind, sql: `coalesce(${code}, -1)`, categories: values.map(({ v }) => String(v)) };
}

async function fill(session: Session, plans: readonly Plan[], targets: readonly (Int32Array | Float64Array)[]) {
  const result = await session.stream(`select ${plans.map(({ sql }) => sql).join(', ')} from frame_rows`);
  let row = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return;
    for (const [index, target] of targets.entries()) {
      const vector = chunk.getColumnVector(index);
      // The plan selects numbers that are never null.
      for (let i = 0; i < vector.itemCount; i++) target[row + i] = vector.getItem(i) as number;
    }
    row += chunk.rowCount;
  }
}
