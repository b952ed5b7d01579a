import { Button, Modal } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { EvaluationDataset } from '#contract';
import { client } from '../../app/client.ts';
import { count, counted } from '../../format/numbers.ts';
import { instant } from '../../format/times.ts';
import { Answer, Failure } from '../../parts/answer.tsx';
import { type Fact, Facts } from '../../parts/facts.tsx';
import { Page } from '../../parts/page.tsx';
import { Panel } from '../../parts/panel.tsx';
import { DatasetRecords } from './dataset-records.tsx';

const route = getRouteApi('/evaluation-datasets/$dataset');

/** One evaluation dataset: what it is for, and its records. */
export function DatasetPage() {
  const { dataset: id } = route.useParams();
  const answer = useQuery({
    queryKey: ['tracing', 'dataset', id],
    queryFn: () => client.tracing.getEvaluationDataset({ params: { dataset: id } }),
  });
  const experiment = answer.data?.experiments[0]?.name;
  return (
    <Page
      title={answer.data?.name ?? 'Evaluation dataset'}
      crumbs={
        <>
          <Link to="/experiments">Experiments</Link>
          {experiment !== undefined && (
            <>
              <Link to="/experiments/$experiment" params={{ experiment }}>
                {experiment}
              </Link>
              <Link to="/experiments/$experiment/evaluation-datasets" params={{ experiment }}>
                Evaluation datasets
              </Link>
            </>
          )}
        </>
      }
      lede={<span className="mono">{id}</span>}
      actions={answer.data && <Delete dataset={answer.data} />}
    >
      <Answer query={answer} heightPx={200}>
        {(dataset) => (
          <>
            <Panel title="Dataset">
              <Facts facts={factsOf(dataset)} />
            </Panel>
            <Panel title="Records" note={counted(dataset.records, 'record')} flush>
              <DatasetRecords dataset={id} />
            </Panel>
          </>
        )}
      </Answer>
    </Page>
  );
}

function factsOf(dataset: EvaluationDataset): readonly Fact[] {
  const { records, experiments, fields, digest, createdAtMs, createdBy, changedAtMs, changedBy, tags } = dataset;
  const by = (user: string | null) => (user === null ? '' : ` by ${user}`);
  const names = (types: Readonly<Record<string, string>>) =>
    Object.entries(types)
      .map(([name, type]) => `${name} (${type})`)
      .join(', ') || 'none';
  return [
    { label: 'Records', value: count(records), large: true },
    {
      label: 'Experiments',
      value: experiments.length === 0 ? 'none' : experiments.map(({ id, name }) => <Experiment key={id} name={name} />),
    },
    ...(fields === null
      ? []
      : [
          { label: 'Inputs', value: names(fields.inputs) },
          { label: 'Expectations', value: names(fields.expectations) },
        ]),
    { label: 'Made', value: `${instant(createdAtMs)}${by(createdBy)}` },
    { label: 'Changed', value: `${instant(changedAtMs)}${by(changedBy)}` },
    { label: 'Digest', value: <span className="mono">{digest}</span> },
    // Clients keep some tags for themselves.
    ...Object.entries(tags).flatMap(([label, value]) => (label.startsWith('mlflow.') ? [] : [{ label, value }])),
  ];
}

function Experiment({ name }: { readonly name: string }) {
  return (
    <span style={{ display: 'block' }}>
      <Link to="/experiments/$experiment" params={{ experiment: name }}>
        {name}
      </Link>
    </span>
  );
}

function Delete({ dataset }: { readonly dataset: EvaluationDataset }) {
  const queries = useQueryClient();
  const navigate = route.useNavigate();
  const [asked, setAsked] = useState(false);
  const [first] = dataset.experiments;
  const deleting = useMutation({
    mutationFn: () => client.tracing.deleteEvaluationDataset({ params: { dataset: dataset.id } }),
    onSuccess: async () => {
      await (first
        ? navigate({ to: '/experiments/$experiment/evaluation-datasets', params: { experiment: first.name } })
        : navigate({ to: '/experiments' }));
      await queries.invalidateQueries({ queryKey: ['tracing', 'datasets'] });
    },
  });
  return (
    <>
      <Button variant="default" onClick={() => setAsked(true)}>
        Delete
      </Button>
      <Modal
        opened={asked}
        onClose={() => setAsked(false)}
        title={`Delete ${dataset.name} for good?`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <div className="stack">
          <p>
            {counted(dataset.records, 'record')} of {counted(dataset.experiments.length, 'experiment')} cannot be
            brought back. Traces that they were taken from stay.
          </p>
          {deleting.error && <Failure error={deleting.error} />}
          <div className="row">
            <Button color="red" loading={deleting.isPending} onClick={() => deleting.mutate()}>
              Delete for good
            </Button>
            <Button variant="default" onClick={() => setAsked(false)}>
              Keep
            </Button>
          </div>
        </div>
      </Modal>
    </>
  );
}
