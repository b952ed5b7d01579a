import type { ResourceType } from '#platform/auth';
import { isTrimtabError } from '#platform/kernel';
import type { Whereabouts } from '#protocols/mlflow';
import type { Rooms } from './rooms.ts';

/** Where things lie, for whoever decides who may see them. */
export interface Places extends Whereabouts {
  /** Whether a resource of this name is there already. */
  exists(resourceType: ResourceType, name: string): Promise<boolean>;
  /** Names of all experiments with their ids. */
  listExperiments(): Promise<readonly { readonly id: string; readonly name: string }[]>;
  /** Name of the pipeline of a run of one. */
  pipelineOfRun(run: string): Promise<string>;
}

export function places(rooms: Rooms): Places {
  const finders: Partial<Record<ResourceType, (name: string) => Promise<unknown> | unknown>> = {
    experiment: (name) => rooms.tracking.getExperiment(name),
    registered_model: (name) => rooms.registry.getModel(name),
    repository: (name) => rooms.data.getRepository(name),
    study: (name) => rooms.tuning.getStudy(name),
    pipeline: (name) => rooms.pipelines.getPipeline(name),
    endpoint: (name) => rooms.serving.getEndpoint(name),
    monitor: (name) => rooms.monitoring.getMonitor(name),
    loop: (name) => rooms.loops.get(name),
  };
  const experimentNamed = async (name: string): Promise<string | undefined> => {
    const found = await absentIfMissing(async () => rooms.tracking.getExperiment(name));
    return found?.id;
  };
  return {
    experimentNamed,
    async experimentOfRun(id) {
      const { experiment } = await rooms.tracking.getRun(id);
      return (await rooms.tracking.getExperiment(experiment)).id;
    },
    experimentsAt: (uri) => rooms.tracking.experimentsAt(uri),
    experimentsOfDataset: (id) => rooms.tracing.experimentsOfDataset(id),
    experimentOfTrace: (id) => rooms.tracing.experimentOfTrace(id),
    experimentOfLoggedModel: async (id) => (await rooms.tracking.getLoggedModel(id)).experimentId,
    exists: async (resourceType, name) =>
      (await absentIfMissing(async () => finders[resourceType]?.(name))) !== undefined,
    listExperiments: () => rooms.tracking.listExperiments(),
    pipelineOfRun: async (run) => (await rooms.pipelines.getRun(run)).run.pipeline,
  };
}

async function absentIfMissing<Found>(find: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await find();
  } catch (error) {
    if (isTrimtabError(error) && error.kind === 'not-found') return undefined;
    throw error;
  }
}
