import Plotly from 'plotly.js-cartesian-dist-min';
import type { Palette } from '../../../charts/palette.ts';
import { inColours } from './plotly-reading.ts';

interface PlotlyOptions {
  readonly traces: readonly unknown[];
  readonly layout: Readonly<Record<string, unknown>>;
  readonly palette: Palette;
}

/** Draws a figure as wide as the element; answers with what takes it away again. */
export async function drawPlotly(element: HTMLElement, { traces, layout, palette }: PlotlyOptions) {
  // Plotly writes into what it is given, which is kept by others.
  const figure = structuredClone({
    traces,
    layout: { ...inColours(layout, palette), width: undefined, autosize: true },
  });
  await Plotly.newPlot(element, figure.traces, figure.layout, { responsive: true, displaylogo: false });
  return () => Plotly.purge(element);
}
