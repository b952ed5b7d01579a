import { Select } from '@mantine/core';
import { useState } from 'react';
import type { Study, Trial } from '#contract';
import { Lines } from '../../charts/lines.tsx';
import { Scatter } from '../../charts/scatter.tsx';
import { Panel } from '../../parts/panel.tsx';
import { historyOf, objectiveValue } from './history.ts';

interface ChartsProps {
  readonly study: Study;
  readonly trials: readonly Trial[];
}

/** How the search went, and what each param did to the value. */
export function Charts({ study, trials }: ChartsProps) {
  return (
    <div className="columns" style={{ ['--column' as string]: '420px' }}>
      {study.directions.map((direction, objective) => {
        const history = historyOf(trials, objective, direction);
        const name = study.directions.length === 1 ? 'value' : `value ${objective + 1}`;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: an objective is its place in the list
          <Panel key={objective} title={`History of the best ${name}`} note={direction}>
            <Lines
              label={`The ${name} of each trial by its number, and the best so far; ${direction}.`}
              x="step"
              xName="trial"
              yName={name}
              series={[
                { name: 'complete', kind: 'dots', points: history.complete },
                {
                  name: 'pruned, last report',
                  kind: 'dots',
                  points: history.pruned,
                  colour: (palette) => palette.muted,
                },
                { name: 'best so far', stepped: true, points: history.best, colour: (palette) => palette.ok },
              ]}
            />
          </Panel>
        );
      })}
      <ByParam study={study} trials={trials} />
    </div>
  );
}

function ByParam({ study, trials }: ChartsProps) {
  const params = Object.keys(study.space);
  const [param, setParam] = useState(params[0] ?? '');
  const dimension = study.space[param];
  if (!dimension) return null;
  const pointsOf = (state: Trial['state']) =>
    trials.flatMap((trial) => {
      const y = objectiveValue(trial, 0);
      const given = trial.params[param];
      if (trial.state !== state || y === null || given === undefined) return [];
      const x = dimension.kind !== 'categorical' && typeof given === 'number' ? given : String(given);
      return [{ x, y, name: `trial ${trial.number}, ${state}` }];
    });
  const scale = dimension.kind === 'categorical' ? 'category' : dimension.log ? 'log' : 'linear';
  return (
    <Panel
      title="Value by param"
      note={
        <Select
          size="xs"
          aria-label="Param"
          data={params}
          value={param}
          onChange={(value) => setParam(value ?? param)}
        />
      }
    >
      <Scatter
        label={`Value of each trial by its ${param}.`}
        xName={param}
        yName="value"
        scale={scale}
        heightPx={240}
        groups={[
          { name: 'complete', colour: (palette) => palette.series[0] ?? palette.text, points: pointsOf('complete') },
          { name: 'pruned', colour: (palette) => palette.muted, points: pointsOf('pruned') },
        ]}
      />
    </Panel>
  );
}
