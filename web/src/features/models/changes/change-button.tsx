import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { client } from '../../../app/client.ts';
import { type Change, ChangeButton } from '../../../parts/change-button.tsx';

const MAX_DESCRIPTION = 10_000;

interface ChangeProps {
  readonly model: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Changes the name of a model, its description and its tags. */
export function ChangeModel({ model, description, tags }: ChangeProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const save = async (change: Change) => {
    await client.registry.changeModel({ params: { model }, body: change });
    const { name = model } = change;
    if (name !== model) await navigate({ to: '/models/$model', params: { model: name }, replace: true });
    await queries.invalidateQueries({ queryKey: ['registry'] });
  };
  return (
    <ChangeButton
      title={`Change ${model}`}
      name={model}
      nameHint="References keep the first one"
      maxName={256}
      description={description}
      maxDescription={MAX_DESCRIPTION}
      tags={tags}
      onSave={save}
    />
  );
}

/** Changes the description and the tags of a version. */
export function ChangeVersion({ model, version, ...said }: ChangeProps & { readonly version: number }) {
  const queries = useQueryClient();
  const save = async (change: Change) => {
    await client.registry.changeVersion({ params: { model, version: String(version) }, body: change });
    await queries.invalidateQueries({ queryKey: ['registry'] });
  };
  return (
    <ChangeButton title={`Change ${model} v${version}`} {...said} maxDescription={MAX_DESCRIPTION} onSave={save} />
  );
}
