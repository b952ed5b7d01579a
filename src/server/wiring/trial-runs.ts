import type { Tracking } from '#domains/tracking';
import type { TrialRuns } from '#domains/tuning';

/** How a trial's end is called among runs. A pruned trial did what it should: it is over early, not broken. */
const STATUS = { complete: 'finished', pruned: 'finished', failed: 'failed' } as const;
const REPORTED = 'trial.intermediate';
const NOTHING = { metrics: [], params: new Map<string, string>(), tags: new Map<string, string>() };

/** Trials of a study as runs of an experiment. */
export function trialRuns(tracking: Tracking): TrialRuns {
  return {
    async start({ run, experiment, study, number, params, startedAtMs, actor }) {
      await tracking.createExperiment({ name: experiment }, actor);
      await tracking.createRun(
        {
          id: run,
          experiment,
          name: `${study} trial ${number}`,
          params: new Map(Object.entries(params).map(([name, value]) => [name, String(value)])),
          tags: new Map([
            ['study', study],
            ['trial', String(number)],
          ]),
          startedAtMs,
        },
        actor,
      );
    },
    log: (run, { step, value, timestampMs }) =>
      tracking.logBatch(run, { ...NOTHING, metrics: [{ key: REPORTED, value, step, timestampMs }] }),
    async finish(run, { state, values, timestampMs }) {
      const metrics = (values ?? []).map((value, index) => {
        return { key: index === 0 ? 'trial.value' : `trial.value.${index}`, value, step: 0, timestampMs };
      });
      const tags = new Map([['trial.state', state]]);
      await tracking.logBatch(run, { ...NOTHING, metrics, tags });
      await tracking.updateRun(run, { status: STATUS[state], endedAtMs: timestampMs });
    },
  };
}
