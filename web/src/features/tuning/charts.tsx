import { Select } from '@mantine/core';
import { useState } from 'react';
import type { Dimension, Study, Trial } from '#contract';
import { Lines } from '../../charts/lines.tsx';
import { Parallel } from '../../charts/parallel.tsx';
import { Scatter } from '../../charts/scatter.tsx';
import { Panel } from '../../parts/panel.tsx';
import { historyOf, objectiveValue } from './history.ts';
import { leading, paramOf } from './together.ts';

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
      <Together study={study} trials={trials} />
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
      const x = paramOf(trial, param, dimension);
      if (trial.state !== state || y === null || x === null) return [];
      return [{ x, y, name: `trial ${trial.number}, ${state}` }];
    });
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
        scale={scaleOf(dimension)}
        heightPx={240}
        groups={[
          { name: 'complete', colour: (palette) => palette.series[0] ?? palette.text, points: pointsOf('complete') },
          { name: 'pruned', colour: (palette) => palette.muted, points: pointsOf('pruned') },
        ]}
      />
    </Panel>
  );
}

function scaleOf(dimension: Dimension): 'category' | 'log' | 'linear' {
  if (dimension.kind === 'categorical') return 'category';
  return dimension.log ? 'log' : 'linear';
}

/** Every trial as a line over all params to its values, so that params that only work together can be seen. */
function Together({ study, trials }: ChartsProps) {
  const params = Object.entries(study.space);
  if (params.length < 2) return null;
  const names = study.directions.map((_, index) => (study.directions.length === 1 ? 'value' : `value ${index + 1}`));
  const several = study.directions.length > 1;
  const best = several ? new Set(study.best.map(({ number }) => number)) : leading(trials, study.directions[0]);
  const linesOf = (chosen: (trial: Trial) => boolean) =>
    trials.filter(chosen).map((trial) => ({
      name: `trial ${trial.number}, ${trial.state}`,
      values: [
        ...params.map(([param, dimension]) => paramOf(trial, param, dimension)),
        ...names.map((_, index) => objectiveValue(trial, index)),
      ],
    }));
  const complete = ({ number, state }: Trial) => state === 'complete' && !best.has(number);
  return (
    <div style={{ gridColumn: '1 / -1' }}>
      <Panel title="All params together" note="a line a trial">
        <Parallel
          label="Each trial as a line over its params to its value."
          axes={[
            ...params.map(([name, dimension]) => ({
              name,
              scale: scaleOf(dimension),
              ...(dimension.kind === 'categorical'
                ? { categories: dimension.choices.map(String) }
                : { range: [dimension.low, dimension.high] as const }),
            })),
            ...names.map((name) => ({ name, scale: 'linear' as const })),
          ]}
          groups={[
            {
              name: 'pruned',
              colour: (palette) => palette.muted,
              widthPx: 1,
              opacity: 0.35,
              lines: linesOf(({ state }) => state === 'pruned'),
            },
            {
              name: 'complete',
              colour: (palette) => palette.series[0] ?? palette.text,
              widthPx: 1.2,
              opacity: 0.55,
              lines: linesOf(complete),
            },
            {
              name: several ? 'not beaten in every value' : 'best tenth',
              colour: (palette) => palette.series[1] ?? palette.text,
              widthPx: 2.2,
              opacity: 0.95,
              lines: linesOf(({ number }) => best.has(number)),
            },
          ]}
        />
      </Panel>
    </div>
  );
}
