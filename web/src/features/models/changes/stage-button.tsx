import { Checkbox, Select } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ModelVersion, VersionStage } from '#contract';
import { client } from '../../../app/client.ts';
import { DialogButton, DialogForm } from '../../../parts/dialog.tsx';
import { ReasonField } from '../../../parts/reason-field.tsx';

const STAGES: readonly VersionStage[] = ['None', 'Staging', 'Production', 'Archived'];

/** Moves a version to one of MLflow's stages. */
export function StageButton({ version }: { readonly version: ModelVersion }) {
  return (
    <DialogButton label="Stage" title={`Stage of ${version.model} v${version.version}`}>
      {(close) => <StageForm version={version} onDone={close} />}
    </DialogButton>
  );
}

function StageForm({ version, onDone }: { readonly version: ModelVersion; readonly onDone: () => void }) {
  const [stage, setStage] = useState<VersionStage>(version.stage);
  const [reason, setReason] = useState('');
  const [archives, setArchives] = useState(false);
  const isActive = stage === 'Staging' || stage === 'Production';
  const queries = useQueryClient();
  const move = async () => {
    await client.registry.moveStage({
      params: { model: version.model, version: String(version.version) },
      body: { stage, reason, archiveExisting: isActive && archives },
    });
    await queries.invalidateQueries({ queryKey: ['registry'] });
    onDone();
  };
  return (
    <DialogForm submit="Move it" isDisabled={stage === version.stage} onSubmit={move}>
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
      <ReasonField value={reason} onChange={setReason} />
    </DialogForm>
  );
}
