import { Select, Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { EnvironmentPolicy, ModelVersionSummary } from '#contract';
import { client } from '../../../app/client.ts';
import { span } from '../../../format/times.ts';
import { Answer } from '../../../parts/answer.tsx';
import { DialogButton, DialogForm } from '../../../parts/dialog.tsx';
import { wantsInWords } from './vocabulary.ts';

interface RequestProps {
  readonly model: string;
  readonly policy: EnvironmentPolicy;
  /** Version that is in the environment now. */
  readonly holds: number | null;
}

/** Asks that a version may come into an environment. */
export function RequestButton(props: RequestProps) {
  const title = `Promote a version to ${props.policy.name}`;
  return (
    <DialogButton label="Promote" name={title} title={title}>
      {() => <RequestForm {...props} />}
    </DialogButton>
  );
}

function RequestForm({ model, policy, holds }: RequestProps) {
  const answer = useQuery({
    queryKey: ['registry', 'versions', model, 'newest'],
    queryFn: () => client.registry.listVersions({ params: { model }, query: { limit: 200 } }),
  });
  return (
    <Answer query={answer}>
      {({ versions }) => {
        const others = versions.filter(({ version }) => version !== holds);
        if (others.length === 0) return <p className="dimmed">There is no other version to promote.</p>;
        return <ChosenForm model={model} policy={policy} versions={others} />;
      }}
    </Answer>
  );
}

interface ChosenProps {
  readonly model: string;
  readonly policy: EnvironmentPolicy;
  readonly versions: readonly ModelVersionSummary[];
}

function ChosenForm({ model, policy, versions }: ChosenProps) {
  const [version, setVersion] = useState(String(versions[0]?.version));
  const [comment, setComment] = useState('');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const request = async () => {
    const said = comment.trim();
    const body = { version, environment: policy.name, ...(said === '' ? {} : { comment: said }) };
    const { number } = await client.registry.requestPromotion({ params: { model }, body });
    await queries.invalidateQueries({ queryKey: ['registry'] });
    await navigate({ to: '/models/$model/promotions/$promotion', params: { model, promotion: String(number) } });
  };
  return (
    <DialogForm submit={policy.approvals === 0 ? 'Promote it' : 'Request the promotion'} onSubmit={request}>
      <p className="dimmed">
        It needs {wantsInWords(policy)}
        {policy.approvals > 0 && `; the request expires after ${span(policy.expiresAfterMs)}`}.
      </p>
      <Select
        label="Version"
        value={version}
        onChange={(chosen) => chosen !== null && setVersion(chosen)}
        data={versions.map((one) => ({ value: String(one.version), label: labelOf(one) }))}
      />
      <Textarea
        label="Comment"
        description="Why; kept in the audit log"
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
        autosize
        minRows={2}
        maxRows={8}
      />
    </DialogForm>
  );
}

function labelOf({ version, aliases, gatePassed }: ModelVersionSummary): string {
  const gate = gatePassed === null ? 'no gate' : gatePassed ? 'gate passed' : 'gate failed';
  return [`v${version}`, ...aliases, gate].join(', ');
}
