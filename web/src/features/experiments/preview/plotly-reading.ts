type Fields = Readonly<Record<string, unknown>>;

interface Figure {
  readonly traces: readonly Fields[];
  readonly layout: Fields;
  /** Kinds of traces that cannot be drawn, each once. */
  readonly undrawable: readonly string[];
}

/** What the bundle of Plotly holds that is shipped: two dimensions, without maps. */
const KINDS = new Set([
  ...['bar', 'box', 'contour', 'heatmap', 'histogram', 'histogram2d', 'histogram2dcontour', 'image', 'pie'],
  ...['scatter', 'scatterternary', 'violin'],
]);
/** Drawn by WebGL elsewhere, and the same to look at. */
const ALIKE: Readonly<Record<string, string>> = { scattergl: 'scatter', heatmapgl: 'heatmap' };

/** The traces of a figure that can be drawn, its layout, and what is left out. */
export function readFigure(figure: unknown): Figure {
  const { data, layout } = isFields(figure) ? figure : {};
  const all = (Array.isArray(data) ? data.filter(isFields) : []).map((trace) => {
    const type = typeof trace.type === 'string' ? trace.type : 'scatter';
    return { ...trace, type: ALIKE[type] ?? type };
  });
  return {
    traces: all.filter(({ type }) => KINDS.has(type)),
    layout: isFields(layout) ? layout : {},
    undrawable: [...new Set(all.map(({ type }) => type).filter((type) => !KINDS.has(type)))],
  };
}

/** A layout whose template, which fills in what the figure itself leaves open, has the colours of the page. */
export function inColours(layout: Fields, colours: { text: string; line: string; series: readonly string[] }): Fields {
  const { text, line, series } = colours;
  const template = isFields(layout.template) ? layout.template : {};
  const given = isFields(template.layout) ? template.layout : {};
  const axis = { gridcolor: line, linecolor: line, zerolinecolor: line, automargin: true };
  const clear = 'rgba(0, 0, 0, 0)';
  const axisOf = (name: string) => ({ ...(isFields(given[name]) ? given[name] : {}), ...axis });
  return {
    ...layout,
    template: {
      ...template,
      layout: {
        ...{ colorway: series, ...given, paper_bgcolor: clear, plot_bgcolor: clear },
        font: { ...(isFields(given.font) ? given.font : {}), color: text },
        ...{ xaxis: axisOf('xaxis'), yaxis: axisOf('yaxis') },
      },
    },
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
