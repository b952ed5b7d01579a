import { useQuery } from '@tanstack/react-query';
import type { FileEntry } from '#contract';
import { client } from '../../app/client.ts';
import { count, counted } from '../../format/numbers.ts';
import { span } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Columns } from './columns.tsx';
import { RowsPanel } from './rows-panel.tsx';
import { ValidationPanel } from './validation-panel.tsx';

interface TablePanelsProps {
  readonly repository: string;
  readonly commit: string;
  readonly entry: FileEntry;
  /** Paths of the schemas that the commit holds. */
  readonly schemas: readonly string[];
}

/** One table of a commit: what it holds, whether it is as it should be, and its rows. */
export function TablePanels({ repository, commit, entry, schemas }: TablePanelsProps) {
  const { path } = entry;
  const profile = useQuery({
    queryKey: ['data', 'profile', repository, entry.object, path],
    queryFn: () => client.data.profile({ params: { repository }, query: { ref: commit, path } }),
    // A profile belongs to the content, which never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <>
      <Panel
        title={`Profile of ${path}`}
        note={profile.data && `${counted(profile.data.rows, 'row')}, read in ${span(profile.data.tookMs)}`}
      >
        <Answer query={profile} heightPx={360}>
          {(known) => (
            <div className="stack">
              <p className="small dimmed">
                {known.surplusRows === 0
                  ? 'No row is an exact copy of another.'
                  : `${counted(known.duplicateRows, 'row')} have exact copies; ${count(known.surplusRows)} would go if one of each were kept.`}
              </p>
              <Columns columns={known.columns} rows={known.rows} />
            </div>
          )}
        </Answer>
      </Panel>
      <ValidationPanel repository={repository} commit={commit} entry={entry} schemas={schemas} />
      <RowsPanel repository={repository} commit={commit} entry={entry} />
    </>
  );
}
