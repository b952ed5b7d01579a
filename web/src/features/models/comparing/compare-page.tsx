import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ModelVersionSummary, VersionComparison } from '#contract';
import { client } from '../../../app/client.ts';
import { Answer } from '../../../parts/answer.tsx';
import { Empty } from '../../../parts/empty.tsx';
import { Page } from '../../../parts/page.tsx';
import { Columns, Facts, Figures, Segments } from './differences.tsx';

const route = getRouteApi('/models/$model/compare');

/** Two versions of a model side by side. */
export function CompareVersionsPage() {
  const { model } = route.useParams();
  const { left, right } = route.useSearch();
  const versions = useQuery({
    queryKey: ['registry', 'versions', model, 'newest'],
    queryFn: () => client.registry.listVersions({ params: { model }, query: { limit: 200 } }),
  });
  return (
    <Page
      title={`Versions of ${model} compared`}
      crumbs={
        <>
          <Link to="/models">Models</Link>
          <Link to="/models/$model" params={{ model }}>
            {model}
          </Link>
        </>
      }
    >
      <Answer query={versions}>
        {(answer) =>
          answer.versions.length < 2 ? (
            <Empty title="Nothing to compare">The model has fewer than two versions.</Empty>
          ) : (
            <Chosen model={model} versions={answer.versions} left={left} right={right} />
          )
        }
      </Answer>
    </Page>
  );
}

interface ChosenProps {
  readonly model: string;
  /** Newest first. */
  readonly versions: readonly ModelVersionSummary[];
  readonly left: string | undefined;
  readonly right: string | undefined;
}

function Chosen({ model, versions, left, right }: ChosenProps) {
  const navigate = route.useNavigate();
  const [newest, before] = versions;
  const shown = { left: left ?? String(before?.version), right: right ?? String(newest?.version) };
  const comparison = useQuery({
    queryKey: ['registry', 'comparison', model, shown.left, shown.right],
    queryFn: () =>
      client.registry.compareVersions({ params: { model, version: shown.left }, query: { other: shown.right } }),
  });
  const choice = (side: 'left' | 'right', label: string) => (
    <Select
      label={label}
      value={shown[side]}
      onChange={(version) => {
        if (version) void navigate({ search: { ...shown, [side]: version }, replace: true });
      }}
      data={optionsOf(versions, shown[side])}
      searchable
    />
  );
  return (
    <>
      <section className="panel" aria-label="Versions to compare">
        <div className="panel-body columns" style={{ '--column': '220px', paddingTop: 14 } as React.CSSProperties}>
          {choice('left', 'Left')}
          {choice('right', 'Right')}
        </div>
      </section>
      <Answer query={comparison} heightPx={400}>
        {(found) => <Differences found={found} />}
      </Answer>
    </>
  );
}

/** With what the address names, when it is none of the newest. */
function optionsOf(versions: readonly ModelVersionSummary[], shown: string) {
  const options = versions.map(({ version, aliases }) => ({
    value: String(version),
    label: [`v${version}`, ...aliases].join(', '),
  }));
  return options.some(({ value }) => value === shown) ? options : [{ value: shown, label: shown }, ...options];
}

function Differences({ found }: { readonly found: VersionComparison }) {
  return (
    <>
      <Figures title="Metrics" found={found} figures={found.metrics} />
      <Columns found={found} />
      <Facts found={found} />
      <Segments found={found} />
    </>
  );
}
