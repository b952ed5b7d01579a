import { useQueryClient } from '@tanstack/react-query';
import type { Run } from '#contract';
import { client } from '../../../app/client.ts';
import { type Change, ChangeButton } from '../../../parts/change-button.tsx';
import { ownTags } from './own-tags.ts';

/** Changes the name and the tags of a run. */
export function ChangeRun({ run }: { readonly run: Run }) {
  const queries = useQueryClient();
  const save = async ({ name, tags }: Change) => {
    // One request, so that the name and the tags change together or not at all.
    const renamed: Record<string, string> = name === undefined ? {} : { 'mlflow.runName': name };
    await client.tracking.markRuns({ body: { runs: [run.id], tags: { ...tags, ...renamed } } });
    await queries.invalidateQueries({ queryKey: ['tracking'] });
  };
  return (
    <ChangeButton title={`Change ${run.name}`} name={run.name} maxName={500} tags={ownTags(run.tags)} onSave={save} />
  );
}
