import type { ColumnPair, FigurePair, SegmentPair, VersionComparison } from '#contract';
import { counted, figure } from '../../../format/numbers.ts';
import { type Column, DataTable } from '../../../parts/data-table.tsx';
import { Panel } from '../../../parts/panel.tsx';
import { Reference } from '../../../parts/reference.tsx';
import { ShortId } from '../../../parts/short-id.tsx';
import { Status, type Tone } from '../../../parts/status.tsx';
import { metricName } from '../metrics.ts';

const MANY = 30;

interface FiguresProps {
  readonly title: string;
  readonly found: VersionComparison;
  readonly figures: readonly FigurePair[];
}

/** Figures of both with their difference, right minus left. */
export function Figures({ title, found, figures }: FiguresProps) {
  const ofRuns = [found.left, found.right].some(({ metricsFrom }) => metricsFrom === 'run');
  return (
    <Panel title={title} note={ofRuns ? 'of their runs, where they have none of their own' : 'right minus left'} flush>
      {figures.length === 0 ? (
        <Nothing>Neither has any.</Nothing>
      ) : (
        <DataTable
          label={title}
          rows={figures}
          rowKey={(pair) => pair.name}
          limit={MANY}
          columns={[
            { id: 'name', header: 'Metric', sort: byName, cell: ({ name }) => metricName(name) },
            ...sides(found),
          ]}
        />
      )}
    </Panel>
  );
}

const byName = ({ name }: { readonly name: string }) => name;

function sides({ left, right }: VersionComparison): Column<FigurePair>[] {
  return [
    {
      id: 'left',
      header: titleOf(left),
      align: 'number',
      sort: (pair) => pair.left,
      cell: (pair) => number(pair.left),
    },
    {
      id: 'right',
      header: titleOf(right),
      align: 'number',
      sort: (pair) => pair.right,
      cell: (pair) => number(pair.right),
    },
    {
      id: 'difference',
      header: 'Difference',
      align: 'number',
      sort: (pair) => pair.difference,
      cell: (pair) => signed(pair.difference),
    },
  ];
}

function titleOf({ version, model }: VersionComparison['left']): string {
  return `${model} v${version}`;
}

function number(value: number | null): string {
  return value === null ? '–' : figure(value);
}

function signed(value: number | null): string {
  return value === null ? '–' : value > 0 ? `+${figure(value)}` : figure(value);
}

const CHANGES: Readonly<Record<ColumnPair['change'], Tone>> = {
  added: 'ok',
  removed: 'failed',
  changed: 'warning',
  same: 'neutral',
};

/** Columns that each takes, changed ones first. */
export function Columns({ found }: { readonly found: VersionComparison }) {
  const { signature } = found;
  const changed = signature.columns.filter(({ change }) => change !== 'same').length;
  const answers =
    signature.leftOutput === signature.rightOutput
      ? `both answer ${signature.leftOutput || 'nothing'}`
      : `${signature.leftOutput} became ${signature.rightOutput}`;
  return (
    <Panel
      title="Signature"
      note={signature.known ? `${counted(changed, 'column')} differ, ${answers}` : undefined}
      flush
    >
      {!signature.known ? (
        <Nothing>One of them has no signature, neither of its own nor in an MLmodel file.</Nothing>
      ) : (
        <DataTable
          label="Columns of both"
          rows={signature.columns}
          rowKey={(pair) => pair.name}
          limit={Math.max(10, changed)}
          columns={[
            { id: 'name', header: 'Input column', sort: byName, cell: ({ name }) => name },
            {
              id: 'change',
              header: 'Change',
              cell: ({ change }) => <Status tone={CHANGES[change]}>{change}</Status>,
            },
            { id: 'left', header: titleOf(found.left), cell: ({ left }) => typeOf(left) },
            { id: 'right', header: titleOf(found.right), cell: ({ right }) => typeOf(right) },
          ]}
        />
      )}
    </Panel>
  );
}

function typeOf(side: ColumnPair['left']): string {
  return side === null ? '–' : `${side.type}${side.nullable ? ' or missing' : ''}`;
}

interface Fact {
  readonly id?: string;
  readonly name: string;
  readonly left: React.ReactNode;
  readonly right: React.ReactNode;
  readonly same: boolean;
}

