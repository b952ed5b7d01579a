import { useQuery } from '@tanstack/react-query';
import type { RunStep } from '#contract';
import { client } from '../../app/client.ts';
import { bytes, counted } from '../../format/numbers.ts';
import { preciseInstant, span } from '../../format/times.ts';
import { Answer } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Download } from '../../parts/download.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Reference } from '../../parts/reference.tsx';
import { ShortId } from '../../parts/short-id.tsx';
import { Value } from '../../parts/value.tsx';

const POLL_MS = 2_000;

/** One step of a run: why it ran, its attempts, what it made and what it wrote. */
export function StepPanel({ run, step }: { readonly run: string; readonly step: RunStep }) {
  return (
    <Panel title={`Step ${step.name}`}>
      <div className="stack">
        <Explanation run={run} step={step} />
        {step.note && (
          <div className="notice" data-tone="info">
            {step.note}
          </div>
        )}
        {step.attempts.length > 0 && <Attempts step={step} />}
        {step.outputs.length > 0 && <Outputs run={run} step={step} />}
        {step.attempts.length > 0 && <Log run={run} step={step} />}
      </div>
    </Panel>
  );
}

function Explanation({ run, step }: { readonly run: string; readonly step: RunStep }) {
  const answer = useQuery({
    queryKey: ['pipelines', 'explanation', run, step.name, step.status],
    queryFn: () => client.pipelines.explainStep({ params: { run, step: step.name } }),
    enabled: step.actionKey !== null,
  });
  if (step.actionKey === null) return <p className="dimmed">Not cached: it runs every time.</p>;
  return (
    <Answer query={answer} heightPx={40}>
      {({ words, differences }) => (
        <div>
          <p>{words}</p>
          {step.reusedFrom && (
            <p className="small">
              Its outputs come from <Reference to={`pipeline-run:${step.reusedFrom.run}`} />, step{' '}
              {step.reusedFrom.step}.
            </p>
          )}
          {differences.length > 0 && (
            <details className="disclosure small">
              <summary>{counted(differences.length, 'difference')} to the run before</summary>
              <Value value={differences} />
            </details>
          )}
        </div>
      )}
    </Answer>
  );
}

function Attempts({ step }: { readonly step: RunStep }) {
  return (
    <DataTable
      label={`Attempts of ${step.name}`}
      rows={step.attempts}
      rowKey={(attempt) => attempt.id}
      columns={[
        { id: 'number', header: 'Attempt', cell: (attempt) => attempt.number },
        { id: 'started', header: 'Started', tight: true, cell: (attempt) => preciseInstant(attempt.startedAtMs) },
        {
          id: 'took',
          header: 'Took',
          align: 'number',
          cell: (attempt) =>
            attempt.finishedAtMs === null ? 'running' : span(attempt.finishedAtMs - attempt.startedAtMs),
        },
        {
          id: 'end',
          header: 'Ended',
          long: true,
          cell: (attempt) =>
            attempt.words ??
            (attempt.finishedAtMs === null
              ? 'not yet'
              : (attempt.failure ?? (attempt.exitCode === null ? 'well' : `exit code ${attempt.exitCode}`))),
        },
        {
          id: 'cpu',
          header: 'Processor time',
          align: 'number',
          wide: true,
          cell: (attempt) => (attempt.cpuMs === null ? '–' : span(attempt.cpuMs)),
        },
        {
          id: 'memory',
          header: 'Peak memory',
          align: 'number',
          wide: true,
          cell: (attempt) => (attempt.peakRssBytes === null ? '–' : bytes(attempt.peakRssBytes)),
        },
      ]}
    />
  );
}

function Outputs({ run, step }: { readonly run: string; readonly step: RunStep }) {
  return (
    <div>
      <h3>Outputs</h3>
      <ul className="list outputs">
        {step.outputs.map((output) => (
          <li key={output.name}>
            <div className="row">
              <Download href={outputUrl(run, step.name, output.name)} name={output.name}>
                {output.name}
              </Download>
              <span className="small dimmed">
                {bytes(output.sizeBytes)} · <ShortId id={output.digest} />
              </span>
            </div>
            {output.value !== undefined && (
              <details className="disclosure small">
                <summary>Value</summary>
                <Value value={output.value} />
              </details>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function outputUrl(run: string, step: string, output: string): string {
  const parts = [run, 'steps', step, 'outputs', output].map(encodeURIComponent);
  return `/api/pipeline-runs/${parts.join('/')}`;
}

function Log({ run, step }: { readonly run: string; readonly step: RunStep }) {
  const log = useQuery({
    queryKey: ['pipelines', 'log', run, step.name, step.attempts.length],
    queryFn: () => readLog(run, step.name),
    refetchInterval: (query) => (query.state.data?.complete ? false : POLL_MS),
  });
  return (
    <div>
      <h3>Log of the last attempt</h3>
      <Answer query={log}>
        {({ text, complete }) =>
          text === '' ? (
            <p className="dimmed">{complete ? 'It wrote nothing.' : 'Nothing written yet.'}</p>
          ) : (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
            <section className="log" aria-label={`Log of ${step.name}`} tabIndex={0}>
              <pre>{text}</pre>
            </section>
          )
        }
      </Answer>
    </div>
  );
}

const LARGEST_LOG_CHARACTERS = 2_000_000;

/** The log from its beginning, part by part, up to a size that a page can still show. */
async function readLog(run: string, step: string): Promise<{ text: string; complete: boolean }> {
  let text = '';
  for (let offset = 0; ; ) {
    const part = await client.pipelines.readLog({ params: { run, step }, query: { offset } });
    text += part.text;
    const more = !part.complete && part.nextOffset > offset && text.length < LARGEST_LOG_CHARACTERS;
    if (!more) return { text, complete: part.complete };
    offset = part.nextOffset;
  }
}
