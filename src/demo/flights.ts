import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTables, type Tables } from '#platform/table';
import { DAY_MS, type DemoPlan } from './plan.ts';

const MEMORY_MB = 1024;
const TRAINING_UNTIL = '2001-03-01';
/** Which tenth of the rows --fast takes: one that holds two of the three impossible delays of the file. */
const TENTH = 1;

export interface Flight {
  /** Names the flight's prediction: the day and the flight's place in it. */
  readonly id: string;
  readonly dateMs: number;
  /** Miles. */
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
  /** Minutes; below zero is early. */
  readonly delay: number;
}

export interface FlightsOfDay {
  readonly dayMs: number;
  readonly rows: readonly Flight[];
}

/** The months that the demo plays with. */
export interface Flights {
  /** A Parquet file of January and February, as the airlines reported them. */
  readonly trainingFile: string;
  of(dayMs: number): FlightsOfDay;
}

/** Reads three million flights from the `vega-datasets` package; the same plan gives the same flights. */
export async function openFlights(plan: DemoPlan, folder: string): Promise<Flights> {
  const tables = openTables({ memoryMb: MEMORY_MB, scratchFolder: join(folder, 'scratch'), threads: 2 });
  try {
    const file = flightsFile();
    const { sql: source } = await tables.from(file);
    const trainingFile = join(folder, 'flights-2001-01-02.parquet');
    await tables.writeParquet(trainingRows(source, plan.oneIn), trainingFile);
    const byDay = await sampledDays(tables, source, plan);
    return { trainingFile, of: (dayMs) => ({ dayMs, rows: byDay.get(dayMs) ?? [] }) };
  } finally {
    await tables.close();
  }
}

/** The package exports its scripts only, which lie beside its data. */
function flightsFile(): string {
  const script = fileURLToPath(import.meta.resolve('vega-datasets'));
  return join(dirname(dirname(script)), 'data', 'flights-3m.parquet');
}

function trainingRows(source: string, oneIn: number): string {
  const share = oneIn === 1 ? '' : `and md5_number_lower(${rowKey()}) % ${oneIn} = ${TENTH}`;
  return `select * from ${source} where date < timestamp '${TRAINING_UNTIL}' ${share} order by all`;
}

/** A fixed number of flights of each day, in the order in which they leave. */
async function sampledDays(tables: Tables, source: string, plan: DemoPlan): Promise<Map<number, Flight[]>> {
  const chosen = await tables.columns(`
    select date, delay, distance, origin, destination from (
      select *, row_number() over (partition by date_trunc('day', date) order by md5_number_lower(${rowKey()}), delay) as place
      from ${source}
      where date >= make_timestamp(${plan.firstDayMs * 1000}) and date < make_timestamp(${plan.endMs * 1000})
    ) where place <= ${plan.flightsPerDay} order by all`);
  const number = (name: string) => {
    const column = chosen.columns[name];
    if (!column || column.type === 'string') throw new Error(`the flights file has no numbers in "${name}"`);
    return column.values;
  };
  const text = (name: string) => {
    const column = chosen.columns[name];
    if (column?.type !== 'string') throw new Error(`the flights file has no text in "${name}"`);
    return (row: number) => column.categories[column.codes[row] as number] ?? '';
  };
  const [dates, delays, distances] = [number('date'), number('delay'), number('distance')];
  const [origin, destination] = [text('origin'), text('destination')];
  const byDay = new Map<number, Flight[]>();
  for (let row = 0; row < chosen.rowCount; row++) {
    const dateMs = dates[row] as number;
    const dayMs = Math.floor(dateMs / DAY_MS) * DAY_MS;
    const flights = byDay.get(dayMs) ?? [];
    byDay.set(dayMs, flights);
    flights.push({
      id: `${new Date(dayMs).toISOString().slice(0, 10)}-${String(flights.length).padStart(5, '0')}`,
      dateMs,
      distance: distances[row] as number,
      origin: origin(row),
      destination: destination(row),
      delay: delays[row] as number,
    });
  }
  return byDay;
}

/** What a flight is, as one text: its digest chooses without looking at anything else. */
function rowKey(): string {
  return "concat_ws('|', epoch_ms(date), origin, destination, distance, delay)";
}
