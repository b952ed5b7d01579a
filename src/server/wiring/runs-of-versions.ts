import type { Tracking } from '#domains/tracking';
import { accessOf } from '#platform/auth';
import type { Principal } from '#platform/http';

const RUNS_A_SEARCH = 200;
const PREFIX = 'run:';

/**
 * Facts of the runs that made versions, by their references: of those that the reader may see. A run that was deleted
 * still tells what it did.
 */
export function runsOfVersions(tracking: Pick<Tracking, 'searchRuns'>) {
  return async (refs: readonly string[], reader: Principal) => {
    const access = accessOf(reader);
    const ids = [...new Set(refs)].filter((ref) => ref.startsWith(PREFIX)).map((ref) => ref.slice(PREFIX.length));
    const facts = new Map<string, ReturnType<typeof factsOf>>();
    for (let start = 0; start < ids.length; start += RUNS_A_SEARCH) {
      const part = ids.slice(start, start + RUNS_A_SEARCH).filter((id) => !id.includes("'"));
      if (part.length === 0) continue;
      const filter = `id in (${part.map((id) => `'${id}'`).join(', ')})`;
      const { runs } = await tracking.searchRuns({ filter, limit: part.length, lifecycle: 'all' });
      for (const run of runs) {
        if (access.may('READ', 'experiment', run.experimentId)) facts.set(`${PREFIX}${run.id}`, factsOf(run));
      }
    }
    return facts;
  };
}

type Run = Awaited<ReturnType<Tracking['searchRuns']>>['runs'][number];

function factsOf(run: Run) {
  return {
    name: run.name,
    experiment: run.experiment,
    experimentId: run.experimentId,
    params: run.params,
    metrics: new Map(
      run.metrics.filter(({ value }) => Number.isFinite(value)).map(({ key, value }) => [key, value] as const),
    ),
    datasets: run.datasets.map(({ dataset: { name, digest }, tags }) => ({
      ...{ name, digest, role: tags.get('mlflow.data.context') ?? 'other' },
    })),
    inputs: run.inputs.map(({ ref, path, role }) => ({ ref, path, role })),
    codeCommit: run.codeCommit,
  };
}
