import { Link } from '@tanstack/react-router';
import type { CatalogEntry } from '#contract';
import { gist } from '../../../format/gist.ts';
import { counted, figure } from '../../../format/numbers.ts';
import { instant } from '../../../format/times.ts';
import { type Column, DataTable, type Order } from '../../../parts/data-table.tsx';
import { GateStatus } from '../gate-status.tsx';
import { metricName, telling } from '../metrics.ts';

/** Metrics that a table of models has room for. */
const METRICS = 2;

interface EntriesProps {
  readonly entries: readonly CatalogEntry[];
  readonly order: Order | undefined;
  readonly onOrder: (order: Order) => void;
}

/** Models of the catalog, or their versions, in the order the server gave. */
export function Entries({ entries, order, onOrder }: EntriesProps) {
  const names = telling(
    entries.flatMap(({ version }) => Object.keys(version?.metrics ?? {})),
    METRICS,
  );
  return (
    <DataTable
      label="Registered models"
      rows={entries}
      rowKey={({ model, version }) => `${model}/${version?.version}`}
      order={order}
      onOrder={onOrder}
      columns={[MODEL, VERSION, ...PLACES, ...names.map(metricColumn), MADE]}
      isSorted
    />
  );
}

const MODEL: Column<CatalogEntry> = {
  id: 'model',
  header: 'Model',
  long: true,
  sort: ({ model }) => model,
  cell: ({ model, description, version }) => (
    <>
      <Link to="/models/$model" params={{ model }}>
        {model}
      </Link>
      {(version?.description || description) && (
        <div className="small dimmed two-lines">{gist(description || (version?.description ?? ''))}</div>
      )}
    </>
  ),
};

const VERSION: Column<CatalogEntry> = {
  id: 'version',
  header: 'Version',
  align: 'number',
  sort: ({ version }) => version?.version,
  cell: ({ model, version, versions, matching }) => {
    if (!version) return 'none';
    const others = matching - 1;
    return (
      <>
        <Link to="/models/$model/$version" params={{ model, version: String(version.version) }}>
          v{version.version}
        </Link>
        {others > 0 && <div className="small dimmed">{counted(others, 'other')}</div>}
        {others === 0 && versions > 1 && <div className="small dimmed">of {versions}</div>}
      </>
    );
  },
};

const PLACES: readonly Column<CatalogEntry>[] = [
  { id: 'alias', header: 'Aliases', cell: ({ version }) => version?.aliases.join(', ') || '–' },
  { id: 'environment', header: 'Environments', cell: ({ version }) => version?.environments.join(', ') || '–' },
  {
    id: 'gate',
    header: 'Gate',
    sort: ({ version }) => version && String(version.gatePassed),
    cell: ({ version }) => (version ? <GateStatus passed={version.gatePassed} /> : '–'),
  },
];

const MADE: Column<CatalogEntry> = {
  id: 'created',
  header: 'Registered',
  tight: true,
  wide: true,
  sort: ({ version }) => version?.createdAtMs,
  cell: ({ version }) => (version ? instant(version.createdAtMs) : '–'),
};

function metricColumn(name: string): Column<CatalogEntry> {
  return {
    id: `metrics."${name}"`,
    header: metricName(name),
    align: 'number',
    wide: true,
    sort: ({ version }) => version?.metrics[name],
    cell: ({ version }) => {
      const value = version?.metrics[name];
      return value === undefined ? '–' : figure(value);
    },
  };
}
