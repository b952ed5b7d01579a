import { type Config, type Loader, parse, type Spec, View } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Palette } from '../../../charts/palette.ts';

/**
 * Draws a Vega or Vega-Lite chart. Its expressions are interpreted, so that the page needs no permission to make code
 * of text, and it can fetch nothing.
 */
export async function drawVega(element: HTMLElement, spec: unknown, palette: Palette): Promise<() => void> {
  const config = configOf(palette);
  const { $schema: schema } = spec as { $schema?: string };
  const isLite = schema?.includes('/vega-lite/');
  // The casts: what the file holds is for the two libraries to judge, which say what they cannot read.
  const full = isLite
    ? compile(spec as TopLevelSpec, { config: { ...(config as object), view: { stroke: palette.line } } }).spec
    : (spec as Spec);
  const view = new View(parse(full, isLite ? undefined : config, { ast: true }), {
    ...{ container: element, renderer: 'canvas', hover: true, loader: NOTHING_ELSE },
    expr: expressionInterpreter,
  });
  await view.runAsync();
  return () => view.finalize();
}

const refuse = (address: string) => Promise.reject(new Error(`${address} is not fetched.`));
const NOTHING_ELSE: Loader = { load: refuse, sanitize: refuse, http: refuse, file: refuse };

function configOf({ text, muted, line, series }: Palette): Config {
  const words = { labelColor: muted, titleColor: text };
  return {
    background: 'transparent',
    axis: { ...words, domainColor: line, tickColor: line, gridColor: line },
    legend: words,
    title: { color: text, subtitleColor: muted },
    style: { 'group-title': { fill: text }, 'guide-label': { fill: muted }, 'guide-title': { fill: text } },
    range: { category: [...series] },
  };
}
