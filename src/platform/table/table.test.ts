import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Frame, type FrameColumn, openTables, quoteText } from '#platform/table';

const FLIGHTS = 'node_modules/vega-datasets/data/flights-3m.parquet';
const folder = mkdtempSync(join(tmpdir(), 'trimtab-table-'));
const tables = openTables({ memoryMb: 512, scratchFolder: join(folder, 'scratch') });
afterAll(async () => {
  await tables.close();
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('describing a file', () => {
  it('tells the schema and the rows of the flights', async () => {
    expect(await tables.describeFile(FLIGHTS)).toEqual({
      format: 'parquet',
      rowCount: 3_000_000,
      columns: [
        { name: 'date', type: 'TIMESTAMP' },
        { name: 'delay', type: 'BIGINT' },
        { name: 'distance', type: 'BIGINT' },
        { name: 'origin', type: 'VARCHAR' },
        { name: 'destination', type: 'VARCHAR' },
      ],
    });
  });

  it('reads CSV by its header, whatever divides the cells, and JSON by line or as a list', async () => {
    const csv = await tables.describeFile(file('a.csv', 'id;name\n1;"x;y"\n2;z\n'));
    expect(csv).toEqual({
      format: 'csv',
      rowCount: 2,
      columns: [
        { name: 'id', type: 'BIGINT' },
        { name: 'name', type: 'VARCHAR' },
      ],
    });
    expect((await tables.describeFile(file('a.jsonl', '{"a":1}\n{"a":2.5}\n')))?.columns).toEqual([
      { name: 'a', type: 'DOUBLE' },
    ]);
    expect((await tables.describeFile(file('a.json', '[{"a":1},{"a":2}]')))?.rowCount).toBe(2);
  });

  it('goes by the given name, and by the first bytes where there is no telling name', async () => {
    const csv = file('0a1b2c', 'a,b\n1,2\n');
    expect(await tables.describeFile(csv)).toBeUndefined();
    expect((await tables.describeFile(csv, 'raw/x.csv'))?.rowCount).toBe(1);
    const parquet = file('0a1b2d', await readFile(FLIGHTS));
    expect((await tables.describeFile(parquet))?.rowCount).toBe(3_000_000);
  });

  it('leaves files alone that claim nothing', async () => {
    expect(await tables.describeFile(file('notes.txt', 'a,b\n1\n'))).toBeUndefined();
    expect(await tables.describeFile(file('schema.json', '{"columns":[]}'))).toBeUndefined();
    expect(await tables.describeFile(file('empty.json', ''))).toBeUndefined();
  });

  it.each([
    ['text named .parquet', 'a.parquet', 'a,b\n1,2\n', 'TABLE_FILE_INVALID', /not Parquet/],
    ['no bytes', 'b.parquet', '', 'TABLE_FILE_INVALID', /0 bytes/],
    ['no bytes of CSV', 'b.csv', '', 'TABLE_FILE_INVALID', /0 bytes/],
    ['a row that is too short', 'c.csv', 'a,b,c\n1,2,3\n4,5\n6,7,8\n', 'TABLE_FILE_INVALID', /line 3 has 2 cells .* 3/],
    ['a row that is too long', 'd.csv', 'a,b\n1,2\n3,4\n5,6,7\n', 'TABLE_FILE_INVALID', /line 4 has 3 cells .* 2/],
    ['only a header', 'e.csv', 'a,b,c\n', 'TABLE_EMPTY', /no rows/],
    ['bytes that are no text', 'f.csv', 'a,b\n1,\0\n', 'TABLE_FILE_INVALID', /zero byte at position 6/],
    [
      'text that is not UTF-8',
      'g.csv',
      Buffer.from('a,b\n1,\xff\xfe\n', 'latin1'),
      'TABLE_FILE_INVALID',
      /line 2.*UTF-8/,
    ],
    ['an open quote', 'h.csv', 'a,b\n1,"x\n2,y\n', 'TABLE_FILE_INVALID', /line 2/],
    ['broken JSON', 'i.jsonl', '{"a":1}\n{"a":\n', 'TABLE_FILE_INVALID', /line/],
  ])('refuses %s, naming the file and the place', async (_, name, content, code, words) => {
    const failure = await tables.describeFile(file(name, content)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, message: expect.stringMatching(words) });
    expect((failure as Error).message).toContain(`"${name}"`);
    expect((failure as Error).message).not.toContain(folder);
  });

  it('refuses Parquet cut at its end or in its middle', async () => {
    const whole = await readFile(FLIGHTS);
    for (const kept of [4, 11, 5_000_000, whole.length - 1]) {
      const cut = file(`cut-${kept}.parquet`, whole.subarray(0, kept));
      await expect(tables.describeFile(cut)).rejects.toMatchObject({ code: 'TABLE_FILE_INVALID' });
    }
    // Both ends are right and the footer between them is not.
    const broken = file('broken.parquet', Buffer.concat([whole.subarray(0, 1000), Buffer.from('PAR1')]));
    await expect(tables.describeFile(broken)).rejects.toMatchObject({ code: 'TABLE_FILE_INVALID' });
  });

  it('reads exactly the file that a path with quotes and wildcards names', async () => {
    file('b1.csv', 'a\n1\n1\n');
    const odd = file("b[1]*'.csv", 'a\n7\n');
    expect((await tables.describeFile(odd))?.rowCount).toBe(1);
    const { sql } = await tables.from(odd);
    expect(await tables.query(`select * from ${sql}`)).toEqual([{ a: 7 }]);
  });
});

describe('queries', () => {
  it('answer in plain values', async () => {
    const [row] = await tables.query(
      `select 1::bigint as i, 9007199254740993::bigint as big, 1.25::decimal(5,2) as d, 'nan'::double as nan,
        timestamp '2001-01-01 00:01:00' as t, timestamptz '2001-01-01 00:00:00+01' as tz, date '2001-07-01' as day,
        time '10:00:00' as tod, [1, 2] as list, {'a': 1, 'b': 'x'} as struct, 'ab'::blob as bytes, null as none,
        true as yes, $1 as given, 'infinity'::timestamp as never, interval 25 hour as span`,
      ["it's"],
    );
    expect(row).toEqual({
      i: 1,
      big: '9007199254740993',
      d: 1.25,
      nan: Number.NaN,
      t: '2001-01-01T00:01:00.000Z',
      tz: '2000-12-31T23:00:00.000Z',
      day: '2001-07-01',
      tod: '10:00:00',
      list: [1, 2],
      struct: { a: 1, b: 'x' },
      bytes: 'YWI=',
      none: null,
      yes: true,
      given: "it's",
      never: 'infinity',
      span: '25:00:00',
    });
  });

  it('number rows by their place in the file', async () => {
    const flights = await tables.from(FLIGHTS);
    const rows = await tables.query(`select r, delay from ${flights.numbered('r')} where delay < -90 order by r`);
    expect(rows).toEqual([
      { r: 515_377, delay: -212 },
      { r: 869_088, delay: -953 },
      { r: 949_801, delay: -1116 },
    ]);
    const csv = await tables.from(file('n.csv', 'a\n5\n6\n7\n'));
    expect(await tables.query(`select r from ${csv.numbered('r')} where a = 7`)).toEqual([{ r: 2 }]);
  });

  it('keep to their memory and say so', async () => {
    const small = openTables({ memoryMb: 20, scratchFolder: join(folder, 'none'), threads: 1 });
    const greedy = "select max(length(s)) from (select string_agg(repeat('x', 1000), '') as s from range(200000))";
    await expect(small.query(greedy)).rejects.toMatchObject({ code: 'TABLE_MEMORY_EXCEEDED', kind: 'unavailable' });
    expect(await small.query('select 1 as one')).toEqual([{ one: 1 }]);
    await small.close();
  });
});

describe('frames', () => {
  const frame: Frame = {
    rowCount: 4,
    columns: {
      'a "b"': { type: 'number', values: Float64Array.of(1.5, Number.NaN, -3, 0) },
      at: { type: 'timestamp', values: Float64Array.of(0, 978_307_260_123, Number.NaN, -86_400_000) },
      place: { type: 'string', codes: Int32Array.of(1, -1, 0, 1), categories: ["O'Hare", 'ß'] },
      blank: { type: 'string', codes: Int32Array.of(-1, -1, -1, -1), categories: [] },
    },
  };

  it('come back as they were written', async () => {
    const path = join(folder, 'frame.parquet');
    expect((await tables.writeFrame(frame, path)).rowCount).toBe(4);
    expect(await tables.columns(`select * from ${(await tables.from(path)).sql}`)).toEqual(frame);
    expect((await tables.describeFile(path))?.columns.map(({ type }) => type)).toEqual([
      'DOUBLE',
      'TIMESTAMP',
      'VARCHAR',
      'VARCHAR',
    ]);
  });

  it('hold a million flights in the order of the file', async () => {
    const { sql } = await tables.from(FLIGHTS);
    const { rowCount, columns } = await tables.columns(`select * from ${sql} limit 1000000`);
    expect(rowCount).toBe(1_000_000);
    const { delay, date, origin } = columns;
    expect(delay?.type === 'number' && delay.values[949_801]).toBe(-1116);
    expect(date?.type === 'timestamp' && new Date(date.values[949_801] ?? 0).toISOString()).toBe(
      '2001-02-27T23:10:00.000Z',
    );
    expect(origin?.type === 'string' && origin.categories[origin.codes[949_801] ?? -1]).toBe('MIA');
    const path = join(folder, 'million.parquet');
    await tables.writeFrame({ rowCount, columns }, path, { rowGroupRows: 20_480 });
    const [groups] = await tables.query(`select num_row_groups as n from parquet_file_metadata(${quoteText(path)})`);
    expect(groups).toEqual({ n: 49 });
    const back = await tables.columns(`select * from ${(await tables.from(path)).sql}`);
    expect(Object.keys(back.columns)).toEqual(Object.keys(columns));
    for (const [name, column] of Object.entries(columns)) expect(sameColumn(back.columns[name], column)).toBe(true);
  });

  it('refuse what is neither number, text nor time', async () => {
    await expect(tables.columns('select [1] as list')).rejects.toMatchObject({ code: 'TABLE_COLUMN_UNSUPPORTED' });
  });

  it('may have no rows', async () => {
    const empty = await tables.columns("select 1.0 as a, 'x' as b where false");
    expect(empty).toEqual({
      rowCount: 0,
      columns: {
        a: { type: 'number', values: new Float64Array(0) },
        b: { type: 'string', codes: new Int32Array(0), categories: [] },
      },
    });
  });
});

/** Byte by byte: comparing millions of numbers through the assertion library takes many seconds. */
function sameColumn(a: FrameColumn | undefined, b: FrameColumn): boolean {
  const bytes = (column: FrameColumn) =>
    new Uint8Array(column.type === 'string' ? column.codes.buffer : column.values.buffer);
  const texts = (column: FrameColumn) => (column.type === 'string' ? column.categories : []);
  return a?.type === b.type && Buffer.compare(bytes(a), bytes(b)) === 0 && `${texts(a)}` === `${texts(b)}`;
}
