import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Experiment } from '#contract';
import { client } from '../../../app/client.ts';
import { type Change, ChangeButton } from '../../../parts/change-button.tsx';
import { ownTags } from './own-tags.ts';

/** Changes the name, the description and the tags of an experiment. */
export function ChangeExperiment({ experiment }: { readonly experiment: Experiment }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const save = async ({ tags, ...change }: Change) => {
    const set = Object.entries(tags).filter((entry): entry is [string, string] => entry[1] !== null);
    const body = {
      ...change,
      tags: Object.fromEntries(set),
      dropTags: Object.keys(tags).filter((key) => tags[key] === null),
    };
    await client.tracking.updateExperiment({ params: { experiment: experiment.name }, body });
    const { name = experiment.name } = change;
    if (name !== experiment.name) {
      await navigate({ to: '/experiments/$experiment', params: { experiment: name }, replace: true });
    }
    await queries.invalidateQueries({ queryKey: ['tracking'] });
  };
  return (
    <ChangeButton
      title={`Change ${experiment.name}`}
      name={experiment.name}
      maxName={500}
      description={experiment.description ?? ''}
      maxDescription={5000}
      tags={ownTags(experiment.tags)}
      onSave={save}
    />
  );
}
