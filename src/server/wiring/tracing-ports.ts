import type { Tracing, TracingPorts } from '#domains/tracing';
import type { Tracking } from '#domains/tracking';
import type { Events } from '#platform/events';

/** Experiments and runs, as traces need to know them. */
export function tracingPorts(tracking: Tracking): TracingPorts {
  return {
    experiments: {
      find: async (id) => {
        const experiment = await tracking.findExperiment({ id });
        if (!experiment) return undefined;
        const { name, lifecycle, artifactLocation } = experiment;
        return { id: experiment.id, name, lifecycle, artifactLocation };
      },
      idOf: async (name) => {
        const experiment = await tracking.findExperiment({ name });
        return experiment && Number(experiment.id);
      },
    },
    runs: {
      assertThere: async (run) => {
        await tracking.getRun(run);
      },
    },
  };
}

/** What lies in an experiment that is deleted for good goes with it. */
export function connectTracing({ events, tracing }: { readonly events: Events; readonly tracing: Tracing }): void {
  events.subscribe('tracing', ['tracking.experiment.erased'], async ({ subject }) => {
    await tracing.forgetExperiment(subject.slice(subject.indexOf(':') + 1));
  });
}
