import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ArtifactPreview as Preview } from '#contract';
import { client } from '../../app/client.ts';
import { fetchWithToken } from '../../app/token.ts';
import { Lines } from '../../charts/lines.tsx';
import { bytes, count, counted, figure } from '../../format/numbers.ts';
import { Answer, Failure, Waiting } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';

interface ArtifactPreviewProps {
  readonly run: string;
  readonly path: string;
}

/** Media larger than this is for saving. */
const MAX_MEDIA_BYTES = 100 * 2 ** 20;

/** What a file holds, as far as a page can show it. */
export function ArtifactPreview({ run, path }: ArtifactPreviewProps) {
  const answer = useQuery({
    queryKey: ['tracking', 'preview', run, path],
    queryFn: () => client.tracking.previewArtifact({ query: { of: `run:${run}`, path } }),
  });
  return (
    <section className="preview" aria-label={`What ${path} holds`}>
      <Answer query={answer} heightPx={160}>
        {(preview) => <Shown run={run} preview={preview} />}
      </Answer>
    </section>
  );
}

function Shown({ run, preview }: { readonly run: string; readonly preview: Preview }) {
  const { kind, path, sizeBytes, table, text, matrix, curves } = preview;
  if (kind === 'image' || kind === 'audio' || kind === 'video') {
    return sizeBytes > MAX_MEDIA_BYTES ? (
      <p className="dimmed">{bytes(sizeBytes)} are too much to be shown here.</p>
    ) : (
      <Media run={run} path={path} kind={kind} />
    );
  }
  if (table) return <Table path={path} table={table} />;
  if (matrix) return <Matrix matrix={matrix} />;
  if (curves) return <Curves curves={curves} isRoc={kind === 'roc-curve'} />;
  if (kind === 'html' && text) {
    // Without any permission: no script of the file runs, and it sees nothing of this page.
    return <iframe title={path} sandbox="" srcDoc={text.content} className="html-preview" />;
  }
  const content = text?.content ?? (preview.chart === null ? undefined : JSON.stringify(preview.chart, null, 2));
  if (content === undefined)
    return <p className="dimmed">Nothing of this file can be shown. Follow its name to save it.</p>;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="log" aria-label={path} tabIndex={0}>
        <pre>{content}</pre>
      </section>
      {text?.complete === false && <p className="small dimmed">It goes on; follow its name to save all of it.</p>}
    </>
  );
}

type MediaKind = 'image' | 'audio' | 'video';

/** Bytes that the browser shows by itself, fetched with the token of the page. */
function Media({ run, path, kind }: ArtifactPreviewProps & { readonly kind: MediaKind }) {
  const [url, setUrl] = useState<string>();
  const [error, setError] = useState<Error>();
  useEffect(() => {
    let made: string | undefined;
    let gone = false;
    const href = `/api/artifacts/file?of=${encodeURIComponent(`run:${run}`)}&path=${encodeURIComponent(path)}`;
    void fetchWithToken(href)
      .then(async (response) => {
        if (!response.ok) throw new Error(`${path} could not be fetched: HTTP ${response.status}.`);
        const blob = await response.blob();
        if (gone) return;
        made = URL.createObjectURL(blob);
        setUrl(made);
      })
      .catch((problem: unknown) => setError(problem instanceof Error ? problem : new Error(String(problem))));
    return () => {
      gone = true;
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [run, path]);
  if (error) return <Failure error={error} />;
  if (url === undefined) return <Waiting heightPx={160} />;
  if (kind === 'image') return <img src={url} alt={path} className="media" />;
  // biome-ignore lint/a11y/useMediaCaption: what a run left has no captions
  return kind === 'audio' ? <audio src={url} controls /> : <video src={url} controls className="media" />;
}

function Table({ path, table }: { readonly path: string; readonly table: NonNullable<Preview['table']> }) {
  const { columns, rows, totalRows } = table;
  return (
    <>
      <DataTable
        label={path}
        rows={rows}
        rowKey={(_, index) => index}
        limit={20}
        columns={columns.map(({ name, type }, place) => ({
          id: `${place}`,
          header: name,
          align: type === 'number' ? ('number' as const) : undefined,
          sort: (row: (typeof rows)[number]) => {
            const cell = row[place];
            return typeof cell === 'boolean' ? String(cell) : cell;
          },
          cell: (row: (typeof rows)[number]) => {
            const cell = row[place];
            return typeof cell === 'number' ? figure(cell) : String(cell ?? '–');
          },
        }))}
      />
      <p className="small dimmed grid-note">
        {totalRows === null
          ? `The first ${counted(rows.length, 'row')}.`
          : `${count(rows.length)} of ${counted(totalRows, 'row')}.`}
      </p>
    </>
  );
}

function Matrix({ matrix }: { readonly matrix: NonNullable<Preview['matrix']> }) {
  const rows = matrix.counts.map((counts, place) => ({ label: matrix.labels[place] ?? String(place), counts }));
  return (
    <DataTable
      label="Confusion matrix"
      rows={rows}
      rowKey={({ label }) => label}
      columns={[
        { id: 'true', header: 'true class \\ predicted', cell: ({ label }) => label },
        ...matrix.labels.map((label, place) => ({
          id: `predicted ${label}`,
          header: label,
          align: 'number' as const,
          cell: (row: (typeof rows)[number]) => figure(row.counts[place] ?? 0),
        })),
      ]}
    />
  );
}

interface CurvesProps {
  readonly curves: NonNullable<Preview['curves']>;
  readonly isRoc: boolean;
}

function Curves({ curves, isRoc }: CurvesProps) {
  return (
    <Lines
      label={isRoc ? 'True positive rate over false positive rate.' : 'Precision over recall.'}
      x="value"
      xName={isRoc ? 'false positive rate' : 'recall'}
      yName={isRoc ? 'true positive rate' : 'precision'}
      series={curves.map(({ name, x, y }, index) => ({
        name: name || `curve ${index + 1}`,
        points: x.map((at, i) => ({ x: at, y: y[i] ?? null })),
      }))}
    />
  );
}
