import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../../app/client.ts';
import { DialogButton, DialogForm } from '../../../parts/dialog.tsx';
import { ReasonField } from '../../../parts/reason-field.tsx';

interface DeleteProps {
  readonly model: string;
  /** This version; left out: the model with all of them. */
  readonly version?: number;
}

/** Deletes a version, or a model with its versions, for a reason. */
export function DeleteButton(props: DeleteProps) {
  const { model, version } = props;
  const what = version === undefined ? `${model} with all its versions` : `${model} v${version}`;
  return (
    <DialogButton label="Delete" title={`Delete ${what}`}>
      {() => <DeleteForm {...props} />}
    </DialogButton>
  );
}

function DeleteForm({ model, version }: DeleteProps) {
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const remove = async () => {
    const query = { reason };
    if (version === undefined) {
      await client.registry.deleteModel({ params: { model }, query });
      await navigate({ to: '/models' });
    } else {
      await client.registry.deleteVersion({ params: { model, version: String(version) }, query });
      await navigate({ to: '/models/$model', params: { model } });
    }
    await queries.invalidateQueries({ queryKey: ['registry'] });
  };
  return (
    <DialogForm submit="Delete it" isDangerous onSubmit={remove}>
      <p className="dimmed">It stays under its references in lineage and audit, and nothing brings it back.</p>
      <ReasonField value={reason} onChange={setReason} />
    </DialogForm>
  );
}
