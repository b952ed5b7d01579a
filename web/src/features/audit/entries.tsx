import { Link } from '@tanstack/react-router';
import type { AuditEntry } from '#contract';
import { percent } from '../../format/numbers.ts';
import { preciseInstant } from '../../format/times.ts';
import { Actor } from '../../parts/actor.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Reference } from '../../parts/reference.tsx';
import { ShortId } from '../../parts/short-id.tsx';
import { Value } from '../../parts/value.tsx';

/** Entries of the log as a table; evidence and digests unfold. */
export function Entries({ entries }: { readonly entries: readonly AuditEntry[] }) {
  return (
    <DataTable
      label="Moves of pointers"
      rows={entries}
      rowKey={(entry) => entry.sequence}
      columns={[
        {
          id: 'pointer',
          header: 'What was moved, from and to',
          long: true,
          cell: (entry) => (
            <>
              <Reference to={entry.pointer} />{' '}
              <Link to="/audit" search={{ pointer: entry.pointer }} className="small dimmed">
                its moves
              </Link>
              <Move entry={entry} />
              <div className="small dimmed">
                {preciseInstant(entry.atMs)}, no. {entry.sequence}
              </div>
            </>
          ),
        },
        {
          id: 'why',
          header: 'Why',
          long: true,
          cell: (entry) => (
            <>
              {entry.reason}
              <details className="disclosure small">
                <summary>Evidence and digests</summary>
                <Evidence entry={entry} />
              </details>
            </>
          ),
        },
        { id: 'actor', header: 'Who', wide: true, cell: (entry) => <Actor id={entry.actor} /> },
      ]}
    />
  );
}

/** Where a pointer was and is, on one line: `steady → retraining`. */
function Move({ entry: { pointer, from, to } }: { readonly entry: AuditEntry }) {
  if (from === null && to === null) return null;
  return (
    <div>
      {from !== null && (
        <>
          <span className="dimmed">
            <Place pointer={pointer} text={from} />
          </span>{' '}
          →{' '}
        </>
      )}
      {to === null ? 'taken away' : <Place pointer={pointer} text={to} />}
    </div>
  );
}

/** The traffic of an endpoint by variant, as in `champion=version:delays/2@7000`: weights are ten-thousandths. */
const SHARE = /^([^=\s]+)=(version:\S+)@(\d+)$/;

function Shares({ shares }: { readonly shares: readonly RegExpExecArray[] }) {
  return shares.map(([whole, variant, version = '', weight], index) => (
    <span key={whole}>
      {index > 0 && ', '}
      {variant} <Reference to={version} /> {percent(Number(weight) / 10_000, 0)}
    </span>
  ));
}

/** A branch is at a commit; any other digest is cut, and everything else, such as a state, is shown whole. */
function Place({ pointer, text }: { readonly pointer: string; readonly text: string }) {
  if (/^[0-9a-f]{32,}$/.test(text)) {
    const repository = /^(?:branch|tag):([^/]+)\//.exec(pointer)?.[1];
    return repository ? <Reference to={`commit:${repository}/${text}`} /> : <ShortId id={text} />;
  }
  const parts = text.split(', ');
  const shares = parts.map((part) => SHARE.exec(part)).filter((found) => found !== null);
  if (shares.length === parts.length) return <Shares shares={shares} />;
  return /^[a-z-]+:[^,=\s]+$/.test(text) ? <Reference to={text} /> : text;
}

function Evidence({ entry }: { readonly entry: AuditEntry }) {
  return (
    <div style={{ marginTop: 6 }}>
      {entry.evidence !== null && <Value value={entry.evidence} />}
      <Value
        value={{
          actor: entry.actor,
          digest: entry.digest,
          digestOfTheEntryBefore: entry.previousDigest,
          digestOfTheEvidence: entry.evidenceDigest,
        }}
      />
    </div>
  );
}
