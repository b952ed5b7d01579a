/**
 * The figure in a page that Plotly wrote (`write_html`, and so `mlflow.log_figure`): the arguments of its call
 * `Plotly.newPlot(id, data, layout, config)`, which are JSON. Undefined where there is no such call.
 */
export function plotlyFigureIn(
  html: string,
): { readonly data: readonly unknown[]; readonly layout: unknown } | undefined {
  const call = html.lastIndexOf('Plotly.newPlot(');
  if (call < 0) return undefined;
  const id = valueAt(html, call + 'Plotly.newPlot('.length);
  const data = id && valueAt(html, id.end);
  const layout = data && valueAt(html, data.end);
  if (!Array.isArray(data?.value)) return undefined;
  return { data: data.value as unknown[], layout: layout?.value ?? {} };
}

/** The JSON that begins after white space and commas, and where it ends. */
function valueAt(text: string, from: number): { readonly value: unknown; readonly end: number } | undefined {
  const start = from + (/^[\s,]*/.exec(text.slice(from, from + 1000))?.[0].length ?? 0);
  const end = endOf(text, start);
  if (end === undefined) return undefined;
  try {
    return { value: JSON.parse(text.slice(start, end)) as unknown, end };
  } catch {
    // A call written by hand need not hold JSON.
    return undefined;
  }
}

/** Where the string, list or object that begins at a place ends. */
function endOf(text: string, start: number): number | undefined {
  let depth = 0;
  let inText = false;
  for (let at = start; at < text.length; at++) {
    const sign = text[at];
    if (inText) {
      if (sign === '\\') at++;
      else if (sign === '"') inText = false;
    } else if (sign === '"') inText = true;
    else if (sign === '[' || sign === '{') depth++;
    else if (sign === ']' || sign === '}') depth--;
    if (depth < 0) return undefined;
    if (depth === 0 && !inText) return '"]}'.includes(sign ?? ' ') ? at + 1 : undefined;
  }
  return undefined;
}
