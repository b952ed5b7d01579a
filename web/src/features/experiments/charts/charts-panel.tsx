import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconArrowsDiagonal, IconSettings, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { Waiting } from '../../../parts/answer.tsx';
import { Empty } from '../../../parts/empty.tsx';
import { headerOf, splitColumn } from '../table/columns.ts';
import { ChartEditor } from './chart-editor.tsx';
import type { ChartSpec } from './chart-specs.ts';
import { ImportanceChart } from './importance-chart.tsx';
import { LinesChart } from './lines-chart.tsx';
import { BarChart, HistogramChart, ParallelChart, ScatterChart } from './points-charts.tsx';
import { MAX_SELECTED, type RunSet, useChanging } from './run-set.ts';

const KINDS: Readonly<Record<ChartSpec['kind'], string>> = {
  lines: 'Lines',
  scatter: 'Scatter',
  parallel: 'Parallel coordinates',
  bar: 'Bars',
  histogram: 'Histogram',
  importance: 'Importance of params',
};

interface ChartsPanelProps {
  readonly set: RunSet;
  readonly columns: readonly string[];
  /** Charts that were chosen; some to begin with when none were. */
  readonly charts: readonly ChartSpec[] | undefined;
  readonly onChange: (charts: readonly ChartSpec[]) => void;
}

/** Charts of the runs that are selected, or of those that the table finds. */
export function ChartsPanel({ set, columns, charts, onChange }: ChartsPanelProps) {
  const metrics = columns.filter((column) => splitColumn(column).kind === 'metrics').map((one) => splitColumn(one).key);
  const changing = useChanging(set, metrics, charts === undefined);
  const shown = charts ?? (changing === undefined ? [] : firstCharts(columns, changing));
  const isWaiting = charts === undefined && changing === undefined;
  const [editing, setEditing] = useState<number>();
  const [large, setLarge] = useState<number>();
  const replace = (at: number, spec: ChartSpec) => onChange(shown.with(at, spec));
  const add = (kind: ChartSpec['kind']) => {
    const spec = newChart(kind, columns);
    if (!spec) return;
    onChange([...shown, spec]);
    setEditing(shown.length);
  };
  return (
    <div className="charts">
      <div className="row toolbar">
        <span className="small dimmed">{whichRuns(set)}</span>
        <Menu position="bottom-start" shadow="md">
          <Menu.Target>
            <Button variant="default">Add a chart</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {(Object.keys(KINDS) as ChartSpec['kind'][]).map((kind) => (
              <Menu.Item key={kind} disabled={newChart(kind, columns) === undefined} onClick={() => add(kind)}>
                {KINDS[kind]}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
      {isWaiting && <Waiting heightPx={240} />}
      {shown.length === 0 && !isWaiting && (
        <Empty title="No chart yet">Add one above. Columns of the table are what it begins with.</Empty>
      )}
      <div className="columns chart-grid">
        {shown.map((spec, at) => {
          const title = titleOf(spec);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a chart is its place in the list
            <section key={at} className="card" aria-label={title} data-large={large === at || undefined}>
              <div className="row chart-title">
                <h3>{title}</h3>
                <span className="row" style={{ gap: 2 }}>
                  <Tool label={`Settings of ${title}`} onClick={() => setEditing(editing === at ? undefined : at)}>
                    <IconSettings size={15} aria-hidden />
                  </Tool>
                  <Tool label={`Enlarge ${title}`} onClick={() => setLarge(large === at ? undefined : at)}>
                    <IconArrowsDiagonal size={15} aria-hidden />
                  </Tool>
                  <Tool label={`Take ${title} away`} onClick={() => onChange(shown.toSpliced(at, 1))}>
                    <IconX size={15} aria-hidden />
                  </Tool>
                </span>
              </div>
              {editing === at && (
                <ChartEditor experiments={set.experiments} spec={spec} onChange={(next) => replace(at, next)} />
              )}
              <Drawn spec={spec} set={set} heightPx={large === at ? 480 : 240} />
            </section>
          );
        })}
      </div>
    </div>
  );
}

interface ToolProps {
  readonly label: string;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}

function Tool({ label, onClick, children }: ToolProps) {
  return (
    <ActionIcon variant="subtle" size="sm" aria-label={label} title={label} onClick={onClick}>
      {children}
    </ActionIcon>
  );
}

interface DrawnProps {
  readonly spec: ChartSpec;
  readonly set: RunSet;
  readonly heightPx: number;
}

function Drawn({ spec, set, heightPx }: DrawnProps) {
  switch (spec.kind) {
    case 'lines':
      return <LinesChart spec={spec} set={set} heightPx={heightPx} />;
    case 'scatter':
      return <ScatterChart spec={spec} set={set} heightPx={heightPx} />;
    case 'parallel':
      return <ParallelChart spec={spec} set={set} heightPx={heightPx} />;
    case 'bar':
      return <BarChart spec={spec} set={set} heightPx={heightPx} />;
    case 'histogram':
      return <HistogramChart spec={spec} set={set} heightPx={heightPx} />;
    case 'importance':
      return <ImportanceChart spec={spec} set={set} />;
  }
}

function whichRuns({ selected }: RunSet): string {
  if (selected.length === 0)
    return 'Of the runs that the table finds, in its order. Select runs there to draw only those.';
  if (selected.length > MAX_SELECTED) return `Of the first ${MAX_SELECTED} of the ${selected.length} selected runs.`;
  return selected.length === 1 ? 'Of the selected run.' : `Of the ${selected.length} selected runs.`;
}

function titleOf(spec: ChartSpec): string {
  switch (spec.kind) {
    case 'lines':
      return spec.metric;
    case 'scatter':
      return `${headerOf(spec.y)} over ${headerOf(spec.x)}`;
    case 'parallel':
      return 'Runs over params';
    case 'importance':
      return `What ${headerOf(spec.target)} goes along with`;
    default:
      return `${headerOf(spec.column)}, ${spec.kind === 'bar' ? 'by run' : 'how often'}`;
  }
}

function newChart(kind: ChartSpec['kind'], columns: readonly string[]): ChartSpec | undefined {
  const metrics = columns.filter((column) => splitColumn(column).kind === 'metrics');
  const params = columns.filter((column) => splitColumn(column).kind === 'params');
  const [metric] = metrics;
  if (metric === undefined) return undefined;
  const [x = 'startedAt'] = params;
  if (kind === 'lines') return { kind, metric: splitColumn(metric).key };
  if (kind === 'scatter') return { kind, x, y: metric };
  if (kind === 'parallel') return { kind, columns: [...params.slice(0, 6), metric], colour: metric };
  return kind === 'importance' ? { kind, target: metric } : { kind, column: metric };
}

/** What shows most of the columns of the table: lines of metrics that changed, and how one goes along with params. */
function firstCharts(columns: readonly string[], changing: readonly string[]): readonly ChartSpec[] {
  const isChanging = (column: string) => changing.includes(splitColumn(column).key);
  const ordered = columns.toSorted((a, b) => Number(isChanging(b)) - Number(isChanging(a)));
  const hasParams = columns.some((column) => splitColumn(column).kind === 'params');
  const lines = changing.slice(0, 2).map((metric) => ({ kind: 'lines' as const, metric }));
  const others = hasParams ? (['scatter', 'histogram', 'parallel', 'importance'] as const) : (['histogram'] as const);
  return [...lines, ...others.flatMap((kind) => newChart(kind, ordered) ?? [])];
}