/** Where they come from: run, code, data, params and tags. Those that differ come first. */
export function Facts({ found }: { readonly found: VersionComparison }) {
  const facts = factsOf(found).toSorted((a, b) => Number(a.same) - Number(b.same));
  const differing = facts.filter(({ same }) => !same).length;
  return (
    <Panel title="Where they come from" note={`${counted(differing, 'fact')} differ`} flush>
      <DataTable
        label="Where they come from"
        rows={facts}
        rowKey={({ id, name }) => id ?? name}
        limit={Math.max(MANY, differing)}
        columns={[
          {
            id: 'name',
            header: 'Fact',
            cell: ({ name, same }) => <span className={same ? 'dimmed' : ''}>{name}</span>,
          },
          { id: 'left', header: titleOf(found.left), long: true, cell: ({ left }) => left },
          { id: 'right', header: titleOf(found.right), long: true, cell: ({ right }) => right },
        ]}
      />
    </Panel>
  );
}

function factsOf({ left, right, params, tags, data, sameFile }: VersionComparison): Fact[] {
  const text = (name: string, a: string | null, b: string | null): Fact => {
    return { name, left: a ?? '–', right: b ?? '–', same: a === b };
  };
  const run = (to: string | null) => (to === null ? '–' : <Reference to={to} />);
  const code = (commit: string | null) => (commit === null ? '–' : <ShortId id={commit} />);
  const gate = (passed: boolean | null) => (passed === null ? 'not run' : passed ? 'passed' : 'failed');
  const file = { true: 'the same bytes', false: 'other bytes', null: '–' }[
    String(sameFile) as 'true' | 'false' | 'null'
  ];
  return [
    { name: 'Made by', left: run(left.run), right: run(right.run), same: left.run === right.run },
    {
      name: 'Code commit',
      left: code(left.codeCommit),
      right: code(right.codeCommit),
      same: left.codeCommit === right.codeCommit,
    },
    { name: 'Model file', left: file, right: file, same: sameFile !== false },
    text('Gate', gate(left.gatePassed), gate(right.gatePassed)),
    text('Aliases', left.aliases.join(', ') || null, right.aliases.join(', ') || null),
    ...data.map((one) => ({
      id: one.name,
      name: 'Trained on',
      left: one.left ? <Data name={one.name} /> : '–',
      right: one.right ? <Data name={one.name} /> : '–',
      same: one.left === one.right,
    })),
    ...params.map((pair) => text(`param ${pair.name}`, pair.left, pair.right)),
    ...tags.map((pair) => text(`tag ${pair.name}`, pair.left, pair.right)),
  ];
}

function Data({ name }: { readonly name: string }) {
  return name.startsWith('commit:') ? <Reference to={name} /> : name;
}

/** The evaluations: overall and by segment. */
export function Segments({ found }: { readonly found: VersionComparison }) {
  const rows = found.segments.flatMap((segment) => segment.figures.map((pair) => ({ ...pair, segment })));
  if (rows.length === 0) return null;
  const rowsOf = ({ leftRows, rightRows }: SegmentPair) =>
    leftRows === rightRows ? number(leftRows) : `${number(leftRows)} and ${number(rightRows)}`;
  return (
    <Panel title="Evaluation by segment" note={counted(found.segments.length, 'segment')} flush>
      <DataTable
        label="Evaluation by segment"
        rows={rows}
        rowKey={({ segment, name }) => `${segment.segment} ${name}`}
        limit={MANY}
        columns={[
          {
            id: 'segment',
            header: 'Segment',
            sort: ({ segment }) => segment.segment,
            cell: ({ segment }) => segment.segment,
          },
          { id: 'figure', header: 'Figure', sort: byName, cell: ({ name }) => metricName(name) },
          ...sides(found),
          { id: 'rows', header: 'Rows', align: 'number', wide: true, cell: ({ segment }) => rowsOf(segment) },
        ]}
      />
    </Panel>
  );
}

function Nothing({ children }: { readonly children: string }) {
  return (
    <p className="dimmed" style={{ padding: '0 16px 16px' }}>
      {children}
    </p>
  );
}
