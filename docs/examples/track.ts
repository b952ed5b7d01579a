// Tracks a run with the typed client: node docs/examples/track.ts [address of the server], in a checkout.
import { ApiError, createClient } from '#sdk';

const client = createClient({ baseUrl: process.argv[2] ?? 'http://127.0.0.1:5000' });

await client.tracking.createExperiment({ body: { name: 'typescript' } });
const { id: run } = await client.tracking.createRun({
  body: { experiment: 'typescript', params: [{ key: 'depth', value: 6 }], tags: { stage: 'trial' } },
});
const metrics = Array.from({ length: 100 }, (_, step) => ({ key: 'loss', value: Math.exp(-step / 20), step }));
await client.tracking.logBatch({ params: { run }, body: { metrics } });
await client.tracking.putArtifact({ params: { run, path: 'notes.txt' }, body: 'It went well.' });
await client.tracking.updateRun({ params: { run }, body: { status: 'finished' } });

const { runs } = await client.tracking.searchRuns({
  body: { experiments: ['typescript'], filter: 'metrics.loss < 0.01', orderBy: ['metrics.loss asc'] },
});
for (const found of runs) console.log(found.id, found.params, found.metrics[0]?.value);

try {
  await client.tracking.getRun({ params: { run: 'nowhere' } });
} catch (error) {
  // A refusal has a stable code, listed in docs/errors.
  if (!(error instanceof ApiError)) throw error;
  console.log(error.status, error.code);
}
