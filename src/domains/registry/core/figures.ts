import type { ModelVersionSummary, VersionComparison } from '#contract';
import type { RunFacts } from '../ports.ts';

interface Measured {
  readonly version: Pick<ModelVersionSummary, 'metrics'>;
  readonly run: RunFacts | undefined;
}

/** Its own metrics, or where it has none those of its run. */
export function metricsOf({ version, run }: Measured): {
  readonly from: VersionComparison['left']['metricsFrom'];
  readonly figures: ReadonlyMap<string, number>;
} {
  const own = Object.entries(version.metrics).filter((entry): entry is [string, number] => entry[1] !== null);
  if (Object.keys(version.metrics).length > 0) return { from: 'version', figures: new Map(own) };
  return run && run.metrics.size > 0
    ? { from: 'run', figures: run.metrics }
    : { from: 'nowhere', figures: new Map<string, number>() };
}
