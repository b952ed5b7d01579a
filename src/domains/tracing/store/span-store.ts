import type { Sql } from '#platform/sql';
import { ATTRIBUTES, textOf, translated, UNKNOWN_TYPE } from '../core/conventions.ts';
import { exactObject, keyValuesOf, type OtlpSpan, parseExact, toJson } from '../core/otlp.ts';
import { type Amounts, amountsIn } from '../core/usage.ts';
import type { Span, SpanStatus } from '../model.ts';
import type { TracingTables } from './schema.ts';

type SpanRow = TracingTables['tracing_span'];

/** What the column `content` holds. */
interface Content {
  readonly startNs: string;
  readonly endNs: string | null;
  readonly statusMessage: string;
  readonly service: string | null;
  readonly attributes: object;
  readonly events: readonly { readonly name: string; readonly timeNs: string; readonly attributes: object }[];
}

const ROWS_A_QUERY = 200;
const IDS_A_QUERY = 500;

/** A span as it came, with the service that sent it. */
export interface ReceivedSpan extends OtlpSpan {
  readonly service?: string | undefined;
}

/** A span as it is stored, its attributes under MLflow's names. */
export function spanOf(received: ReceivedSpan): Span {
  const attributes = translated(received.attributes);
  const type = textOf(attributes.find(({ key }) => key === ATTRIBUTES.type)?.value);
  return {
    id: received.spanId,
    parent: received.parentSpanId || null,
    name: received.name,
    type: type || UNKNOWN_TYPE,
    status: received.status.code,
    statusMessage: received.status.message,
    startNs: received.startTimeUnixNano,
    endNs: received.endTimeUnixNano === '0' ? null : received.endTimeUnixNano,
    attributes,
    events: received.events,
    service: received.service ?? null,
  };
}

/** JSON of an attribute; undefined when the span has none of the name. */
export function attributeOf(span: Span, key: string): unknown {
  const found = span.attributes.find((attribute) => attribute.key === key);
  return found && toJson(found.value);
}

/** Writes spans of a trace; one that is there already is replaced. */
export async function writeSpans(tx: Sql, trace: string, spans: readonly Span[]): Promise<void> {
  // Of one id twice in a batch the last counts: a statement must not write one row twice.
  const rows = [...new Map(spans.map((span) => [span.id, rowOf(trace, span)])).values()];
  for (let start = 0; start < rows.length; start += ROWS_A_QUERY) {
    await tx
      .tables<TracingTables>()
      .insertInto('tracing_span')
      .values(rows.slice(start, start + ROWS_A_QUERY))
      .onConflict((c) =>
        c.columns(['trace', 'id']).doUpdateSet((e) => ({
          parent: e.ref('excluded.parent'),
          name: e.ref('excluded.name'),
          type: e.ref('excluded.type'),
          status: e.ref('excluded.status'),
          started_us: e.ref('excluded.started_us'),
          ended_us: e.ref('excluded.ended_us'),
          model: e.ref('excluded.model'),
          provider: e.ref('excluded.provider'),
          usage: e.ref('excluded.usage'),
          cost: e.ref('excluded.cost'),
          content: e.ref('excluded.content'),
        })),
      )
      .execute();
  }
}

function rowOf(trace: string, span: Span): SpanRow {
  const { startNs, endNs } = span;
  const textIn = (key: string) => {
    const value = attributeOf(span, key);
    return typeof value === 'string' ? value : null;
  };
  const amountsOf = (key: string) => {
    const amounts = amountsIn(attributeOf(span, key));
    return amounts && JSON.stringify(amounts);
  };
  return {
    trace,
    id: span.id,
    parent: span.parent,
    name: span.name,
    type: span.type,
    status: span.status,
    started_us: microseconds(startNs),
    ended_us: endNs === null ? null : microseconds(endNs),
    model: textIn(ATTRIBUTES.model),
    provider: textIn(ATTRIBUTES.provider),
    usage: amountsOf(ATTRIBUTES.usage),
    cost: amountsOf(ATTRIBUTES.cost),
    content: contentOf(span),
  };
}

function contentOf({ startNs, endNs, statusMessage, service, attributes, events }: Span): string {
  const head = JSON.stringify({ startNs, endNs, statusMessage, service });
  const told = events.map(({ name, timeUnixNano, attributes: own }) => {
    const event = JSON.stringify({ name, timeNs: timeUnixNano });
    return `${event.slice(0, -1)},"attributes":${exactObject(own)}}`;
  });
  return `${head.slice(0, -1)},"attributes":${exactObject(attributes)},"events":[${told.join(',')}]}`;
}

export function microseconds(ns: string): number {
  return Number(BigInt(ns) / 1000n);
}

/** Spans by their trace, roots first, then by start. */
export async function readSpans(sql: Sql, traces: readonly string[]): Promise<ReadonlyMap<string, readonly Span[]>> {
  const spans = new Map<string, Span[]>();
  for (let start = 0; start < traces.length; start += IDS_A_QUERY) {
    const rows = await sql
      .tables<TracingTables>()
      .selectFrom('tracing_span')
      .select(['trace', 'id', 'parent', 'name', 'type', 'status', 'started_us', 'content'])
      .where('trace', 'in', traces.slice(start, start + IDS_A_QUERY))
      .execute();
    rows.sort((a, b) => Number(a.parent !== null) - Number(b.parent !== null) || a.started_us - b.started_us);
    for (const row of rows) {
      const own = spans.get(row.trace) ?? [];
      spans.set(row.trace, own);
      own.push(readSpan(row));
    }
  }
  return spans;
}

function readSpan(row: Pick<SpanRow, 'id' | 'parent' | 'name' | 'type' | 'status' | 'content'>): Span {
  // Only this store writes the columns, and only from the typed model.
  const { startNs, endNs, statusMessage, service, attributes, events } = parseExact(row.content) as Content;
  const { id, parent, name, type } = row;
  return {
    ...{ id, parent, name, type, status: row.status as SpanStatus, statusMessage, startNs, endNs, service },
    attributes: keyValuesOf(attributes),
    events: events.map((event) => ({
      name: event.name,
      timeUnixNano: event.timeNs,
      attributes: keyValuesOf(event.attributes),
    })),
  };
}

/** What the spans of a trace amount to, each with its parent. */
export async function readAmounts(sql: Sql, trace: string, what: 'usage' | 'cost') {
  const rows = await sql
    .tables<TracingTables>()
    .selectFrom('tracing_span')
    .select(['id', 'parent', what])
    .where('trace', '=', trace)
    .execute();
  return rows.map((row) => {
    const text = row[what];
    return { id: row.id, parent: row.parent, amounts: text === null ? null : (JSON.parse(text) as Amounts) };
  });
}
