/** A chart of many runs, as the address and saved views keep it. */
export type ChartSpec =
  | {
      readonly kind: 'lines';
      readonly metric: string;
      readonly x?: 'time' | 'relative';
      /** 0 to 0.99: how much of the value before stays in the next. */
      readonly smoothing?: number;
      readonly logX?: boolean;
      readonly logY?: boolean;
      /** Only this stretch of x, looked at closer. */
      readonly fromX?: number;
      readonly toX?: number;
      /** One line with a band for the runs that agree in this column. */
      readonly group?: string;
    }
  | {
      readonly kind: 'scatter';
      readonly x: string;
      readonly y: string;
      readonly colour?: string;
      readonly logX?: boolean;
    }
  | { readonly kind: 'parallel'; readonly columns: readonly string[]; readonly colour?: string }
  | { readonly kind: 'bar'; readonly column: string }
  | { readonly kind: 'histogram'; readonly column: string; readonly logX?: boolean }
  | { readonly kind: 'importance'; readonly target: string };

const MAX_CHARTS = 50;

/** Charts of an address or a saved view; what is none is left out. */
export function readCharts(given: unknown): readonly ChartSpec[] | undefined {
  if (!Array.isArray(given)) return undefined;
  return given.flatMap((one) => readChart(one) ?? []).slice(0, MAX_CHARTS);
}

function readChart(given: unknown): ChartSpec | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const one = given as Readonly<Record<string, unknown>>;
  const text = (name: string) =>
    typeof one[name] === 'string' && one[name] !== '' ? (one[name] as string) : undefined;
  const flag = (name: string) => (one[name] === true ? { [name]: true } : {});
  const number = (name: string) => (Number.isFinite(one[name]) ? { [name]: one[name] as number } : {});
  const optional = (name: string) => (text(name) === undefined ? {} : { [name]: text(name) });
  switch (one.kind) {
    case 'lines': {
      const metric = text('metric');
      if (metric === undefined) return undefined;
      const x: { x?: 'time' | 'relative' } = one.x === 'time' || one.x === 'relative' ? { x: one.x } : {};
      const smoothing =
        typeof one.smoothing === 'number' && one.smoothing > 0 ? { smoothing: Math.min(0.99, one.smoothing) } : {};
      return {
        kind: 'lines',
        metric,
        ...x,
        ...smoothing,
        ...flag('logX'),
        ...flag('logY'),
        ...number('fromX'),
        ...number('toX'),
        ...optional('group'),
      };
    }
    case 'scatter': {
      const [x, y] = [text('x'), text('y')];
      return x === undefined || y === undefined
        ? undefined
        : { kind: 'scatter', x, y, ...optional('colour'), ...flag('logX') };
    }
    case 'parallel': {
      const columns = Array.isArray(one.columns) ? one.columns.filter((column) => typeof column === 'string') : [];
      return columns.length === 0
        ? undefined
        : { kind: 'parallel', columns: columns.slice(0, 12), ...optional('colour') };
    }
    case 'bar':
    case 'histogram': {
      const column = text('column');
      if (column === undefined) return undefined;
      return one.kind === 'bar' ? { kind: 'bar', column } : { kind: 'histogram', column, ...flag('logX') };
    }
    case 'importance': {
      const target = text('target');
      return target === undefined ? undefined : { kind: 'importance', target };
    }
    default:
      return undefined;
  }
}
