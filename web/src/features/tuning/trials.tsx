import { Link } from '@tanstack/react-router';
import type { Study, Trial } from '#contract';
import { metricText } from '../../format/metrics.ts';
import { counted } from '../../format/numbers.ts';
import { span } from '../../format/times.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status, type Tone } from '../../parts/status.tsx';
import { objectiveValue } from './history.ts';
import { paramText } from './space.ts';

const TONES: Readonly<Record<Trial['state'], Tone>> = {
  running: 'info',
  complete: 'ok',
  pruned: 'warning',
  failed: 'failed',
};

interface TrialsProps {
  readonly study: Study;
  readonly trials: readonly Trial[];
}

/** Every trial with its params, its value and how it ended. */
export function Trials({ study, trials }: TrialsProps) {
  const best = new Set(study.best.map((trial) => trial.number));
  return (
    <Panel title="Trials" note={counted(trials.length, 'trial')} flush>
      <DataTable
        label="Trials"
        rows={trials}
        rowKey={(trial) => trial.number}
        limit={30}
        order={{ column: 'value', descending: study.directions[0] === 'maximize' }}
        columns={[
          {
            id: 'number',
            header: 'Trial',
            tight: true,
            sort: (trial) => trial.number,
            cell: (trial) => (
              <>
                {trial.run === null ? (
                  trial.number
                ) : (
                  <Link to="/runs/$run" params={{ run: trial.run }}>
                    {trial.number}
                  </Link>
                )}
                {best.has(trial.number) && <span className="dimmed"> best</span>}
              </>
            ),
          },
          {
            id: 'state',
            header: 'State',
            sort: (trial) => trial.state,
            cell: (trial) => (
              <>
                <Status tone={TONES[trial.state]}>{trial.state}</Status>
                {trial.words && (
                  <details className="disclosure small">
                    <summary>why</summary>
                    {trial.words}
                  </details>
                )}
              </>
            ),
          },
          {
            id: 'value',
            header: 'Value',
            align: 'number',
            sort: (trial) => (trial.state === 'complete' ? objectiveValue(trial, 0) : undefined),
            cell: (trial) => trial.values?.map(metricText).join(', ') ?? '–',
          },
          ...Object.keys(study.space).map(
            (param): Column<Trial> => ({
              id: `param ${param}`,
              header: param,
              align: study.space[param]?.kind === 'categorical' ? undefined : 'number',
              sort: (trial) => {
                const value = trial.params[param];
                return typeof value === 'boolean' ? String(value) : value;
              },
              cell: (trial) => paramText(trial.params[param]),
            }),
          ),
          {
            id: 'took',
            header: 'Took',
            align: 'number',
            wide: true,
            cell: (trial) => (trial.endedAtMs === null ? 'running' : span(trial.endedAtMs - trial.startedAtMs)),
          },
        ]}
      />
    </Panel>
  );
}
