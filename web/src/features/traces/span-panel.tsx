import type { Span } from '#contract';
import { count } from '../../format/numbers.ts';
import { span as duration } from '../../format/times.ts';
import { type Fact, Facts } from '../../parts/facts.tsx';
import { Panel } from '../../parts/panel.tsx';
import { JsonBlock, TextBlock } from './json-block.tsx';
import { SpanState } from './trace-state.tsx';

/** One step: what went in and out, what it says of itself, and what happened on the way. */
export function SpanPanel({ span }: { readonly span: Span }) {
  const others = Object.entries(span.attributes).filter(([key]) => !SHOWN_ABOVE.has(key));
  return (
    <Panel title={span.name} note={span.type === 'UNKNOWN' ? 'step' : span.type.toLowerCase()}>
      <div className="stack">
        {span.status === 'error' && (
          <div className="notice" data-tone="failed">
            {span.statusMessage || 'It failed without saying why.'}
          </div>
        )}
        <Facts facts={factsOf(span)} />
        {span.inputs !== null && <JsonBlock title="Inputs" value={span.inputs} />}
        {span.outputs !== null && <JsonBlock title="Outputs" value={span.outputs} />}
        {span.events.map((event) => (
          <Event key={`${event.name} ${event.offsetMs} ${JSON.stringify(event.attributes)}`} event={event} />
        ))}
        {others.length > 0 && (
          <details className="disclosure">
            <summary>Attributes ({others.length})</summary>
            <JsonBlock title="Attributes" value={Object.fromEntries(others)} isTitled={false} />
          </details>
        )}
      </div>
    </Panel>
  );
}

const SHOWN_ABOVE = new Set([
  'mlflow.spanInputs',
  'mlflow.spanOutputs',
  'mlflow.spanType',
  'mlflow.traceRequestId',
  'mlflow.chat.tokenUsage',
  'mlflow.llm.model',
]);

function factsOf({ status, offsetMs, durationMs, model, service, tokens, id }: Span): readonly Fact[] {
  return [
    { label: 'State', value: <SpanState status={status} /> },
    { label: 'Starts after', value: duration(Math.max(offsetMs, 0)) },
    { label: 'Took', value: durationMs === null ? 'still running' : duration(durationMs) },
    ...(model === null ? [] : [{ label: 'Model', value: model }]),
    ...(tokens === null
      ? []
      : [{ label: 'Tokens in and out', value: `${count(tokens.input)} + ${count(tokens.output)}` }]),
    ...(service === null ? [] : [{ label: 'Service', value: service }]),
    { label: 'Span', value: <span className="mono">{id}</span> },
  ];
}

function Event({ event }: { readonly event: Span['events'][number] }) {
  const { 'exception.stacktrace': stack, 'exception.type': type, 'exception.message': message } = event.attributes;
  const isException = event.name === 'exception';
  const title = `${isException ? 'Exception' : event.name} after ${duration(Math.max(event.offsetMs, 0))}`;
  if (!isException) return <JsonBlock title={title} value={event.attributes} />;
  return (
    <div>
      <h3>{title}</h3>
      <p>
        {typeof type === 'string' && <strong>{type}: </strong>}
        {typeof message === 'string' ? message : 'without a message'}
      </p>
      {typeof stack === 'string' && <TextBlock label="Stack trace" text={stack} />}
    </div>
  );
}
