import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { bytes, counted } from '../../format/numbers.ts';
import { Answer } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Download } from '../../parts/download.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ArtifactPreview } from './preview/artifact-preview.tsx';

/** The files that a run left, to look at or download. */
export function Artifacts({ run }: { readonly run: string }) {
  const [open, setOpen] = useState<string>();
  const answer = useQuery({
    queryKey: ['tracking', 'artifacts', run],
    queryFn: () => client.tracking.listArtifacts({ params: { run } }),
  });
  return (
    <Panel title="Artifacts" note={answer.data && counted(answer.data.artifacts.length, 'file')} flush>
      <Answer query={answer} heightPx={80}>
        {({ artifacts }) =>
          artifacts.length === 0 ? (
            <p className="dimmed" style={{ padding: '0 16px 16px' }}>
              It left no file.
            </p>
          ) : (
            <DataTable
              label="Artifacts"
              rows={artifacts}
              rowKey={(artifact) => artifact.path}
              limit={15}
              columns={[
                {
                  id: 'path',
                  header: 'File',
                  sort: (artifact) => artifact.path,
                  cell: ({ path }) => (
                    <Download href={urlOf(run, path)} name={path.slice(path.lastIndexOf('/') + 1)} view>
                      {path}
                    </Download>
                  ),
                },
                {
                  id: 'preview',
                  header: 'Preview',
                  cell: ({ path }) => (
                    <button
                      type="button"
                      className="link-button"
                      aria-expanded={open === path}
                      aria-label={`Preview ${path}`}
                      onClick={() => setOpen(open === path ? undefined : path)}
                    >
                      {open === path ? 'Hide' : 'Show'}
                    </button>
                  ),
                },
                { id: 'type', header: 'Type', wide: true, cell: (artifact) => artifact.contentType },
                {
                  id: 'size',
                  header: 'Size',
                  align: 'number',
                  sort: (artifact) => artifact.sizeBytes,
                  cell: (artifact) => bytes(artifact.sizeBytes),
                },
              ]}
            />
          )
        }
      </Answer>
      {open !== undefined && <ArtifactPreview key={open} of={`run:${run}`} path={open} />}
    </Panel>
  );
}

function urlOf(run: string, path: string): string {
  return `/api/runs/${encodeURIComponent(run)}/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`;
}
