import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Assessment } from '#contract';
import { client } from '../../app/client.ts';
import { instant } from '../../format/times.ts';
import { Failure } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { shortly } from './shortly.ts';

interface AssessmentsProps {
  readonly trace: string;
  readonly assessments: readonly Assessment[];
}

/** What is thought of a trace, and a way to say what one thinks. */
export function Assessments({ trace, assessments }: AssessmentsProps) {
  return (
    <Panel title="What is thought of it" flush>
      {assessments.length > 0 && (
        <DataTable
          label="Assessments"
          rows={assessments}
          rowKey={(assessment) => assessment.id}
          columns={[
            { id: 'name', header: 'Name', cell: ({ name }) => name },
            { id: 'value', header: 'Value', long: true, cell: (assessment) => valueText(assessment) },
            { id: 'kind', header: 'Kind', cell: ({ kind, valid }) => <Kind kind={kind} valid={valid} /> },
            { id: 'by', header: 'By', cell: ({ source }) => `${SOURCES[source.kind]} ${source.id}`.trim() },
            { id: 'why', header: 'Why', long: true, wide: true, cell: ({ rationale }) => rationale ?? '–' },
            { id: 'at', header: 'When', tight: true, wide: true, cell: ({ createdAtMs }) => instant(createdAtMs) },
          ]}
        />
      )}
      <Opinion trace={trace} isFirst={assessments.length === 0} />
    </Panel>
  );
}

const SOURCES: Readonly<Record<Assessment['source']['kind'], string>> = {
  human: '',
  judge: 'judge',
  code: 'program',
  unknown: '',
};

function Kind({ kind, valid }: { readonly kind: Assessment['kind']; readonly valid: boolean }) {
  return valid ? kind : <Status tone="neutral">{`${kind}, replaced`}</Status>;
}

function valueText({ value, error }: Assessment): string {
  if (error !== null) return 'could not be told';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return shortly(value);
}

function Opinion({ trace, isFirst }: { readonly trace: string; readonly isFirst: boolean }) {
  const queries = useQueryClient();
  const [why, setWhy] = useState('');
  const adding = useMutation({
    mutationFn: (value: boolean) =>
      client.tracing.addAssessment({
        params: { trace },
        body: { name: 'good', value, ...(why.trim() === '' ? {} : { rationale: why.trim() }) },
      }),
    onSuccess: async () => {
      setWhy('');
      await queries.invalidateQueries({ queryKey: ['tracing'] });
    },
  });
  return (
    <div className="opinion">
      {isFirst && <p className="dimmed">Nobody has said anything yet. Was the answer good?</p>}
      <div className="row">
        <TextInput
          aria-label="Why"
          placeholder="Why, if you like"
          value={why}
          onChange={(event) => setWhy(event.currentTarget.value)}
          style={{ flex: '1 1 200px', maxWidth: 480 }}
        />
        <Button variant="default" disabled={adding.isPending} onClick={() => adding.mutate(true)}>
          Good
        </Button>
        <Button variant="default" disabled={adding.isPending} onClick={() => adding.mutate(false)}>
          Not good
        </Button>
      </div>
      {adding.error && <Failure error={adding.error} />}
    </div>
  );
}
