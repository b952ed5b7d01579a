import { Button, Checkbox, Modal, Select, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ModelVersion, VersionStage } from '#contract';
import { client } from '../../../app/client.ts';
import { Failure } from '../../../parts/answer.tsx';

const STAGES: readonly VersionStage[] = ['None', 'Staging', 'Production', 'Archived'];

/** Moves a version to one of MLflow's stages. */
export function StageButton({ version }: { readonly version: ModelVersion }) {
  const [opened, dialog] = useDisclosure(false);
  return (
    <>
      <Button variant="default" onClick={dialog.open}>
        Stage
      </Button>
      <Modal
        opened={opened}
        onClose={dialog.close}
        title={`Stage of ${version.model} v${version.version}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <StageForm version={version} onDone={dialog.close} />
      </Modal>
    </>
  );
}

function StageForm({ version, onDone }: { readonly version: ModelVersion; readonly onDone: () => void }) {
  const [stage, setStage] = useState<VersionStage>(version.stage);
  const [reason, setReason] = useState('');
  const [archives, setArchives] = useState(false);
  const isActive = stage === 'Staging' || stage === 'Production';
  const queries = useQueryClient();
  const move = useMutation({
    mutationFn: () =>
      client.registry.moveStage({
        params: { model: version.model, version: String(version.version) },
        body: { stage, reason, archiveExisting: isActive && archives },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['registry'] });
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    move.mutate();
  };
  return (
    <form onSubmit={submit} className="stack">
      <Select
        label="Stage"
        description="As clients of MLflow know it; environments are the way with approvals"
        value={stage}
        data={[...STAGES]}
        allowDeselect={false}
        onChange={(chosen) => setStage(STAGES.find((one) => one === chosen) ?? stage)}
      />
      {isActive && (
        <Checkbox
          label={`Versions that are in ${stage} go to Archived`}
          checked={archives}
          onChange={(event) => setArchives(event.currentTarget.checked)}
        />
      )}
      <Textarea
        label="Reason"
        description="Kept in the audit log"
        required
        autosize
        minRows={2}
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {move.error && <Failure error={move.error} />}
      <div>
        <Button type="submit" loading={move.isPending} disabled={stage === version.stage}>
          Move it
        </Button>
      </div>
    </form>
  );
}
