import {
  type MetricNumber,
  tuningOperations as operations,
  type Study as StudyAnswer,
  type Trial as TrialAnswer,
} from '#contract';
import { type Route, route } from '#platform/http';
import type { Study, Trial } from './model.ts';
import type { Tuning } from './tuning.ts';

export function tuningRoutes(tuning: Tuning): readonly Route[] {
  return [
    route(operations.listStudies, async () => ({ studies: (await tuning.listStudies()).map(studyAnswer) })),
    route(operations.createStudy, async ({ body, principal }) =>
      studyAnswer(await tuning.createStudy(body, principal.id)),
    ),
    route(operations.getStudy, async ({ params }) => studyAnswer(await tuning.getStudy(params.study))),
    route(operations.ask, async ({ params, body, principal }) =>
      trialAnswer(await tuning.ask(params.study, body.key, principal.id)),
    ),
    route(operations.listTrials, async ({ params, query }) => {
      const { limit = 1000, ...rest } = query;
      return { trials: (await tuning.listTrials(params.study, { limit, ...rest })).map(trialAnswer) };
    }),
    route(operations.getTrial, async ({ params }) => {
      const { reports, ...trial } = await tuning.getTrial(params.study, params.number);
      const wired = reports.map(({ step, value }) => ({ step, value: wireNumber(value) }));
      return { ...trialAnswer(trial), reports: wired };
    }),
    route(operations.report, ({ params, body }) =>
      tuning.report(params.study, params.number, { step: body.step, value: Number(body.value) }),
    ),
    route(operations.tell, async ({ params, body }) => {
      const request = { ...body, values: body.values?.map(Number) };
      return trialAnswer(await tuning.tell(params.study, params.number, request));
    }),
  ];
}

function studyAnswer({ asked: _, ...study }: Study): StudyAnswer {
  return {
    ...study,
    directions: [...study.directions],
    space: { ...study.space },
    counts: { ...study.counts },
    best: study.best.map(trialAnswer),
  };
}

function trialAnswer(trial: Trial): TrialAnswer {
  return { ...trial, params: { ...trial.params }, values: trial.values?.map(wireNumber) ?? null };
}

function wireNumber(value: number): MetricNumber {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}
