import type { ReactNode } from 'react';
import { bytes, figure, pValue } from '../format/numbers.ts';
import { instant, span } from '../format/times.ts';
import { Reference } from './reference.tsx';

const REFERENCE = /^(version|run|commit|endpoint|pipeline|pipeline-run|model|branch|tag|loop|monitor|study):[^\s,]+$/;

interface ValueProps {
  readonly value: unknown;
  /** Name of the field; its ending says the unit, as in `latencyMs` or `sizeBytes`. */
  readonly name?: string;
}

/**
 * Any JSON as people read it: objects as labelled lines, lists of like objects as tables, numbers with their unit.
 * For evidence and reports whose shape belongs to the domain that wrote them.
 */
export function Value({ value, name = '' }: ValueProps): ReactNode {
  if (value === null || value === undefined) return <span className="dimmed">none</span>;
  if (typeof value === 'number') return withUnit(value, name);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string' && REFERENCE.test(value)) return <Reference to={value} />;
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return <List items={value} />;
  const interval = intervalText(value);
  if (interval) return interval;
  const entries = Object.entries(value);
  if (entries.length === 0) return <span className="dimmed">none</span>;
  return (
    <dl className="value">
      {entries.map(([field, item]) => (
        <div key={field} data-nested={isNested(item) || undefined}>
          <dt>{labelOf(field)}</dt>
          <dd>
            <Value value={item} name={field} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function List({ items }: { readonly items: readonly unknown[] }) {
  if (items.length === 0) return <span className="dimmed">none</span>;
  const columns = items.every(isRecord) ? columnsOf(items) : undefined;
  if (!columns) return <Plain items={items} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-scroll" aria-label="Values" tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {labelOf(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.filter(isRecord).map((item) => (
            <tr key={JSON.stringify(item)}>
              {columns.map((column) => (
                <td key={column}>
                  <Value value={item[column]} name={column} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** All fields of the rows, those that say in words what a row is about before its figures. */
function columnsOf(rows: readonly Readonly<Record<string, unknown>>[]): string[] {
  const fields = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const isText = (field: string) => rows.some((row) => typeof row[field] === 'string');
  return fields.toSorted((a, b) => Number(isText(b)) - Number(isText(a)));
}

/** Values of one kind on one line, anything else one below the other. */
function Plain({ items }: { readonly items: readonly unknown[] }) {
  if (!items.some((item) => isNested(item) || (typeof item === 'string' && REFERENCE.test(item)))) {
    return <>{items.map(String).join(', ')}</>;
  }
  return (
    <ul className="list">
      {items.map((item) => (
        <li key={JSON.stringify(item)}>
          <Value value={item} />
        </li>
      ))}
    </ul>
  );
}

/** `{ value, low, high }` on one line: `0.45 (0.41 to 0.49)`. */
function intervalText(given: object): string | undefined {
  const { value, low, high, ...others } = given as { value?: unknown; low?: unknown; high?: unknown };
  if (Object.keys(others).length > 0) return undefined;
  if (typeof value !== 'number' || typeof low !== 'number' || typeof high !== 'number') return undefined;
  return `${figure(value)} (${figure(low)} to ${figure(high)})`;
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return isNested(value) && !Array.isArray(value);
}

// Durations are far shorter than this, times since the epoch far longer (it is March 1973).
const EARLIEST_TIME_MS = 1e11;

/** A number with the unit its name ends in. */
export function withUnit(value: number, name: string): string {
  if (/(Ms|_ms)$/.test(name) && Number.isFinite(value)) {
    return Math.abs(value) >= EARLIEST_TIME_MS ? instant(value) : span(value);
  }
  if (/(Bytes|_bytes)$/.test(name)) return bytes(value);
  if (/^[pq]Value$/.test(name)) return pValue(value);
  return figure(value);
}

/** Figures that the domains rest their decisions on, with their units. */
const LABELS: Readonly<Record<string, string>> = {
  auc: 'AUC, 0 to 1',
  brier: 'Brier score, 0 to 1',
  logLoss: 'log loss, nats',
  championLogLoss: 'log loss of the champion, nats',
  challengerLogLoss: 'log loss of the challenger, nats',
  psi: 'PSI',
  usualPsi: 'usual PSI',
  pValue: 'p-value',
  qValue: 'q-value',
  z: 'excess, sd',
  sequence: 'gathered excess, sd',
  deviation: 'deviation, sd',
};

function labelOf(field: string): string {
  return LABELS[field] ?? words(field);
}

/** `expectedLogLoss` as `expected log loss`, without a unit that {@link withUnit} prints behind the value. */
export function words(name: string): string {
  const bare = name.replace(/(?<=[a-z])(Ms|Bytes)$/, '');
  return bare.replace(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
}
