import { Drawn, Source } from './drawn.tsx';
import { readFigure } from './plotly-reading.ts';

interface PlotlyFigureProps {
  readonly path: string;
  readonly figure: unknown;
}

/** A figure of Plotly, as far as the parts of Plotly that are shipped can draw it. */
export function PlotlyFigure({ path, figure }: PlotlyFigureProps) {
  const { traces, layout, undrawable } = readFigure(figure);
  const words = undrawable.join(', ');
  if (traces.length === 0) {
    return (
      <>
        <p className="dimmed">
          {words === '' ? 'There is nothing in this figure.' : `This page cannot draw what is drawn as ${words}.`}
        </p>
        <Source path={path} source={figure} />
      </>
    );
  }
  return (
    <>
      {words !== '' && <p className="small dimmed">Without what is drawn as {words}, which this page cannot draw.</p>}
      <Drawn
        path={path}
        source={figure}
        draw={async (element, palette) => {
          const { drawPlotly } = await import('./plotly.ts');
          return drawPlotly(element, { traces, layout, palette });
        }}
      />
    </>
  );
}
