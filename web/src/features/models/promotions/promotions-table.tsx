import { Link } from '@tanstack/react-router';
import type { Promotion } from '#contract';
import { counted } from '../../../format/numbers.ts';
import { instant } from '../../../format/times.ts';
import { Actor } from '../../../parts/actor.tsx';
import { type Column, DataTable } from '../../../parts/data-table.tsx';
import { Panel } from '../../../parts/panel.tsx';
import { Status } from '../../../parts/status.tsx';
import { PromotionLink } from './environments.tsx';
import { ofNeeded, TONES } from './vocabulary.ts';

interface PromotionsProps {
  readonly title: string;
  readonly promotions: readonly Promotion[];
  /** With the model of each, where they are of several. */
  readonly ofModels?: boolean;
}

/** Requests, newest first. */
export function Promotions({ title, promotions, ofModels = false }: PromotionsProps) {
  const model: Column<Promotion> = {
    id: 'model',
    header: 'Model',
    sort: (one) => one.model,
    cell: (one) => (
      <Link to="/models/$model" params={{ model: one.model }}>
        {one.model}
      </Link>
    ),
  };
  return (
    <Panel title={title} note={counted(promotions.length, 'request')} flush>
      <DataTable
        label={title}
        rows={promotions}
        rowKey={(one) => one.id}
        limit={20}
        columns={[...(ofModels ? [model] : []), ...COLUMNS]}
      />
    </Panel>
  );
}

const COLUMNS: readonly Column<Promotion>[] = [
  {
    id: 'request',
    header: 'Request',
    tight: true,
    sort: (one) => one.number,
    cell: (one) => <PromotionLink model={one.model} number={one.number} />,
  },
  {
    id: 'version',
    header: 'Version',
    sort: (one) => one.version,
    cell: (one) => (
      <Link to="/models/$model/$version" params={{ model: one.model, version: String(one.version) }}>
        v{one.version}
      </Link>
    ),
  },
  { id: 'environment', header: 'Into', sort: (one) => one.environment, cell: (one) => one.environment },
  {
    id: 'state',
    header: 'State',
    sort: (one) => one.state,
    cell: (one) => <Status tone={TONES[one.state]}>{one.state}</Status>,
  },
  { id: 'approvals', header: 'Approvals', sort: (one) => one.approvals, cell: ofNeeded },
  { id: 'by', header: 'Requested by', wide: true, cell: (one) => <Actor id={one.requestedBy} /> },
  {
    id: 'at',
    header: 'Requested',
    tight: true,
    wide: true,
    sort: (one) => one.requestedAtMs,
    cell: (one) => instant(one.requestedAtMs),
  },
];
