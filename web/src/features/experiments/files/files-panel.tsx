import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { client } from '../../../app/client.ts';
import { counted } from '../../../format/numbers.ts';
import { Answer } from '../../../parts/answer.tsx';
import { Download } from '../../../parts/download.tsx';
import { Panel } from '../../../parts/panel.tsx';
import { ArtifactPreview } from '../preview/artifact-preview.tsx';
import { fileAddress } from '../preview/file-address.ts';
import { FileTree } from './file-tree.tsx';

interface FilesPanelProps {
  /** Whose files they are, e.g. `run:<id>`. */
  readonly of: string;
  readonly chosen: string | undefined;
  readonly onChoose: (path: string) => void;
}

/** The files that were left, as a tree, with what the chosen one holds beside it. */
export function FilesPanel({ of, chosen, onChoose }: FilesPanelProps) {
  const answer = useQuery({
    queryKey: ['tracking', 'files', of, ''],
    queryFn: () => client.tracking.browseArtifacts({ query: { of } }),
  });
  const box = useRef<HTMLDivElement>(null);
  const isLinked = useRef(chosen !== undefined);
  useEffect(() => {
    if (!isLinked.current || answer.data === undefined) return;
    // A link to a file leads to the file, which is far down the page.
    isLinked.current = false;
    box.current?.scrollIntoView({ block: 'start' });
  }, [answer.data]);
  const entries = answer.data?.entries ?? [];
  const folders = entries.filter(({ isFolder }) => isFolder).length;
  const counts = [
    ...(folders > 0 ? [counted(folders, 'folder')] : []),
    ...(entries.length > folders ? [counted(entries.length - folders, 'file')] : []),
  ];
  return (
    <Panel title="Files" note={counts.length > 0 && `${counts.join(' and ')} at the top`} flush>
      <Answer query={answer} heightPx={120}>
        {() =>
          entries.length === 0 ? (
            <p className="dimmed" style={{ padding: '0 16px 16px' }}>
              It left no file.
            </p>
          ) : (
            <div className="files" ref={box}>
              <FileTree key={of} of={of} chosen={chosen} onChoose={onChoose} />
              <div className="file-shown">
                {chosen === undefined ? (
                  <p className="dimmed">Choose a file to see what it holds.</p>
                ) : (
                  <>
                    <div className="file-title">
                      <strong className="mono">{chosen}</strong>
                      <Download href={fileAddress(of, chosen)} name={chosen.slice(chosen.lastIndexOf('/') + 1)}>
                        Save
                      </Download>
                    </div>
                    <ArtifactPreview key={chosen} of={of} path={chosen} />
                  </>
                )}
              </div>
            </div>
          )
        }
      </Answer>
    </Panel>
  );
}
