import { Button, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { FileEntry } from '#contract';
import { client } from '../../app/client.ts';
import { count, counted } from '../../format/numbers.ts';
import { Answer } from '../../parts/answer.tsx';
import { Panel } from '../../parts/panel.tsx';
import { CellTable } from './cell-table.tsx';

interface RowsPanelProps {
  readonly repository: string;
  readonly commit: string;
  readonly entry: FileEntry;
}

const SHOWN = 20;

/** Rows of a table, page by page, those of a condition or all of them. */
export function RowsPanel({ repository, commit, entry }: RowsPanelProps) {
  const [where, setWhere] = useState('');
  const [offset, setOffset] = useState(0);
  const { path } = entry;
  const answer = useQuery({
    queryKey: ['data', 'rows', repository, entry.object, path, where, offset],
    queryFn: () =>
      client.data.sampleRows({
        params: { repository },
        query: { ref: commit, path, offset, limit: SHOWN, ...(where === '' ? {} : { where }) },
      }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const quarantined = path.startsWith('quarantine/');
  const search = (condition: string) => {
    setWhere(condition);
    setOffset(0);
  };
  return (
    <Panel
      title={quarantined ? 'Quarantined rows' : 'Rows'}
      note={quarantined ? 'why each was set aside is in _reasons' : path}
      flush
    >
      <Condition onSearch={search} />
      <Answer query={answer} heightPx={300}>
        {(page) => (
          <>
            {page.rows.length === 0 ? (
              <p className="dimmed" style={{ padding: '0 16px 12px' }}>
                No row{where !== '' && ' meets the condition'}.
              </p>
            ) : (
              <CellTable label={`Rows of ${path}`} rows={page.rows} columns={page.columns.map(({ name }) => name)} />
            )}
            <div className="row toolbar" style={{ paddingTop: 10 }}>
              <Button variant="default" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - SHOWN))}>
                Back
              </Button>
              <Button
                variant="default"
                disabled={offset + page.rows.length >= page.matching}
                onClick={() => setOffset(offset + SHOWN)}
              >
                Next
              </Button>
              <span className="small dimmed" role="status">
                {page.rows.length > 0 && `${count(page.offset + 1)} to ${count(page.offset + page.rows.length)} of `}
                {counted(page.matching, 'row')}
              </span>
            </div>
          </>
        )}
      </Answer>
    </Panel>
  );
}

function Condition({ onSearch }: { readonly onSearch: (condition: string) => void }) {
  const [text, setText] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(text.trim());
  };
  return (
    <form className="row toolbar" onSubmit={submit}>
      <TextInput
        aria-label="Condition on columns"
        placeholder="delay < -90 and origin = 'ATL'"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        style={{ flex: '1 1 220px', maxWidth: 420 }}
      />
      <Button type="submit" variant="default">
        Filter
      </Button>
    </form>
  );
}
