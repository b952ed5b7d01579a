import { useQuery } from '@tanstack/react-query';
import type { ModelCard } from '#contract';
import { client } from '../../../app/client.ts';
import { counted, figure } from '../../../format/numbers.ts';
import { Answer } from '../../../parts/answer.tsx';
import { DataTable } from '../../../parts/data-table.tsx';
import { Download } from '../../../parts/download.tsx';
import { Panel } from '../../../parts/panel.tsx';
import { Reference } from '../../../parts/reference.tsx';
import { ShortId } from '../../../parts/short-id.tsx';
import { metricName } from '../metrics.ts';
import { Promotions } from '../promotions/promotions-table.tsx';
import { CardSections } from './card-sections.tsx';

/** The model card of a version: what people wrote, and the facts that no other panel of its page has. */
export function CardPanel({ model, version }: { readonly model: string; readonly version: string }) {
  const answer = useQuery({
    queryKey: ['registry', 'card', model, version],
    queryFn: () => client.registry.getCard({ params: { model, version } }),
  });
  return (
    <Answer query={answer} heightPx={400}>
      {(card) => (
        <>
          <RunMetrics card={card} />
          <FileSignature card={card} />
          <Params card={card} />
          <Data card={card} />
          <CardSections card={card} note={<Documents card={card} />} />
          {card.promotions.length > 0 && <Promotions title="Promotion requests" promotions={card.promotions} />}
        </>
      )}
    </Answer>
  );
}

/** The card as files to keep or to publish. */
export function Documents({ card: { version } }: { readonly card: ModelCard }) {
  const address = `/api/models/${encodeURIComponent(version.model)}/versions/${version.version}/card/document`;
  const name = `${version.model}-${version.version}-card`;
  return (
    <>
      <Download href={`${address}?format=markdown`} name={`${name}.md`}>
        Markdown
      </Download>
      {', '}
      <Download href={`${address}?format=html`} name={`${name}.html`} view>
        HTML
      </Download>
    </>
  );
}

/** What a logged model takes and answers; of an ONNX file the page of the version tells it already. */
function FileSignature({ card: { version, signature } }: { readonly card: ModelCard }) {
  if (version.signature || !signature) return null;
  const rows = [
    ...signature.inputs.map((part) => ({ ...part, direction: 'input' })),
    ...signature.outputs.map((part) => ({ ...part, direction: 'output' })),
  ].map((part, place) => ({ ...part, place }));
  return (
    <Panel title="Signature" note="as its file MLmodel tells" flush>
      <DataTable
        label="Signature"
        rows={rows}
        rowKey={({ place }) => place}
        limit={20}
        columns={[
          { id: 'direction', header: 'Takes or answers', cell: ({ direction }) => direction },
          { id: 'name', header: 'Name', cell: ({ name }) => name ?? '–' },
          { id: 'type', header: 'Type', cell: ({ type }) => type },
          {
            id: 'shape',
            header: 'Shape',
            cell: ({ shape }) => shape?.map((size) => (size < 0 ? 'N' : size)).join(' × ') ?? '–',
          },
          { id: 'nullable', header: 'May be missing', wide: true, cell: ({ nullable }) => (nullable ? 'yes' : 'no') },
        ]}
      />
    </Panel>
  );
}

/** Those of the run; such as the version was registered with, its page tells already. */
function RunMetrics({ card: { metrics, metricsFrom } }: { readonly card: ModelCard }) {
  if (metricsFrom !== 'run' || metrics.length === 0) return null;
  return (
    <Panel title="Metrics of its run" note={counted(metrics.length, 'metric')} flush>
      <DataTable
        label="Metrics of its run"
        rows={metrics}
        rowKey={({ name }) => name}
        limit={20}
        columns={[
          { id: 'name', header: 'Metric', sort: ({ name }) => name, cell: ({ name }) => metricName(name) },
          {
            id: 'value',
            header: 'Value',
            align: 'number',
            cell: ({ value }) => (value === null ? 'not computable' : figure(value)),
          },
        ]}
      />
    </Panel>
  );
}

function Data({ card: { data, run } }: { readonly card: ModelCard }) {
  if (data.length === 0) return null;
  return (
    <Panel title="Training data" note={run ? `experiment ${run.experiment}` : undefined} flush>
      <DataTable
        label="Training data"
        rows={data}
        rowKey={(one) => [one.ref, one.name, one.digest, one.path, one.role].join(' ')}
        limit={20}
        columns={[
          {
            id: 'data',
            header: 'Data',
            cell: (one) => (one.ref === null ? one.name : <Reference to={one.ref} />),
          },
          { id: 'role', header: 'Used for', cell: (one) => one.role },
          { id: 'path', header: 'File', wide: true, cell: (one) => one.path ?? 'all of it' },
          {
            id: 'digest',
            header: 'Digest',
            wide: true,
            cell: (one) => (one.digest === null ? '–' : <ShortId id={one.digest} />),
          },
        ]}
      />
    </Panel>
  );
}

function Params({ card: { params } }: { readonly card: ModelCard }) {
  if (params.length === 0) return null;
  return (
    <Panel title="Params of its run" note={counted(params.length, 'param')} flush>
      <DataTable
        label="Params of its run"
        rows={params}
        rowKey={({ name }) => name}
        limit={20}
        columns={[
          { id: 'name', header: 'Param', sort: ({ name }) => name, cell: ({ name }) => name },
          { id: 'value', header: 'Value', cell: ({ value }) => value },
        ]}
      />
    </Panel>
  );
}
