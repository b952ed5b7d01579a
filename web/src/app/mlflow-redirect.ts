import { redirect } from '@tanstack/react-router';
import { client } from './client.ts';
import { type PageMeant, pageMeant } from './mlflow-address.ts';

/** Goes on to our page of what an address of MLflow's page means, such as `/#/experiments/1/runs/<id>`. */
export async function redirectFromMlflow(hash: string): Promise<void> {
  const meant = pageMeant(hash);
  if (meant) throw await addressOf(meant);
}

async function addressOf(meant: PageMeant) {
  switch (meant.page) {
    case 'experiments':
      return redirect({ to: '/experiments', replace: true });
    case 'experiment':
    case 'traces': {
      const experiment = await nameOf(meant.id);
      if (experiment === undefined) return redirect({ to: '/experiments', replace: true });
      const to = meant.page === 'traces' ? '/experiments/$experiment/traces' : '/experiments/$experiment';
      return redirect({ to, params: { experiment }, replace: true });
    }
    case 'run':
      return redirect({ to: '/runs/$run', params: { run: meant.id }, replace: true });
    case 'compare':
      return redirect({ to: '/compare', search: { runs: [...meant.runs] }, replace: true });
    case 'trace':
      return redirect({ to: '/traces/$trace', params: { trace: meant.id }, replace: true });
    case 'models':
      return redirect({ to: '/models', replace: true });
    case 'model':
      return redirect({ to: '/models/$model', params: { model: meant.id }, replace: true });
    case 'version': {
      const { id, version } = meant;
      return redirect({ to: '/models/$model/$version', params: { model: id, version }, replace: true });
    }
  }
}

/** MLflow names experiments by their number. */
async function nameOf(id: string): Promise<string | undefined> {
  const { experiments } = await client.tracking.listExperiments();
  return experiments.find((experiment) => experiment.id === id)?.name;
}
