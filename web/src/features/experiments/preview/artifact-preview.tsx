import { useQuery } from '@tanstack/react-query';
import type { ArtifactPreview as Preview } from '#contract';
import { client } from '../../../app/client.ts';
import { bytes } from '../../../format/numbers.ts';
import { Answer } from '../../../parts/answer.tsx';
import { Markdown } from '../../../parts/markdown.tsx';
import { Curves, Matrix } from './evaluation.tsx';
import { Media } from './media.tsx';
import { PlotlyFigure } from './plotly-figure.tsx';
import { TablePreview } from './table-preview.tsx';
import { TextPreview } from './text-preview.tsx';
import { VegaChart } from './vega-chart.tsx';

interface ArtifactPreviewProps {
  /** Whose file it is, e.g. `run:<id>`. */
  readonly of: string;
  readonly path: string;
}

/** Media larger than this is for saving. */
const MAX_MEDIA_BYTES = 100 * 2 ** 20;

/** What a file holds, as far as a page can show it. */
export function ArtifactPreview({ of, path }: ArtifactPreviewProps) {
  const answer = useQuery({
    queryKey: ['tracking', 'preview', of, path],
    queryFn: () => client.tracking.previewArtifact({ query: { of, path } }),
  });
  return (
    <section className="file-preview" aria-label={`What ${path} holds`}>
      <Answer query={answer} heightPx={160}>
        {(preview) => <Shown of={of} preview={preview} />}
      </Answer>
    </section>
  );
}

function Shown({ of, preview }: { readonly of: string; readonly preview: Preview }) {
  const { kind, path, sizeBytes, table, text, chart, matrix, curves } = preview;
  if (sizeBytes === 0) return <p className="dimmed">The file is empty.</p>;
  if (kind === 'image' || kind === 'audio' || kind === 'video') {
    return sizeBytes > MAX_MEDIA_BYTES ? (
      <p className="dimmed">{bytes(sizeBytes)} are too much to be shown here.</p>
    ) : (
      <Media of={of} path={path} kind={kind} />
    );
  }
  if (matrix) return <Matrix matrix={matrix} />;
  if (curves) return <Curves curves={curves} isRoc={kind === 'roc-curve'} />;
  if (table) return <TablePreview path={path} table={table} />;
  if (kind === 'plotly') return <PlotlyFigure path={path} figure={chart} />;
  if (kind === 'vega') return <VegaChart path={path} spec={chart} />;
  if (text === null) return <p className="dimmed">Nothing of this file can be shown. Save it to look at it.</p>;
  if (kind === 'html') {
    // Without any permission: no script of the file runs, and it sees nothing of this page.
    return <iframe title={path} sandbox="" srcDoc={text.content} className="html-preview" />;
  }
  return (
    <>
      {kind === 'markdown' ? (
        <Markdown text={text.content} />
      ) : (
        <TextPreview path={path} text={kind === 'json' && text.complete ? indented(text.content) : text.content} />
      )}
      {!text.complete && <p className="small dimmed">It goes on; save it to read all of it.</p>}
    </>
  );
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    // It only claims to be JSON, and is shown as the text that it is.
    return json;
  }
}
