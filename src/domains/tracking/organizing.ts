import { createExperimentDatasets, type ExperimentDatasets } from './experiment-datasets.ts';
import { createLoggedModels, type LoggedModels, type LoggedModelsOptions } from './logged-models/logged-models.ts';

export type OrganizingOptions = LoggedModelsOptions;

export interface Organizing extends LoggedModels, ExperimentDatasets {}

/** What is kept around experiments and runs, and what people do to keep them in order. */
export function createOrganizing(options: OrganizingOptions): Organizing {
  return {
    ...createLoggedModels(options),
    ...createExperimentDatasets(options.database),
  };
}
